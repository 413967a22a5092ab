/**
 * TFLite's operators on images, written from their definitions in loops over [height, width, channels]: what readTflite,
 * which moves channels to the front, is compared with. Sums are taken in doubles.
 */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: ArrayLike<number>;
}

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly same: boolean;
}

export function at({ height, width, channels, data }: Image, y: number, x: number, c: number): number | undefined {
  if (y < 0 || x < 0 || y >= height || x >= width) return undefined;
  return data[(y * width + x) * channels + c];
}

/** Length of the output, and cells of padding before the input. */
export function along(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  same: boolean,
): readonly [output: number, before: number] {
  const extent = (kernel - 1) * dilation + 1;
  if (!same) return [Math.floor((size - extent) / stride) + 1, 0];
  const output = Math.floor((size + stride - 1) / stride);
  return [output, Math.floor(Math.max(0, (output - 1) * stride + extent - size) / 2)];
}

/** Visits the cells of the window of each output cell: `take` gets the input's position and that in the kernel. */
function windows(
  image: Image,
  { kernel, strides, dilations, same }: Window,
  cell: (y: number, x: number, each: (take: (iy: number, ix: number, ky: number, kx: number) => void) => void) => void,
): readonly [number, number] {
  const [rows, top] = along(image.height, kernel[0], strides[0], dilations[0], same);
  const [columns, left] = along(image.width, kernel[1], strides[1], dilations[1], same);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      cell(y, x, (take) => {
        for (let ky = 0; ky < kernel[0]; ky++) {
          for (let kx = 0; kx < kernel[1]; kx++) {
            const [iy, ix] = [y * strides[0] - top + ky * dilations[0], x * strides[1] - left + kx * dilations[1]];
            if (at(image, iy, ix, 0) !== undefined) take(iy, ix, ky, kx);
          }
        }
      });
    }
  }
  return [rows, columns];
}

/** Weights [out, kernel height, kernel width, channels / groups]. */
export function conv2d(
  image: Image,
  weights: ArrayLike<number>,
  out: number,
  perGroup: number,
  bias: ArrayLike<number>,
  window: Window,
): Image {
  const data: number[] = [];
  const [kh, kw] = window.kernel;
  const perOutput = out / (image.channels / perGroup);
  const [height, width] = windows(image, window, (_y, _x, each) => {
    for (let o = 0; o < out; o++) {
      let sum = bias[o] ?? 0;
      const first = Math.floor(o / perOutput) * perGroup;
      each((iy, ix, ky, kx) => {
        for (let c = 0; c < perGroup; c++) {
          sum +=
            (at(image, iy, ix, first + c) as number) * (weights[((o * kh + ky) * kw + kx) * perGroup + c] as number);
        }
      });
      data.push(sum);
    }
  });
  return { height, width, channels: out, data };
}

/** Weights [1, kernel height, kernel width, channels * multiplier]. */
export function depthwise(
  image: Image,
  weights: ArrayLike<number>,
  multiplier: number,
  bias: ArrayLike<number>,
  window: Window,
): Image {
  const data: number[] = [];
  const out = image.channels * multiplier;
  const [height, width] = windows(image, window, (_y, _x, each) => {
    for (let c = 0; c < image.channels; c++) {
      for (let m = 0; m < multiplier; m++) {
        const o = c * multiplier + m;
        let sum = bias[o] ?? 0;
        each((iy, ix, ky, kx) => {
          sum += (at(image, iy, ix, c) as number) * (weights[(ky * window.kernel[1] + kx) * out + o] as number);
        });
        data.push(sum);
      }
    }
  });
  return { height, width, channels: out, data };
}

/** Averages divide by the number of cells inside of the image. */
export function pool(image: Image, kind: "max" | "average", window: Window): Image {
  const data: number[] = [];
  const [height, width] = windows(image, window, (_y, _x, each) => {
    for (let c = 0; c < image.channels; c++) {
      const cells: number[] = [];
      each((iy, ix) => cells.push(at(image, iy, ix, c) as number));
      data.push(kind === "max" ? Math.max(...cells) : cells.reduce((a, b) => a + b, 0) / cells.length);
    }
  });
  return { height, width, channels: image.channels, data };
}

/** Every input cell stamps its kernel on an output of the size that was asked for; weights [out, kh, kw, channels]. */
export function transposeConv(
  image: Image,
  weights: ArrayLike<number>,
  out: number,
  bias: ArrayLike<number>,
  size: readonly [number, number],
  { kernel, strides, same }: Window,
): Image {
  const data = new Float64Array(size[0] * size[1] * out);
  for (let i = 0; i < data.length; i++) data[i] = bias[i % out] ?? 0;
  const [, top] = along(size[0], kernel[0], strides[0], 1, same);
  const [, left] = along(size[1], kernel[1], strides[1], 1, same);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      for (let ky = 0; ky < kernel[0]; ky++) {
        for (let kx = 0; kx < kernel[1]; kx++) {
          const [oy, ox] = [y * strides[0] - top + ky, x * strides[1] - left + kx];
          if (oy < 0 || ox < 0 || oy >= size[0] || ox >= size[1]) continue;
          for (let o = 0; o < out; o++) {
            for (let c = 0; c < image.channels; c++) {
              const weight = weights[((o * kernel[0] + ky) * kernel[1] + kx) * image.channels + c] as number;
              data[(oy * size[1] + ox) * out + o]! += weight * (at(image, y, x, c) as number);
            }
          }
        }
      }
    }
  }
  return { height: size[0], width: size[1], channels: out, data };
}

/** As TFLite's reference kernels do it; rounding to the nearest takes halves away from zero. */
export function resize(
  image: Image,
  size: readonly [number, number],
  kind: "nearest" | "bilinear",
  mode: "none" | "alignCorners" | "halfPixelCenters",
): Image {
  const data: number[] = [];
  const place = (o: number, from: number, to: number): number => {
    const scale = mode === "alignCorners" && to > 1 ? (from - 1) / (to - 1) : from / to;
    if (kind === "bilinear") return mode === "halfPixelCenters" ? (o + 0.5) * scale - 0.5 : o * scale;
    const value = (o + (mode === "halfPixelCenters" ? 0.5 : 0)) * scale;
    return Math.min(Math.max(mode === "alignCorners" ? Math.round(value) : Math.floor(value), 0), from - 1);
  };
  for (let y = 0; y < size[0]; y++) {
    for (let x = 0; x < size[1]; x++) {
      const [py, px] = [place(y, image.height, size[0]), place(x, image.width, size[1])];
      const [y0, x0] = [Math.max(Math.floor(py), 0), Math.max(Math.floor(px), 0)];
      const [y1, x1] = [Math.min(y0 + 1, image.height - 1), Math.min(x0 + 1, image.width - 1)];
      const [v, u] = [Math.max(py - y0, 0), Math.max(px - x0, 0)];
      for (let c = 0; c < image.channels; c++) {
        const cell = (cy: number, cx: number): number => at(image, cy, cx, c) as number;
        data.push(
          (1 - v) * ((1 - u) * cell(y0, x0) + u * cell(y0, x1)) + v * ((1 - u) * cell(y1, x0) + u * cell(y1, x1)),
        );
      }
    }
  }
  return { height: size[0], width: size[1], channels: image.channels, data };
}
