import type { Overlap } from "../plan/plan.ts";

/** How one axis of a stage is cut. */
export interface AxisCut {
  readonly count: number;
  readonly cached: boolean;
}

/** A grid and an overlap mode, as positions in the lists of cuts. */
export interface Variant {
  readonly rows: number;
  readonly columns: number;
  readonly overlap: Overlap;
}

export interface Variants {
  readonly rows: readonly AxisCut[];
  readonly columns: readonly AxisCut[];
  /** All but one patch. */
  readonly variants: readonly Variant[];
}

/** Rows in a strip, columns in a patch: so few that `maxGrid` patches would not get there. */
const thinStrips = [1, 2, 3, 4];

/** Numbers of patches along an axis of so many cells: 1 to `maxGrid`; where overlap is kept also parts of 1 to 4 cells. */
export function patchCounts(size: number, maxGrid: number, cached: boolean): number[] {
  const counts = new Set(Array.from({ length: Math.min(size, maxGrid) }, (_, i) => i + 1));
  if (cached) for (const thin of thinStrips) counts.add(Math.ceil(size / thin));
  return [...counts].sort((a, b) => a - b);
}

/**
 * All grids of a stage whose output has `height` x `width` cells, in all modes that are wanted. What two modes have in common (an axis
 * that is not cut has no overlap) is there once, in the simpler mode.
 */
export function variantsOf(
  height: number,
  width: number,
  { maxGrid, overlaps }: { readonly maxGrid: number; readonly overlaps: readonly Overlap[] },
): Variants {
  const rows: AxisCut[] = [];
  const columns: AxisCut[] = [];
  const variants: Variant[] = [];
  const seen = new Set<string>();
  const positionOf = (list: AxisCut[], cut: AxisCut): number => {
    const found = list.findIndex(({ count, cached }) => count === cut.count && cached === cut.cached);
    return found >= 0 ? found : list.push(cut) - 1;
  };
  const cuts = (size: number, cached: boolean): AxisCut[] =>
    patchCounts(size, maxGrid, cached).map((count) => ({ count, cached: cached && count > 1 }));
  for (const overlap of modes.filter((mode) => overlaps.includes(mode))) {
    const across = overlap === "cacheRows" ? [{ count: 1, cached: false }] : cuts(width, overlap !== "recompute");
    for (const down of cuts(height, overlap === "cacheRows" || overlap === "cacheBoth")) {
      for (const beside of across) {
        const at = { rows: positionOf(rows, down), columns: positionOf(columns, beside) };
        const key = `${at.rows} ${at.columns}`;
        if (down.count * beside.count === 1 || seen.has(key)) continue;
        seen.add(key);
        variants.push({ ...at, overlap });
      }
    }
  }
  return { rows, columns, variants };
}

/** From the simplest. */
const modes: readonly Overlap[] = ["recompute", "cacheRows", "cacheColumns", "cacheBoth"];
