import { liveBytes } from "./draft.ts";
import { type Rectangle, lowerBound, pack } from "./packing.ts";
import type { DraftBuffer } from "./scratchBlocks.ts";

/**
 * Lets depthwise convolutions write beside their input where neither the arena nor the most bytes alive grow by it: in place
 * they go a few channels at a time, which is slower. All of them at once if that fits, otherwise the largest first, one by one.
 */
export function relaxInPlace(buffers: readonly DraftBuffer[], moments: number, align: number): readonly DraftBuffer[] {
  const bound = lowerBound(rectanglesOf(buffers));
  const live = liveBytes(buffers, moments);
  const candidates = inPlacePairs(buffers).filter(
    ({ scratch, output }) => (live[scratch.first] ?? 0) - scratch.bytes + output.bytes <= bound,
  );
  if (candidates.length === 0) return buffers;

  const arena = pack(rectanglesOf(buffers), align).bytes;
  const fits = (some: readonly DraftBuffer[]): boolean => pack(rectanglesOf(some), align).bytes <= arena;
  const all = candidates.reduce(beside, buffers);
  if (fits(all)) return all;
  return candidates
    .toSorted((a, b) => b.output.bytes - a.output.bytes || a.output.first - b.output.first)
    .reduce((kept: readonly DraftBuffer[], candidate) => {
      const fewer = beside(kept, candidate);
      return fits(fewer) ? fewer : kept;
    }, buffers);
}

/** What packing needs to know of buffers. */
export function rectanglesOf(buffers: readonly DraftBuffer[]): Rectangle[] {
  const position = new Map(buffers.map(({ name }, i) => [name, i]));
  return buffers.map(({ first, last, bytes, takesOver }) => ({
    first,
    last,
    bytes,
    over: takesOver === undefined ? undefined : position.get(takesOver),
  }));
}

/** A depthwise convolution in place: its scratch, and its output, which takes over the input's buffer. */
export interface InPlacePair {
  readonly scratch: DraftBuffer;
  readonly output: DraftBuffer;
}

export function inPlacePairs(buffers: readonly DraftBuffer[]): InPlacePair[] {
  return buffers.flatMap((scratch) => {
    if (scratch.role !== "scratch") return [];
    const output = buffers.find(
      ({ role, map, first, takesOver }) =>
        role !== "scratch" && map === scratch.map && first === scratch.first && takesOver !== undefined,
    );
    return output === undefined ? [] : [{ scratch, output }];
  });
}

/** The buffers if this convolution writes beside its input. */
export function beside(buffers: readonly DraftBuffer[], { scratch, output }: InPlacePair): readonly DraftBuffer[] {
  return buffers.flatMap((buffer) => {
    if (buffer === scratch) return [];
    if (buffer !== output) return [buffer];
    const { takesOver: _, ...apart } = buffer;
    return [apart];
  });
}
