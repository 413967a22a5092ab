import { type Shape, outputSize } from "./shapes.ts";

/** A shape, and numbers for it. */
export interface ConvolutionCase {
  readonly shape: Shape;
  readonly x: Float32Array;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** What one writes first: nested loops over typed arrays, channels last. The first `rows` rows of the output. */
export function naiveConvolution({ shape, x, weights, bias }: ConvolutionCase, y: Float32Array, rows: number): void {
  const { kind, size, inputs, outputs, kernel, stride } = shape;
  const out = outputSize(shape);
  const pad = Math.floor(kernel / 2);
  const isDepthwise = kind === "depthwiseConv2d";
  for (let oy = 0; oy < rows; oy++) {
    for (let ox = 0; ox < out; ox++) {
      for (let o = 0; o < outputs; o++) {
        let sum = bias[o] as number;
        for (let ky = 0; ky < kernel; ky++) {
          const iy = oy * stride - pad + ky;
          if (iy < 0 || iy >= size) continue;
          for (let kx = 0; kx < kernel; kx++) {
            const ix = ox * stride - pad + kx;
            if (ix < 0 || ix >= size) continue;
            const from = (iy * size + ix) * inputs;
            if (isDepthwise) {
              sum += (x[from + o] as number) * (weights[(ky * kernel + kx) * outputs + o] as number);
            } else {
              const weight = ((o * kernel + ky) * kernel + kx) * inputs;
              for (let c = 0; c < inputs; c++) sum += (x[from + c] as number) * (weights[weight + c] as number);
            }
          }
        }
        y[(oy * out + ox) * outputs + o] = sum;
      }
    }
  }
}
