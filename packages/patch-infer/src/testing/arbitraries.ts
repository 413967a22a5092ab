import fc from "fast-check";
import type { Network } from "../network/network.ts";
import { factsOf } from "../plan/facts.ts";
import { finestGrid, stageFault } from "../plan/legal.ts";
import type { Overlap, Plan } from "../plan/plan.ts";
import { planStages, type StageChoice } from "../plan/planStages.ts";
import { networkFromRecipe } from "./build.ts";
import { type RecipeOptions, recipes } from "./recipe.ts";

/** Sizes and kinds of networks that are drawn. */
export type NetworksOptions = RecipeOptions;

/** What plans are drawn. */
export interface PlansOptions {
  /** Default: all four. */
  readonly overlaps?: readonly Overlap[];
  /** Most stages that are cut into patches. Default 3. */
  readonly maxStages?: number;
}

/** A network and a plan for it. */
export interface PlannedNetwork {
  readonly network: Network;
  readonly plan: Plan;
}

/**
 * fast-check arbitrary of CNNs with random weights: convolutions of all shapes (strides, dilations, groups, lopsided padding, windows
 * larger than the image), residual blocks, long connections, concatenations, pooling, resizing, padding, reshaping, squeeze and
 * excite; one or two inputs, one or two outputs; images of 1 to 40 rows and columns, float32 or int8. Shrinks to fewer blocks and smaller images.
 */
export function networks(options: NetworksOptions = {}): fc.Arbitrary<Network> {
  return recipes(options).map(networkFromRecipe);
}

/**
 * fast-check arbitrary of plans for a network: legal stages with any grid up to one row or column per patch, all ways to deal with
 * overlap, all input and output modes, in place or not. Shrinks to fewer stages and patches.
 */
export function plans(network: Network, options: PlansOptions = {}): fc.Arbitrary<Plan> {
  const { overlaps = ["recompute", "cacheColumns", "cacheRows", "cacheBoth"], maxStages = 3 } = options;
  const facts = factsOf(network);
  const spans = legalSpans(network);
  const patches = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.constant(1000) },
  );
  const stage = fc.record({
    span: fc.nat(Math.max(0, spans.length - 1)),
    rows: patches,
    columns: patches,
    overlap: fc.constantFrom(...overlaps),
  });
  const planning = fc.record({
    input: fc.constantFrom("external" as const, "resident" as const, "callback" as const),
    output: fc.constantFrom("external" as const, "resident" as const),
    inPlace: fc.boolean(),
    accumulateIntoResidual: fc.boolean(),
    align: fc.constantFrom(4 as const, 1 as const, 8 as const, 16 as const),
  });
  return fc.tuple(fc.array(stage, { maxLength: spans.length === 0 ? 0 : maxStages }), planning).map(([drawn, rest]) => {
    const stages: StageChoice[] = [];
    const choices = drawn.map((each) => ({ ...each, ...(spans[each.span] as { first: number; end: number }) }));
    for (const { first, end, rows, columns, overlap } of choices.toSorted((a, b) => a.first - b.first)) {
      if (first < (stages.at(-1)?.end ?? 0)) continue;
      const most = finestGrid(facts, first, end, overlap);
      const grid = { rows: Math.min(rows, most.rows), columns: Math.min(columns, most.columns) };
      stages.push({ first, end, grid, overlap });
    }
    return planStages(network, { ...rest, stages });
  });
}

/** fast-check arbitrary of networks, each with a plan. */
export function plannedNetworks(options: NetworksOptions & PlansOptions = {}): fc.Arbitrary<PlannedNetwork> {
  return networks(options).chain((network) => plans(network, options).map((plan) => ({ network, plan })));
}

/** All runs of layers that may be one stage, short ones first. */
function legalSpans(network: Network): readonly { readonly first: number; readonly end: number }[] {
  const facts = factsOf(network);
  const count = network.layers.length;
  const spans: { first: number; end: number }[] = [];
  for (let length = 1; length <= count; length++) {
    for (let first = 0; first + length <= count; first++) {
      if (stageFault(facts, first, first + length) === undefined) spans.push({ first, end: first + length });
    }
  }
  return spans;
}
