import { type Model, networkOf } from "../lower/networkOf.ts";
import { type StageChoice, allStages, walksOf } from "./choices.ts";
import { type Draft, alignment, draftPlan, liveBytes, stagesOf } from "./draft.ts";
import { type NetworkFacts, factsOf } from "./facts.ts";
import { networkFingerprint } from "./fingerprint.ts";
import { checkStage, endOf } from "./legal.ts";
import { lowerBound, pack } from "./packing.ts";
import type { Grid, Overlap, Plan, PlanOptions } from "./plan.ts";
import { type PlanningOptions, planOptions } from "./planningOptions.ts";
import { rectanglesOf, relaxInPlace } from "./relaxInPlace.ts";
import { raiseBlocks } from "./scratchBlocks.ts";
import { stageMacs } from "./stageCost.ts";

export { type StageChoice, walksOf } from "./choices.ts";
export { type PlanningOptions, planOptions } from "./planningOptions.ts";

export interface PlanStagesOptions extends PlanningOptions {
  /** Stages in order. Layers in none of them run by themselves, on the whole image. */
  readonly stages: readonly StageChoice[];
}

export interface PlanPatchesOptions extends PlanningOptions {
  /** Where the patches end: the map that they make, or how many layers come before. */
  readonly split: string | number;
  readonly grid: Grid;
  /** Default recompute. */
  readonly overlap?: Overlap;
}

/**
 * A plan with one stage of patches from the input to `split`, then layer by layer (MCUNetV2, Lin et al. 2021, section 3.1).
 *
 * @throws PatchInferError as `planStages`
 */
export function planPatches(model: Model, options: PlanPatchesOptions): Plan {
  const { split, grid, overlap = "recompute", ...rest } = options;
  const network = networkOf(model);
  const end = typeof split === "number" ? split : endOf(factsOf(network), split);
  return planStages(network, { ...rest, stages: [{ first: 0, end, grid, overlap }] });
}

/** The plan that runs layer by layer, each on the whole image. @throws PatchInferError OPTION */
export function planLayers(model: Model, options: PlanningOptions = {}): Plan {
  return planStages(model, { ...options, stages: [] });
}

/**
 * A plan with any number of stages; layers in none of them run by themselves on the whole image.
 *
 * @throws PatchInferError ILLEGAL_SPLIT for stages out of order, or one from which more than its last map is used afterwards;
 *   GLOBAL_OP_IN_STAGE for a stage with a layer that needs its whole input; GRID_TOO_FINE for more patches than rows or columns;
 *   OPTION for other options outside their domain
 */
export function planStages(model: Model, options: PlanStagesOptions): Plan {
  const { stages, ...rest } = options;
  const facts = factsOf(networkOf(model));
  const own = planOptions(rest);
  const choices = allStages(facts, stages, own);
  for (const choice of choices) checkStage(facts, choice);
  return arrange(facts, draftPlan(facts, choices, own), own);
}

/** Gives every buffer its place. */
function arrange(facts: NetworkFacts, draft: Draft, options: PlanOptions): Plan {
  const align = alignment(facts, draft.buffers, options);
  const buffers = relaxInPlace(draft.buffers, draft.moments.length, align);
  const rectangles = rectanglesOf(buffers);
  const { offsets, bytes: arenaBytes } = pack(rectangles, align);
  buffers.forEach((buffer, i) => {
    buffer.offset = offsets[i] ?? 0;
  });
  const lowerBoundBytes = lowerBound(rectangles);
  const channelBlocks = raiseBlocks(facts, buffers, { align, arenaBytes, lowerBoundBytes });
  return finish(facts, { ...draft, buffers }, options, { arenaBytes, channelBlocks });
}

/** The plan of a draft whose buffers have their places. */
export function finish(
  facts: NetworkFacts,
  draft: Draft,
  options: PlanOptions,
  { arenaBytes, channelBlocks }: { arenaBytes: number; channelBlocks: ReadonlyMap<string, number> },
): Plan {
  const { network } = facts;
  const live = liveBytes(draft.buffers, draft.moments.length);
  return {
    version: 1,
    network: network.name,
    fingerprint: networkFingerprint(network),
    options,
    stages: stagesOf(facts, draft, channelBlocks),
    buffers: draft.buffers.map((buffer) => ({ ...buffer })),
    moments: draft.moments.map((moment, i) => ({ ...moment, liveBytes: live[i] ?? 0 })),
    arenaBytes,
    lowerBoundBytes: Math.max(0, ...live),
    macs: {
      network: networkMacs(facts),
      plan: draft.stages.reduce((sum, { macs }) => sum + macs, 0),
      virtual: draft.stages.reduce((sum, { virtualMacs }) => sum + virtualMacs, 0),
    },
  };
}

/** Multiply-accumulates of the network layer by layer. */
export function networkMacs(facts: NetworkFacts): number {
  let macs = 0;
  for (const { index } of facts.layers) {
    const alone = { first: index, end: index + 1, grid: { rows: 1, columns: 1 }, overlap: "recompute" } as const;
    macs += stageMacs(facts, index, walksOf(facts, alone)).macs;
  }
  return macs;
}
