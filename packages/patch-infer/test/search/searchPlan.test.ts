import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PatchInferError } from "../../src/base/errors.ts";
import type { Network } from "../../src/network/network.ts";
import { walksOf } from "../../src/plan/choices.ts";
import { factsOf } from "../../src/plan/facts.ts";
import { finestGrid, stageFault } from "../../src/plan/legal.ts";
import type { Grid, Overlap, Plan } from "../../src/plan/plan.ts";
import { type StageChoice, planLayers, planOptions, planStages } from "../../src/plan/planStages.ts";
import { stageCosts } from "../../src/plan/stageCost.ts";
import type { SearchPlanOptions } from "../../src/search/searchOptions.ts";
import { type PlanPoint, searchPlan, searchPlanAsync } from "../../src/search/searchPlan.ts";
import { networks } from "../../src/testing/arbitraries.ts";
import { mobileNetV2Network } from "../nets/mobileNetV2.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";
import { msfCnnMobileNetV2 } from "../nets/publishedNets.ts";
import { smallNet } from "../nets/smallNet.ts";

const overlaps: readonly Overlap[] = ["recompute", "cacheColumns", "cacheRows", "cacheBoth"];
const drawnOptions = fc.record({
  input: fc.constantFrom("resident" as const, "external" as const),
  output: fc.constantFrom("resident" as const, "external" as const),
  inPlace: fc.boolean(),
  accumulateIntoResidual: fc.boolean(),
});

interface Point {
  readonly peakBytes: number;
  readonly macs: number;
}

const shown = ({ peakBytes, macs }: Point): number[] => [peakBytes, macs];

/** What nothing beats in both. */
function front(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const point of points.toSorted((a, b) => a.peakBytes - b.peakBytes || a.macs - b.macs)) {
    if (kept.length === 0 || point.macs < (kept.at(-1) as Point).macs) kept.push(point);
  }
  return kept;
}

/** Every grid that the search space has, written down once more: counts up to the limit, and thin parts where overlap is kept. */
function gridsOf({ rows: height, columns: width }: Grid, overlap: Overlap, maxGrid: number): Grid[] {
  const counts = (size: number, isCached: boolean): number[] => {
    const thin = isCached ? [1, 2, 3, 4].map((cells) => Math.ceil(size / cells)) : [];
    return [...Array.from({ length: maxGrid }, (_, i) => i + 1), ...thin].filter((count) => count <= size);
  };
  const rows = counts(height, overlap === "cacheRows" || overlap === "cacheBoth");
  const columns = overlap === "cacheRows" ? [1] : counts(width, overlap !== "recompute");
  return rows.flatMap((down) => columns.map((across) => ({ rows: down, columns: across })));
}

describe("exact", () => {
  test("one split: equals all splits, grids and modes, planned one by one", () => {
    const drawn = fc.tuple(networks({ maxSize: 6, maxDepth: 3, maxChannels: 4 }), drawnOptions);
    fc.assert(
      fc.property(drawn, ([network, options]) => {
        if (network.layers.length > 6) return;
        const facts = factsOf(network);
        const plans = [planLayers(network, options)];
        for (let end = 1; end <= network.layers.length; end++) {
          if (stageFault(facts, 0, end) !== undefined) continue;
          for (const overlap of overlaps) {
            for (const grid of gridsOf(finestGrid(facts, 0, end, overlap), overlap, 2)) {
              plans.push(planStages(network, { ...options, stages: [{ first: 0, end, grid, overlap }] }));
            }
          }
        }
        const points = plans.map(({ lowerBoundBytes, macs }) => ({ peakBytes: lowerBoundBytes, macs: macs.plan }));
        const { pareto } = searchPlan(network, { ...options, singleSplit: true, maxGrid: 2 });
        expect(pareto.map(shown)).toEqual(front(points).map(shown));
      }),
      { numRuns: 8 },
    );
  });

  test("many stages: equals all partitions with all grids and modes", () => {
    const drawn = fc.tuple(networks({ maxSize: 9, maxDepth: 5, maxChannels: 4 }), drawnOptions);
    fc.assert(
      fc.property(drawn, ([network, options]) => {
        const count = network.layers.length;
        if (count > 8) return;
        const points = partitions(count).flatMap((ends) => partitionPoints(network, ends, options));
        const { pareto } = searchPlan(network, { ...options, maxGrid: 2 });
        expect(pareto.map(shown)).toEqual(front(points).map(shown));
      }),
      { numRuns: 10 },
    );
  });

  test("one stage anywhere: between one split and many stages", () => {
    const network = mobileNetV2Network({ resolution: 48, width: 0.35, same: true });
    const least = (options: SearchPlanOptions): number =>
      searchPlan(network, { maxGrid: 4, ...options }).pareto[0]?.peakBytes as number;
    const [one, anywhere, many] = [{ singleSplit: true }, { multiStage: false }, {}].map(least);
    expect(many).toBeLessThan(anywhere as number);
    expect(anywhere).toBeLessThanOrEqual(one as number);
    const { best } = searchPlan(network, { maxGrid: 4, multiStage: false });
    expect(best.stages.filter(({ grid }) => grid.rows * grid.columns > 1)).toHaveLength(1);
  });
});

/** All ways to cut `count` layers into runs, as their ends. */
function partitions(count: number): number[][] {
  return Array.from({ length: 2 ** (count - 1) }, (_, bits) =>
    Array.from({ length: count }, (__, i) => i + 1).filter((end) => end === count || (bits >> (end - 1)) % 2 === 1),
  );
}

/** All costs that one partition can have. Layers by themselves, or two that an addition joins, also run on the whole image. */
function partitionPoints(network: Network, ends: readonly number[], options: object): Point[] {
  const facts = factsOf(network);
  const costs = stageCosts(facts, planOptions(options));
  let sums = new Map<string, Point>([["", { peakBytes: 0, macs: 0 }]]);
  let first = 0;
  for (const end of ends) {
    const isLegal = stageFault(facts, first, end) === undefined;
    if (!isLegal && end - first > 1) return [];
    const found = new Map<string, Point>();
    for (const overlap of overlaps) {
      for (const grid of gridsOf(finestGrid(facts, first, end, overlap), overlap, 2)) {
        const isWhole = grid.rows * grid.columns === 1;
        if (isWhole ? end - first > 2 : !isLegal) continue;
        const cost = costs.cost(first, walksOf(facts, { first, end, grid, overlap }));
        for (const sum of sums.values()) {
          const point = { peakBytes: Math.max(sum.peakBytes, cost.peakBytes), macs: sum.macs + cost.macs };
          found.set(shown(point).join(" "), point);
        }
      }
    }
    sums = found;
    first = end;
  }
  return [...sums.values()];
}

describe("plans are what their points promise", () => {
  test("peak, multiply-accumulates and stages", () => {
    const drawn = fc.tuple(networks({ maxSize: 12, maxDepth: 6 }), drawnOptions);
    fc.assert(
      fc.property(drawn, ([network, options]) => {
        const { best, pareto, perLayer } = searchPlan(network, { ...options, maxGrid: 3 });
        for (const point of [pareto[0], pareto.at(-1)]) {
          const plan = point?.plan() as Plan;
          expect([plan.lowerBoundBytes, plan.macs.plan]).toEqual([point?.peakBytes, point?.macs]);
          expect(point?.plan()).toBe(plan);
        }
        expect(best.arenaBytes).toBeLessThanOrEqual(perLayer.arenaBytes);
        expect(perLayer.macs.plan).toBe(perLayer.macs.network);
      }),
      { numRuns: 30 },
    );
  });

  test("the front falls strictly, and ends at the network's own multiply-accumulates", () => {
    const { pareto } = searchPlan(mobileNetV2Network({ resolution: 96, width: 0.35, same: true }), {
      maxGrid: 6,
      overlaps: ["recompute"],
    });
    expect(pareto.length).toBeGreaterThan(10);
    pareto.slice(1).forEach((point, i) => {
      expect(point.peakBytes).toBeGreaterThan(pareto[i]?.peakBytes as number);
      expect(point.macs).toBeLessThan(pareto[i]?.macs as number);
    });
    expect(pareto.at(-1)?.overhead).toBe(0);
  });
});

describe("monotone", () => {
  const network = mobileNetV2Network({ resolution: 48, width: 0.35, same: true });
  const search = (options: SearchPlanOptions): Plan => searchPlan(network, { maxGrid: 4, ...options }).best;

  test("a larger budget never yields more multiply-accumulates", () => {
    const least = search({ overlaps: ["recompute"] }).arenaBytes;
    const macs = [1, 1.2, 1.5, 2, 3, 5, 20].map((times) => {
      const plan = search({ overlaps: ["recompute"], memoryBudget: least * times });
      expect(plan.arenaBytes).toBeLessThanOrEqual(least * times);
      return plan.macs.plan;
    });
    expect(macs).toEqual(macs.toSorted((a, b) => b - a));
    expect(new Set(macs).size).toBeGreaterThan(3);
  });

  test("a larger overhead never yields a larger arena", () => {
    const arenas = [0, 0.02, 0.1, 0.5, 3].map((maxOverhead) => {
      const plan = search({ overlaps: ["recompute"], maxOverhead });
      expect(plan.macs.plan).toBeLessThanOrEqual((1 + maxOverhead) * plan.macs.network);
      return plan.arenaBytes;
    });
    expect(arenas).toEqual(arenas.toSorted((a, b) => b - a));
    expect(new Set(arenas).size).toBeGreaterThan(2);
  });

  test("a larger space never has a worse optimum", () => {
    const peak = (options: SearchPlanOptions): number => searchPlan(network, options).pareto[0]?.peakBytes as number;
    expect(peak({ maxGrid: 6 })).toBeLessThanOrEqual(peak({ maxGrid: 3 }));
    const some = overlaps.map((overlap) => peak({ maxGrid: 3, overlaps: [overlap] }));
    expect(peak({ maxGrid: 3 })).toBeLessThanOrEqual(Math.min(...some));
  });
});

describe("what is best", () => {
  const small = smallNet();

  test("no wish: the smallest arena", () => {
    const { best, pareto } = searchPlan(small);
    expect(best.arenaBytes).toBeLessThan(planLayers(small).arenaBytes / 4);
    expect(best.lowerBoundBytes).toBeGreaterThanOrEqual(pareto[0]?.peakBytes as number);
  });

  test("a budget: the fewest multiply-accumulates, and among those the fewest patches", () => {
    const all = searchPlan(small);
    const budget = all.best.arenaBytes * 2;
    const { best } = searchPlan(small, { memoryBudget: budget });
    expect(best.arenaBytes).toBeLessThanOrEqual(budget);
    const patches = (plan: Plan): number =>
      plan.stages.reduce((sum, { grid, steps }) => sum + grid.rows * grid.columns * steps.length, 0);
    expect(best.macs.plan).toBe(best.macs.network);
    expect(patches(best)).toBeLessThan(patches(all.best));
  });

  test("enough for every layer by itself: no patches", () => {
    const { best, perLayer } = searchPlan(small, { memoryBudget: planLayers(small).arenaBytes });
    expect(best).toBe(perLayer);
  });

  test("a budget and the smallest arena: the arena", () => {
    const free = searchPlan(small).best;
    expect(searchPlan(small, { memoryBudget: 1e6, objective: "peak" }).best).toEqual(free);
  });

  test("fewest multiply-accumulates without a budget: the smallest arena of those", () => {
    const { best, pareto } = searchPlan(small, { objective: "macs", overlaps: ["recompute"] });
    expect(best.macs.plan).toBe(best.macs.network);
    expect(best.lowerBoundBytes).toBe(pareto.at(-1)?.peakBytes);
  });

  test("a network without multiply-accumulates", () => {
    const net = new NetworkBuilder();
    const wide = net.resize(net.input(16, 16, 4), 32, 32, "nearest");
    const halved = net.pool(net.pool(wide, "maxPool2d", { kernel: 2, stride: 2 }), "maxPool2d", {
      kernel: 2,
      stride: 2,
    });
    const { best, perLayer } = searchPlan(net.build([halved]));
    expect(best.arenaBytes).toBeLessThan(perLayer.arenaBytes / 4);
  });

  test("a network without a layer that could be cut", () => {
    const net = new NetworkBuilder();
    const { best, pareto, perLayer } = searchPlan(net.build([net.globalPool(net.input(8, 8, 4))]));
    expect(best).toBe(perLayer);
    expect(pareto).toHaveLength(1);
  });

  test("an addition whose convolution sees an input with other dimensions", () => {
    const net = new NetworkBuilder();
    const image = net.input(4, 4, 8);
    net.maps["flat"] = { ...net.map(image), name: "flat", height: 2, width: 8, viewOf: image };
    const { best, perLayer } = searchPlan(net.build([net.binary(net.conv("flat", 8), net.conv("flat", 8))]));
    expect(best.arenaBytes).toBeLessThanOrEqual(perLayer.arenaBytes);
    expect(perLayer.stages).toHaveLength(3);
  });

  test("a plan can be made again from its stages", () => {
    const { pareto } = searchPlan(small);
    const stages: readonly StageChoice[] = pareto[0]?.stages ?? [];
    expect(planStages(small, { stages })).toEqual(pareto[0]?.plan());
  });

  test("equal in both entries", async () => {
    const options = { memoryBudget: 6000, maxGrid: 5 };
    expect((await searchPlanAsync(small, options)).best).toEqual(searchPlan(small, options).best);
  });

  describe("failures", () => {
    const failure = (options: SearchPlanOptions): PatchInferError => {
      try {
        searchPlan(small, options);
      } catch (error) {
        return error as PatchInferError;
      }
      throw new Error("expected an error");
    };

    test("BUDGET_INFEASIBLE carries the smallest arena and its plan", () => {
      const smallest = searchPlan(small).best;
      const error = failure({ memoryBudget: 100 });
      expect(error).toBeInstanceOf(PatchInferError);
      expect(error.code).toBe("BUDGET_INFEASIBLE");
      expect(error.message).toBe(`no plan fits into 100 bytes: the smallest needs ${smallest.arenaBytes}`);
      expect([error.smallestPeakBytes, error.plan]).toEqual([smallest.arenaBytes, smallest]);
    });

    test("BUDGET_INFEASIBLE within an overhead", () => {
      const error = failure({ memoryBudget: 100, maxOverhead: 0.05, overlaps: ["recompute"] });
      expect(error.message).toMatch(/^no plan with at most 5% more multiply-accumulates fits into 100 bytes/);
      const plan = error.plan as Plan;
      expect(plan.macs.plan).toBeLessThanOrEqual(1.05 * plan.macs.network);
    });

    test.each([
      ["memoryBudget: expected a number of bytes above 0, got 0", { memoryBudget: 0 }],
      ["memoryBudget: expected a number of bytes above 0, got NaN", { memoryBudget: Number.NaN }],
      ["maxOverhead: expected a share of at least 0, got -0.1", { maxOverhead: -0.1 }],
      ["maxOverhead: expected a share of at least 0, got NaN", { maxOverhead: Number.NaN }],
      ["maxGrid: expected a whole number of at least 1, got 0", { maxGrid: 0 }],
      ["maxGrid: expected a whole number of at least 1, got 2.5", { maxGrid: 2.5 }],
      ["objective: expected peak or macs, got speed", { objective: "speed" as "peak" }],
      [
        "overlaps: expected some of recompute, cacheColumns, cacheRows, cacheBoth, got cache",
        { overlaps: ["cache"] as never },
      ],
      ["multiStage: expected true or false, got 1", { multiStage: 1 as never }],
      ["overlaps: expected a list, got cacheRows", { overlaps: "cacheRows" as never }],
      ["memoryBudget: expected a number of bytes above 0, got 9000", { memoryBudget: "9000" as never }],
      ["maxOverhead: expected a share of at least 0, got 0.1", { maxOverhead: "0.1" as never }],
      ["input is flash, not one of resident, external, callback", { input: "flash" as never }],
    ])("OPTION: %s", (message, options) => {
      expect(failure(options)).toMatchObject({ code: "OPTION", message });
    });
  });
});

describe("progress and abort", () => {
  const network = mobileNetV2Network({ resolution: 32, width: 0.35, same: true });
  const total = network.layers.length;

  test("every layer is reported once", () => {
    const seen: number[] = [];
    searchPlan(network, {
      maxGrid: 2,
      onProgress: ({ done, total: of }) => seen.push(of === total ? done : Number.NaN),
    });
    expect(seen).toEqual(Array.from({ length: total }, (_, i) => i + 1));
  });

  test("a signal that was aborted before, or is while it runs", async () => {
    const stop = new Error("enough");
    expect(() => searchPlan(network, { signal: AbortSignal.abort(stop) })).toThrow(stop);
    let done = 0;
    const controller = new AbortController();
    const options: SearchPlanOptions = {
      signal: controller.signal,
      onProgress: (progress) => {
        done = progress.done;
        if (done === 5) controller.abort(stop);
      },
    };
    expect(() => searchPlan(network, options)).toThrow(stop);
    expect(done).toBe(5);
    const later = new AbortController();
    const search = searchPlanAsync(network, { signal: later.signal });
    setTimeout(() => later.abort(stop), 0);
    await expect(search).rejects.toThrow(stop);
  });
});

test("more stages never need a larger arena, although they may fit together worse", () => {
  const network = msfCnnMobileNetV2();
  const arena = (options: SearchPlanOptions): number =>
    searchPlan(network, { maxGrid: 6, overlaps: ["recompute"], ...options }).best.arenaBytes;
  const [many, anywhere, one] = [{}, { multiStage: false }, { singleSplit: true }].map(arena);
  expect(many).toBeLessThanOrEqual(anywhere as number);
  expect(anywhere).toBeLessThanOrEqual(one as number);
});

test("a budget is held by the arena, not only by what is alive at once", () => {
  const network = msfCnnMobileNetV2();
  const options: SearchPlanOptions = { maxGrid: 6, overlaps: ["recompute"] };
  const { best: smallest, pareto } = searchPlan(network, options);
  const loose = pareto.find(
    (point) => point.peakBytes >= smallest.arenaBytes && point.plan().arenaBytes > point.peakBytes,
  ) as PlanPoint;
  const { best } = searchPlan(network, { ...options, memoryBudget: loose.peakBytes });
  expect(best.arenaBytes).toBeLessThanOrEqual(loose.peakBytes);
  expect(best.macs.plan).toBeGreaterThan(loose.macs);
});
