import fc from "fast-check";
import { expect, test } from "vitest";
import { checkPlan } from "../../src/plan/checkPlan.ts";
import { walksOf } from "../../src/plan/choices.ts";
import { factsOf } from "../../src/plan/facts.ts";
import { planLayers, planStages } from "../../src/plan/planStages.ts";
import { legalStages } from "../../src/plan/splits.ts";
import { stageCosts } from "../../src/plan/stageCost.ts";
import { networks, plannedNetworks } from "../../src/testing/arbitraries.ts";
import { expectSound } from "./invariants.ts";

test("random plans of random networks: parts are there when they are read, buffers when they are used, and none overlap", () => {
  fc.assert(
    fc.property(plannedNetworks({ maxSize: 12 }), ({ network, plan }) => {
      expectSound(network, plan);
    }),
    { seed: 11, numRuns: 60 },
  );
});

test("plans survive JSON and are accepted by the check", () => {
  fc.assert(
    fc.property(plannedNetworks({ maxSize: 12, maxDepth: 5 }), ({ network, plan }) => {
      const read = JSON.parse(JSON.stringify(plan)) as typeof plan;
      expect(read).toEqual(plan);
      checkPlan(network, read);
    }),
    { seed: 12, numRuns: 30 },
  );
});

test("costs of stages by themselves add up to the plan: its bound on bytes, its work, and what each moment has alive", () => {
  fc.assert(
    fc.property(plannedNetworks({ maxSize: 12 }), ({ network, plan }) => {
      const facts = factsOf(network);
      const costs = stageCosts(facts, plan.options);
      const each = plan.stages.map((stage) => costs.cost(stage.first, walksOf(facts, stage)));
      expect(plan.lowerBoundBytes).toBe(Math.max(0, ...each.map(({ peakBytes }) => peakBytes)));
      expect(plan.stages.map(({ macs }) => macs)).toEqual(each.map(({ macs }) => macs));
    }),
    { seed: 16, numRuns: 60 },
  );
});

test("one patch: no work twice, and as many bytes as layer by layer or fewer when the input is in the arena", () => {
  fc.assert(
    fc.property(networks({ maxSize: 16 }), fc.nat(), (network, pick) => {
      const ranges = legalStages(network);
      if (ranges.length === 0) return;
      const { lowest, end } = ranges[pick % ranges.length] as (typeof ranges)[number];
      const options = { input: "resident", output: "resident", accumulateIntoResidual: false } as const;
      const fused = planStages(network, { ...options, stages: [{ first: lowest, end }] });
      const layers = planLayers(network, options);
      // Less only where a stride leaves rows out that nobody reads.
      expect(fused.lowerBoundBytes).toBeLessThanOrEqual(layers.lowerBoundBytes);
      expect(fused.macs.plan).toBeLessThanOrEqual(layers.macs.plan);
      expect(layers.macs.plan).toBe(layers.macs.network);
    }),
    { seed: 13, numRuns: 40 },
  );
});

test("more work than layer by layer only where neighbours recompute", () => {
  fc.assert(
    fc.property(plannedNetworks({ maxSize: 16, overlaps: ["cacheBoth"] }), ({ plan }) => {
      expect(plan.macs.plan).toBeLessThanOrEqual(plan.macs.network);
      expect(plan.macs.virtual).toBe(plan.macs.plan);
    }),
    { seed: 14, numRuns: 40 },
  );
});
