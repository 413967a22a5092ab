import { factsOf } from "../plan/facts.ts";
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
 * Besides the front of the space itself those of its parts with at most one stage of patches, anywhere and from the start: plans to
 * turn to where buffers of the others do not fit together.
 *
 * A generator that comes up for air after each layer.
 */
export function* planFronts(
  network: Network,
  settings: SearchSettings,
  options: PlanOptions,
  maxPeakBytes: number,
): Generator<SearchProgress, CheapestPath<StageCost>[][]> {
  const facts = factsOf(network);
  const total = facts.layers.length;
  const slots = slotsOf(facts, options);
  const costs = stageCosts(facts, options);
  const { maxGrid, overlaps, singleSplit, multiStage } = settings;
  const space = { maxGrid, overlaps, fromStart: singleSplit, maxPeakBytes };
  const whole: StageEdge[] = [];
  const patched: StageEdge[] = [];
  for (let end = 1; end <= total; end++) {
    for (const choice of wholeStages(facts, end, costs, options)) {
      whole.push({ from: choice.first, to: end, choices: [choice] });
    }
    for (const [first, choices] of patchStages(facts, slots, end, space))
      patched.push({ from: first, to: end, choices });
    yield { done: end, total };
  }
  const fromStart = patched.filter(({ from }) => from === 0);
  const one = oneStage(whole, fromStart, total);
  if (singleSplit) return [one];
  const anywhere = oneStage(whole, patched, total);
  return multiStage ? [cheapestPaths(total + 1, inOrder([...whole, ...patched])), anywhere, one] : [anywhere, one];
}

type StageEdge = Edge<StageCost>;

/** At most one stage of patches: each position is two nodes, before and after it. */
function oneStage(
  whole: readonly StageEdge[],
  patched: readonly StageEdge[],
  total: number,
): CheapestPath<StageCost>[] {
  const before = (position: number): number => 2 * position;
  const after = (position: number): number => 2 * position + 1;
  const edges = [
    ...whole.flatMap(({ from, to, choices }) => [
      { from: before(from), to: before(to), choices },
      { from: after(from), to: after(to), choices },
    ]),
    ...patched.map(({ from, to, choices }) => ({ from: before(from), to: after(to), choices })),
    // A plan without such a stage ends here too.
    { from: before(total), to: after(total), choices: [{ ...nothing, first: total, end: total }] },
  ];
  return cheapestPaths(2 * total + 2, inOrder(edges)).map((path) => ({
    ...path,
    choices: () => path.choices().filter(({ first, end }) => first < end),
  }));
}

const nothing = { grid: { rows: 1, columns: 1 }, overlap: "recompute", peakBytes: 0, macs: 0, calls: 0 } as const;

function inOrder(edges: readonly StageEdge[]): StageEdge[] {
  return edges.toSorted((a, b) => a.to - b.to);
}
