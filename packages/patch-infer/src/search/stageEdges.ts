import { walkAxis } from "../plan/axisParts.ts";
import type { NetworkFacts } from "../plan/facts.ts";
import { beginnings, finestGrid, stageFault } from "../plan/legal.ts";
import { residualOf } from "../plan/takeOver.ts";
import type { StageCosts } from "../plan/stageCost.ts";
import type { Grid, Overlap, PlanOptions } from "../plan/plan.ts";
import { walksOf } from "../plan/choices.ts";

import { type AxisTable, axisTable } from "./axisTable.ts";
import type { Cost } from "./cheapestPaths.ts";
import type { Slots } from "./slots.ts";
import { Staircase } from "./staircase.ts";
import { StageSweep } from "./stageSweep.ts";
import { type AxisCut, variantsOf } from "./variants.ts";

/** A stage and what it costs. */
export interface StageCost extends Cost {
  readonly first: number;
  readonly end: number;
  readonly grid: Grid;
  readonly overlap: Overlap;
}

/** Which stages are looked at. */
export interface StageSpace {
  readonly maxGrid: number;
  readonly overlaps: readonly Overlap[];
  /** Stages of patches begin at the first layer. */
  readonly fromStart: boolean;
  /** Stages with a larger peak are left out. */
  readonly maxPeakBytes: number;
}

const whole: Grid = { rows: 1, columns: 1 };

/** Layers that run by themselves on the whole image: one, or a convolution with the addition that is carried out with it. */
export function wholeStages(facts: NetworkFacts, end: number, costs: StageCosts, options: PlanOptions): StageCost[] {
  return (
    options.accumulateIntoResidual && end > 1 && residualOf(facts, end - 2) !== undefined
      ? [end - 1, end - 2]
      : [end - 1]
  ).flatMap((first) => {
    if (end - first > 1 && stageFault(facts, first, end) !== undefined) return [];
    const walks = walksOf(facts, { first, end, grid: whole, overlap: "recompute" });
    const cost = costs.cost(first, walks);
    const calls = costs.decide(first, walks).merged[first] === 1 ? 1 : end - first;
    return [{ first, end, grid: whole, overlap: "recompute" as const, ...cost, calls }];
  });
}

/** The stages of more than one patch that end at a layer: by first layer, what cannot be beaten. */
export function patchStages(
  facts: NetworkFacts,
  slots: Slots,
  end: number,
  { maxGrid, overlaps, fromStart, maxPeakBytes }: StageSpace,
): Map<number, readonly StageCost[]> {
  const lowest = beginnings(facts, end)?.lowest;
  const found = new Map<number, Staircase<StageCost>>();
  if (lowest === undefined || (fromStart && lowest > 0)) return new Map();
  const finest = finestGrid(facts, lowest, end, "recompute");
  const { rows, columns, variants } = variantsOf(finest.rows, finest.columns, { maxGrid, overlaps });
  const tables = (axis: "rows" | "columns", cuts: readonly AxisCut[]): AxisTable[] =>
    cuts.map((cut) => axisTable(facts, slots, walkAxis(facts, { ...cut, axis, first: lowest, end })));
  const [down, across] = [tables("rows", rows), tables("columns", columns)];
  const sweep = new StageSweep(slots, lowest, end);
  for (const { rows: i, columns: j, overlap } of variants) {
    const grid = { rows: down[i]!.count, columns: across[j]!.count };
    sweep.run(down[i]!, across[j]!, (first, peakBytes, macs, calls) => {
      if (peakBytes > maxPeakBytes || (fromStart && first > 0)) return;
      const stairs = found.get(first) ?? new Staircase<StageCost>();
      found.set(first, stairs);
      if (stairs.accepts(peakBytes, macs, calls)) stairs.add({ first, end, grid, overlap, peakBytes, macs, calls });
    });
  }
  return new Map([...found].map(([first, { choices }]) => [first, choices]));
}
