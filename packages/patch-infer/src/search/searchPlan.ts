import { PatchInferError } from "../base/errors.ts";
import { type Model, networkOf } from "../lower/networkOf.ts";
import type { Network } from "../network/network.ts";
import type { Plan, PlanOptions } from "../plan/plan.ts";
import { type StageChoice, planLayers, planOptions, planStages } from "../plan/planStages.ts";
import type { CheapestPath } from "./cheapestPaths.ts";
import { planFronts } from "./planFront.ts";
import { type SearchPlanOptions, type SearchProgress, type SearchSettings, searchSettings } from "./searchOptions.ts";
import type { StageCost } from "./stageEdges.ts";

/** A plan that no other one of the search space beats in both memory and computation. */
export interface PlanPoint {
  /** The most bytes alive at one moment: `lowerBoundBytes` of the plan. Its arena may be a little larger. */
  readonly peakBytes: number;
  readonly macs: number;
  /** `macs` by the network's, minus 1. */
  readonly overhead: number;
  /** All stages of the plan, layers that run by themselves included. */
  readonly stages: readonly Required<StageChoice>[];
  /** Builds the plan, or gives the one that was built before. */
  plan(): Plan;
}

export interface SearchPlanResult {
  readonly best: Plan;
  /** From the smallest peak, with the most multiply-accumulates, to the fewest multiply-accumulates. */
  readonly pareto: readonly PlanPoint[];
  /** Every layer by itself on the whole image. */
  readonly perLayer: Plan;
}

/**
 * The best plan, and all plans that trade memory for computation best. Exact: of all ways to divide the layers into legal stages, with all
 * grids up to `maxGrid` patches along each axis (where overlap is kept also patches of 1 to 4 rows or columns) in all overlap modes, none
 * has a smaller peak at no more multiply-accumulates. Of plans that are equal in both, the one with the fewest runs of kernels.
 *
 * Peaks are compared as bytes alive at one moment, which is what a perfect arrangement in the arena needs. `memoryBudget` is held by the
 * arena itself: plans that miss it after packing are passed over. Never gives a plan with a larger arena than `perLayer`.
 *
 * After msf-CNN (Huang et al. 2025), whose graph it extends by grids, overlap modes, branches and overwriting in place.
 *
 * @throws PatchInferError OPTION; BUDGET_INFEASIBLE with the smallest arena (`smallestPeakBytes`) and its `plan`; as `toNetwork` for a
 *   graph. The reason of `signal` when it is aborted.
 */
export function searchPlan(model: Model, options: SearchPlanOptions = {}): SearchPlanResult {
  const steps = search(model, options);
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
    report(next.value, options);
  }
}

/** As `searchPlan`, but lets other work through between layers, so that a signal can be aborted meanwhile. */
export async function searchPlanAsync(model: Model, options: SearchPlanOptions = {}): Promise<SearchPlanResult> {
  const steps = search(model, options);
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
    report(next.value, options);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 0);
    });
    options.signal?.throwIfAborted();
  }
}

function report(progress: SearchProgress, { signal, onProgress }: SearchPlanOptions): void {
  onProgress?.(progress);
  signal?.throwIfAborted();
}

function* search(model: Model, options: SearchPlanOptions): Generator<SearchProgress, SearchPlanResult> {
  const settings = searchSettings(options);
  const planning = planOptions(options);
  options.signal?.throwIfAborted();
  const network = networkOf(model);
  const perLayer = planLayers(network, planning);
  const fronts = yield* planFronts(network, settings, planning, perLayer.lowerBoundBytes);
  const [points = [], ...others] = fronts.map((front) =>
    front.map((path) => pointOf(network, planning, path, perLayer.macs.network)),
  );
  const { maxOverhead } = settings;
  const limit = maxOverhead * perLayer.macs.network;
  // Without multiply-accumulates there is no share of them: Infinity times 0 is no number.
  const allowed = [...points, ...others.flat()].filter(
    ({ macs }) => maxOverhead === Infinity || macs - perLayer.macs.network <= limit,
  );
  return {
    best: choose(allowed, perLayer, settings),
    pareto: points.filter(({ macs }, i) => i === 0 || macs < (points[i - 1] as PlanPoint).macs).map(publicPoint),
    perLayer,
  };
}

/** A point as the search knows it. */
interface Candidate extends PlanPoint {
  readonly calls: number;
}

function publicPoint(candidate: Candidate): PlanPoint {
  const { peakBytes, macs, overhead, plan } = candidate;
  return {
    peakBytes,
    macs,
    overhead,
    get stages() {
      return candidate.stages;
    },
    plan,
  };
}

function pointOf(
  network: Network,
  options: PlanOptions,
  { peakBytes, macs, calls, choices }: CheapestPath<StageCost>,
  networkMacs: number,
): Candidate {
  let [stages, plan]: [Required<StageChoice>[] | undefined, Plan | undefined] = [undefined, undefined];
  const found = (): Required<StageChoice>[] =>
    (stages ??= choices().map(({ first, end, grid, overlap }) => ({ first, end, grid, overlap })));
  return {
    peakBytes,
    macs,
    calls,
    overhead: networkMacs === 0 ? 0 : macs / networkMacs - 1,
    get stages() {
      return found();
    },
    plan: () => (plan ??= planStages(network, { ...options, stages: found() })),
  };
}

/** @throws PatchInferError BUDGET_INFEASIBLE */
function choose(points: readonly Candidate[], perLayer: Plan, settings: SearchSettings): Plan {
  const { memoryBudget, objective } = settings;
  if (objective === "macs") {
    if (perLayer.arenaBytes <= memoryBudget) return memoryBudget === Infinity ? frugal(points, perLayer) : perLayer;
    const cheapest = points.toSorted((a, b) => a.macs - b.macs || a.calls - b.calls || a.peakBytes - b.peakBytes);
    for (const point of cheapest) {
      if (point.peakBytes > memoryBudget) continue;
      const plan = point.plan();
      if (plan.arenaBytes <= memoryBudget) return plan;
    }
  }
  const smallest = smallestArena(points, perLayer);
  if (smallest.arenaBytes <= memoryBudget) return smallest;
  const within =
    settings.maxOverhead === Infinity ? "" : ` with at most ${percent(settings.maxOverhead)} more multiply-accumulates`;
  throw new PatchInferError(
    "BUDGET_INFEASIBLE",
    `no plan${within} fits into ${memoryBudget} bytes: the smallest needs ${smallest.arenaBytes}`,
    { smallestPeakBytes: smallest.arenaBytes, plan: smallest },
  );
}

/** The smallest arena among the plans with the fewest multiply-accumulates. */
function frugal(points: readonly Candidate[], perLayer: Plan): Plan {
  const least = points.reduce((fewest, { macs }) => Math.min(fewest, macs), Infinity);
  return smallestArena(
    points.filter(({ macs }) => macs === least),
    perLayer,
  );
}

/** Of equal arenas the one with the lowest costs. */
function smallestArena(points: readonly Candidate[], perLayer: Plan): Plan {
  let [best, cost] = [perLayer, { macs: perLayer.macs.plan, calls: 0 }];
  for (const point of points.toSorted((a, b) => a.peakBytes - b.peakBytes)) {
    // No later plan can be smaller: its peak is a lower bound of its arena.
    if (point.peakBytes > best.arenaBytes) break;
    const plan = point.plan();
    const isCheaper = point.macs < cost.macs || (point.macs === cost.macs && point.calls < cost.calls);
    if (plan.arenaBytes < best.arenaBytes || (plan.arenaBytes === best.arenaBytes && isCheaper)) {
      [best, cost] = [plan, point];
    }
  }
  return best;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))}%`;
}
