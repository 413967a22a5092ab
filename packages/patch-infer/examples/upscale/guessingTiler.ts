import { type Network, PatchExecutor, planLayers } from "@parsimony/patch-infer";
import { type Picture, picture, readBox, writeBox } from "./image.ts";

/**
 * What tiled upscalers do: cut the picture into tiles, take each with a border of `border` pixels that somebody guessed, run the whole
 * network on it as if it were a picture of its own, and throw the border away.
 */
export function tileByGuess(
  input: Picture,
  tile: number,
  border: number,
  networkFor: (height: number, width: number) => Network,
): { readonly output: Picture; readonly arenaBytes: number } {
  const output = picture(2 * input.height, 2 * input.width);
  const executors = new Map<string, PatchExecutor>();
  let arenaBytes = 0;
  for (let top = 0; top < input.height; top += tile) {
    for (let left = 0; left < input.width; left += tile) {
      const inner = { rows: side(top, tile, input.height), columns: side(left, tile, input.width) };
      const outer = {
        rows: widened(inner.rows, border, input.height),
        columns: widened(inner.columns, border, input.width),
      };
      const [height, width] = [outer.rows.end - outer.rows.start, outer.columns.end - outer.columns.start];
      const key = `${height} x ${width}`;
      let executor = executors.get(key);
      if (executor === undefined) {
        const network = networkFor(height, width);
        executor = new PatchExecutor(network, planLayers(network));
        executors.set(key, executor);
      }
      arenaBytes = Math.max(arenaBytes, executor.arenaBytes);
      const cells = new Float32Array(height * width * 3);
      readBox(input, outer, cells);
      const pixels = executor.runSingle(cells).dataSync() as Float32Array;
      const large = { height: 2 * height, width: 2 * width, pixels };
      const within = {
        rows: doubled(inner.rows, outer.rows.start),
        columns: doubled(inner.columns, outer.columns.start),
      };
      const kept = new Float32Array(
        3 * (within.rows.end - within.rows.start) * (within.columns.end - within.columns.start),
      );
      readBox(large, within, kept);
      writeBox(output, { rows: doubled(inner.rows, 0), columns: doubled(inner.columns, 0) }, kept);
    }
  }
  return { output, arenaBytes };
}

interface Side {
  readonly start: number;
  readonly end: number;
}

function side(start: number, length: number, size: number): Side {
  return { start, end: Math.min(start + length, size) };
}

function widened({ start, end }: Side, border: number, size: number): Side {
  return { start: Math.max(0, start - border), end: Math.min(size, end + border) };
}

function doubled({ start, end }: Side, origin: number): Side {
  return { start: 2 * (start - origin), end: 2 * (end - origin) };
}
