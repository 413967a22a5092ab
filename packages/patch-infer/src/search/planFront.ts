import { type NetworkFacts, factsOf } from "../plan/facts.ts";
import type { Network } from "../network/network.ts";
import type { PlanOptions } from "../plan/plan.ts";
import { stageCosts } from "../plan/stageCost.ts";
import { type CheapestPath, type Edge, cheapestPaths } from "./cheapestPaths.ts";
import type { SearchProgress, SearchSettings } from "./searchOptions.ts";
import { slotsOf } from "./slots.ts";
import { type StageCost, patchStages, wholeStages } from "./stageEdges.ts";

/**
 * For every bound on the peak the cheapest plan of the search space. Stages are edges between positions in the list of layers: what is
 * alive around a stage depends on where it begins and ends alone, so the peak of a plan is the largest of its stages, its
 * multiply-accumulates are their sum, and a path of cheapest stages is a cheapest plan.
 *
 * A generator that comes up for air after each layer.
 */
export function* planFront(
  network: Network,
  settings: SearchSettings,
  options: PlanOptions,
  maxPeakBytes: number,
): Generator<SearchProgress, CheapestPath<StageCost>[]> {
  const facts = factsOf(network);
  const total = facts.layers.length;
  const edges: Edge<StageCost>[] = [];
  const nodes = nodesFor(settings, total);
  const steps = stagesOf(facts, settings, options, maxPeakBytes);
  for (let end = 1; end <= total; end++) {
    const { whole, patched } = steps(end);
    for (const used of nodes.states) {
      for (const choice of whole) {
        edges.push({ from: nodes.at(choice.first, used), to: nodes.at(end, used), choices: [choice] });
      }
      if (used !== nodes.after) continue;
      for (const [first, choices] of patched) {
        edges.push({ from: nodes.at(first, nodes.before), to: nodes.at(end, nodes.after), choices });
      }
    }
    yield { done: end, total };
  }
  if (nodes.before !== nodes.after) {
    // A plan without a stage of patches ends here too.
    const nothing: StageCost = { ...nowhere, first: total, end: total };
    edges.push({ from: nodes.at(total, nodes.before), to: nodes.at(total, nodes.after), choices: [nothing] });
  }
  return cheapestPaths(nodes.count, edges).map((path) => ({
    ...path,
    choices: () => path.choices().filter(({ first, end }) => first < end),
  }));
}

const nowhere = { grid: { rows: 1, columns: 1 }, overlap: "recompute", peakBytes: 0, macs: 0, calls: 0 } as const;

/** Positions as nodes; where one stage of patches is allowed, each position before and after it. */
function nodesFor(
  { multiStage }: SearchSettings,
  total: number,
): {
  count: number;
  states: readonly number[];
  before: number;
  after: number;
  at(position: number, state: number): number;
} {
  if (multiStage) return { count: total + 1, states: [0], before: 0, after: 0, at: (position) => position };
  const at = (position: number, state: number): number => 2 * position + state;
  return { count: 2 * total + 2, states: [0, 1], before: 0, after: 1, at };
}

function stagesOf(
  facts: NetworkFacts,
  { maxGrid, overlaps, singleSplit }: SearchSettings,
  options: PlanOptions,
  maxPeakBytes: number,
): (end: number) => { whole: StageCost[]; patched: Map<number, readonly StageCost[]> } {
  const slots = slotsOf(facts, options);
  const costs = stageCosts(facts, options);
  const space = { maxGrid, overlaps, fromStart: singleSplit, maxPeakBytes };
  return (end) => ({
    whole: wholeStages(facts, end, costs, options),
    patched: patchStages(facts, slots, end, space),
  });
}
