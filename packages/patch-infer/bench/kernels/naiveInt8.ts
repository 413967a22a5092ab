import { type Shape, outputSize } from "./shapes.ts";

export interface NaiveInt8 {
  readonly x: Int8Array;
  readonly weights: Int8Array;
  readonly y: Int8Array;
  /** From sums to codes. */
  readonly factor: number;
  readonly from: number;
  readonly to: number;
  /** So many rows of the output, from the uppermost on. */
  readonly rows: number;
}

/** What one writes first: nested loops over typed arrays, channels last, one rounding in doubles. */
export function naiveInt8Convolution(shape: Shape, data: NaiveInt8): void {
  if (shape.kind === "conv2d") convolution(shape, data);
  else depthwise(shape, data);
}

function convolution(shape: Shape, { x, weights, y, factor, from, to, rows }: NaiveInt8): void {
  const { size, inputs, outputs, kernel, stride } = shape;
  const out = outputSize(shape);
  const pad = Math.floor(kernel / 2);
  for (let oy = 0; oy < Math.min(out, rows); oy++) {
    for (let ox = 0; ox < out; ox++) {
      for (let o = 0; o < outputs; o++) {
        let sum = 0;
        for (let ky = 0; ky < kernel; ky++) {
          const iy = oy * stride - pad + ky;
          if (iy < 0 || iy >= size) continue;
          for (let kx = 0; kx < kernel; kx++) {
            const ix = ox * stride - pad + kx;
            if (ix < 0 || ix >= size) continue;
            const at = (iy * size + ix) * inputs;
            const weight = ((o * kernel + ky) * kernel + kx) * inputs;
            for (let c = 0; c < inputs; c++) sum += ((x[at + c] as number) - from) * (weights[weight + c] as number);
          }
        }
        y[(oy * out + ox) * outputs + o] = Math.max(-128, Math.min(127, Math.round(sum * factor) + to));
      }
    }
  }
}

function depthwise(shape: Shape, { x, weights, y, factor, from, to, rows }: NaiveInt8): void {
  const { size, inputs, kernel, stride } = shape;
  const out = outputSize(shape);
  const pad = Math.floor(kernel / 2);
  for (let oy = 0; oy < Math.min(out, rows); oy++) {
    for (let ox = 0; ox < out; ox++) {
      for (let o = 0; o < inputs; o++) {
        let sum = 0;
        for (let ky = 0; ky < kernel; ky++) {
          const iy = oy * stride - pad + ky;
          if (iy < 0 || iy >= size) continue;
          for (let kx = 0; kx < kernel; kx++) {
            const ix = ox * stride - pad + kx;
            if (ix < 0 || ix >= size) continue;
            const code = x[(iy * size + ix) * inputs + o] as number;
            sum += (code - from) * (weights[(ky * kernel + kx) * inputs + o] as number);
          }
        }
        y[(oy * out + ox) * inputs + o] = Math.max(-128, Math.min(127, Math.round(sum * factor) + to));
      }
    }
  }
}
