import type { Network } from "../../src/network/network.ts";
import type { Overlap, Plan } from "../../src/plan/plan.ts";
import { planStages } from "../../src/plan/planStages.ts";
import { finestGrid } from "../../src/plan/legal.ts";
import { factsOf } from "../../src/plan/facts.ts";
import { legalStages } from "../../src/plan/splits.ts";

/** A plan with a random stage of patches wherever one may be, and layers by themselves in between. */
export function randomPlan(network: Network, next: () => number): Plan {
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const stages = [];
  let start = 0;
  for (const { lowest, latest, end } of legalStages(network)) {
    if (end <= start || next() < 0.5) continue;
    const first = Math.max(start, whole(lowest, latest));
    const overlap = (["recompute", "cacheColumns", "cacheRows", "cacheBoth"] as const)[whole(0, 3)] as Overlap;
    if (first < lowest || first > latest) continue;
    const most = finestGrid(factsOf(network), first, end, overlap);
    const grid = { rows: whole(1, Math.min(4, most.rows)), columns: whole(1, Math.min(4, most.columns)) };
    stages.push({ first, end, grid, overlap });
    start = end;
  }
  return planStages(network, { stages, inPlace: next() < 0.5 });
}
