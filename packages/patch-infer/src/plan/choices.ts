import { PatchInferError } from "../base/errors.ts";
import { walkAxis } from "./axisParts.ts";
import type { NetworkFacts } from "./facts.ts";
import { checkRange, stageFault } from "./legal.ts";
import type { Grid, Overlap, PlanOptions } from "./plan.ts";
import { type StageWalks, cachedAxes } from "./stageCost.ts";
import { residualOf } from "./takeOver.ts";

/** Layers `first`, …, `end - 1`, patch by patch. */
export interface StageChoice {
  readonly first: number;
  readonly end: number;
  /** Patches of the stage's output; default 1 x 1. */
  readonly grid?: Grid;
  /** Default recompute. */
  readonly overlap?: Overlap;
}

/** Both axes of a stage, walked no further than the stage begins. */
export function walksOf(facts: NetworkFacts, { first, end, grid, overlap }: Required<StageChoice>): StageWalks {
  const cached = cachedAxes(overlap);
  return {
    rows: walkAxis(facts, { first, end, axis: "rows", count: grid.rows, cached: cached.rows }),
    columns: walkAxis(facts, { first, end, axis: "columns", count: grid.columns, cached: cached.columns }),
  };
}

/** Fills the gaps between stages with layers that run by themselves. */
export function allStages(
  facts: NetworkFacts,
  stages: readonly StageChoice[],
  options: PlanOptions,
): Required<StageChoice>[] {
  const all: Required<StageChoice>[] = [];
  let at = 0;
  for (const { first, end, grid = { rows: 1, columns: 1 }, overlap = "recompute" } of stages) {
    checkRange(facts, first, end);
    if (first < at) throw new PatchInferError("ILLEGAL_SPLIT", `a stage begins at layer ${first}, inside another one`);
    all.push(...aloneStages(facts, at, first, options), { first, end, grid, overlap });
    at = end;
  }
  return [...all, ...aloneStages(facts, at, facts.layers.length, options)];
}

/** Layers that run by themselves. A convolution that may add at once runs with its addition. */
export function aloneStages(
  facts: NetworkFacts,
  first: number,
  end: number,
  options: PlanOptions,
): Required<StageChoice>[] {
  const all: Required<StageChoice>[] = [];
  let at = first;
  while (at < end) {
    const adds =
      options.accumulateIntoResidual &&
      at + 2 <= end &&
      residualOf(facts, at) !== undefined &&
      stageFault(facts, at, at + 2) === undefined;
    all.push({ first: at, end: at + (adds ? 2 : 1), grid: { rows: 1, columns: 1 }, overlap: "recompute" });
    at += adds ? 2 : 1;
  }
  return all;
}
