import { describe, expect, test } from "vitest";
import type { Network } from "../../src/network/network.ts";
import type { SearchPlanOptions } from "../../src/search/searchOptions.ts";
import { type PlanPoint, searchPlan } from "../../src/search/searchPlan.ts";
import { mobileNetV2Network } from "../nets/mobileNetV2.ts";
import { msfCnnMobileNetV2 } from "../nets/publishedNets.ts";

const kib = (bytes: number): number => Number((bytes / 1024).toFixed(1));

/** The smallest peak within an overhead, in KiB, and the overhead in percent. */
function within(points: readonly PlanPoint[], overhead: number): [number, number] {
  const point = points.find((each) => each.overhead <= overhead) as PlanPoint;
  return [kib(point.peakBytes), Number((100 * point.overhead).toFixed(1))];
}

/** The smallest peak without recomputation, in KiB. */
function cached(network: Network, options: SearchPlanOptions = {}): number {
  const { best } = searchPlan(network, { maxOverhead: 0, ...options });
  expect(best.macs.plan).toBe(best.macs.network);
  return kib(best.lowerBoundBytes);
}

describe("MobileNetV2 1.0 at 224", () => {
  const network = mobileNetV2Network({ same: true });

  test("without recomputation: less than the smallest of one split with it", () => {
    const single = searchPlan(network, { singleSplit: true, overlaps: ["recompute"] }).pareto;
    expect([within(single, 0.1), within(single, Infinity)]).toEqual([
      [172.3, 9.2],
      [146.2, 417.9],
    ]);
    expect([cached(network, { singleSplit: true }), cached(network)]).toEqual([171.5, 87.3]);
  });

  test("whatever it costs: the pooling at the end holds no more than the rest", () => {
    const { pareto } = searchPlan(network);
    expect([0.1, 0.3, Infinity].map((limit) => within(pareto, limit))).toEqual([
      [75.6, 8.5],
      [57.7, 20],
      [49.1, 76.8],
    ]);
  });
});

describe("msf-CNN's model of MobileNetV2 0.35 at 144", () => {
  test("without recomputation less than its 21.29 kB with three tenths more", () => {
    const { best } = searchPlan(msfCnnMobileNetV2(), { inPlace: false, maxOverhead: 0 });
    expect(best.lowerBoundBytes).toBeLessThan(21_290);
  });
});
