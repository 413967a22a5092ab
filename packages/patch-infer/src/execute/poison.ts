import { isEmpty } from "../base/interval.ts";
import type { Interval } from "../base/interval.ts";
import type { ArenaBuffer, Plan } from "../plan/plan.ts";

/** Fills dead bytes. As float32 3.4e38, as int8 127: whoever reads them makes a result that cannot be overlooked. */
export const poisonByte = 0x7f;

/**
 * By moment, the ranges of the arena that hold nothing which the step may read: all bytes but those of buffers that are alive
 * since before. Buffers that live on from patch to patch are never in them once their stage has begun.
 */
export function deadRanges(plan: Plan): readonly (readonly Interval[])[] {
  return plan.moments.map((moment, at) => {
    const begins = plan.moments.findIndex((each) => each.stage === moment.stage);
    const ends = plan.moments.findLastIndex((each) => each.stage === moment.stage);
    const holds = (buffer: ArenaBuffer): boolean => {
      if (buffer.first > at || buffer.last < at) return false;
      const wholeStage = buffer.first <= begins && buffer.last >= ends;
      if (buffer.role === "scratch") return false;
      // What is written by this very step was not there before, unless it takes over what is read.
      return buffer.first < at || wholeStage || buffer.role === "map" || buffer.takesOver !== undefined;
    };
    return complement(
      plan.buffers.filter(holds).map(({ offset, bytes }) => ({ start: offset, end: offset + bytes })),
      plan.arenaBytes,
    );
  });
}

/** What of [0, size) lies in none of the ranges. */
function complement(ranges: readonly Interval[], size: number): readonly Interval[] {
  const gaps: Interval[] = [];
  let at = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    gaps.push({ start: at, end: start });
    at = Math.max(at, end);
  }
  return [...gaps, { start: at, end: size }].filter((gap) => !isEmpty(gap));
}

export function poison(arena: Uint8Array, ranges: readonly Interval[]): void {
  for (const { start, end } of ranges) arena.fill(poisonByte, start, end);
}
