import type { PoolStage } from "./stages.ts";

/** Where images stand: height and width of their fields, and floats in an element. */
export interface PoolFields {
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  readonly lanes: number;
}

/** The largest element of each window, from one field to another; positions count floats. NaN wins. */
export function maxPool(
  floats: Float32Array,
  from: number,
  to: number,
  { output: [channels, height, width], kernel, strides }: PoolStage,
  { input, output, lanes }: PoolFields,
): void {
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const corner = from + ((c * input[0] + i * strides[0]) * input[1] + j * strides[1]) * lanes;
        const out = to + ((c * output[0] + i) * output[1] + j) * lanes;
        for (let lane = 0; lane < lanes; lane++) {
          let most = Number.NEGATIVE_INFINITY;
          for (let a = 0; a < kernel[0]; a++) {
            const row = corner + a * input[1] * lanes + lane;
            for (let b = 0; b < kernel[1]; b++) most = Math.max(most, floats[row + b * lanes] as number);
          }
          floats[out + lane] = most;
        }
      }
    }
  }
}
