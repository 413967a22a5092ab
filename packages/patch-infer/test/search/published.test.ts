import { readFileSync } from "node:fs";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { beforeAll, describe, expect, test } from "vitest";
import { networkOf } from "../../src/lower/networkOf.ts";
import type { Network } from "../../src/network/network.ts";
import { planLayers, planPatches } from "../../src/plan/planStages.ts";
import type { SearchPlanOptions } from "../../src/search/searchOptions.ts";
import { type PlanPoint, searchPlan } from "../../src/search/searchPlan.ts";
import { keywordSpotting, msfCnnMobileNetV2, resNet8, visualWakeWords } from "../nets/publishedNets.ts";

const kib = (bytes: number): number => Number((bytes / 1024).toFixed(1));
const percent = (share: number): number => Number((100 * share).toFixed(1));
/** What MCUNetV2 can express. */
const oneSplit: SearchPlanOptions = { singleSplit: true, overlaps: ["recompute"] };

/** Memory in KiB and added multiply-accumulates in percent of one stage of patches from the input on. */
function patched(network: Network, split: number, side: number): [number, number] {
  const { lowerBoundBytes, macs } = planPatches(network, { split, grid: { rows: side, columns: side } });
  return [kib(lowerBoundBytes), percent(macs.plan / macs.network - 1)];
}

/** The smallest peak within an overhead. */
function within(points: readonly PlanPoint[], overhead: number): [number, number] {
  const point = points.find((each) => each.overhead <= overhead) as PlanPoint;
  return [kib(point.peakBytes), percent(point.overhead)];
}

/** The smallest peak without recomputation, in KiB, and whether a plan holds it. */
function cached(network: Network, options: SearchPlanOptions = {}): number {
  const { best } = searchPlan(network, { maxOverhead: 0, ...options });
  expect(best.macs.plan).toBe(best.macs.network);
  return kib(best.lowerBoundBytes);
}

describe("nets of MLPerf Tiny, one byte per number", () => {
  test("visual wake words", () => {
    const network = visualWakeWords();
    const { lowerBoundBytes, macs } = planLayers(network);
    expect([macs.network / 1e6, kib(lowerBoundBytes)]).toEqual([7.489664, 54]);
    expect(patched(network, 7, 2)).toEqual([35.1, 4.3]);
    expect(patched(network, 8, 2)).toEqual([24.2, 6.8]);
    expect(patched(network, 8, 3)).toEqual([18, 14.6]);
    const { pareto } = searchPlan(network, { ...oneSplit, maxGrid: 8 });
    expect([within(pareto, 0.1), within(pareto, Infinity)]).toEqual([
      [24.2, 6.8],
      [18, 14.2],
    ]);
    expect([cached(network, { singleSplit: true }), cached(network)]).toEqual([18, 13.3]);
  });

  test("ResNet-8", () => {
    const network = resNet8();
    expect(planLayers(network).macs.network).toBe(12501632);
    expect(kib(planLayers(network, { accumulateIntoResidual: false }).lowerBoundBytes)).toBe(48);
    expect(kib(planLayers(network).lowerBoundBytes)).toBe(32);
    expect(patched(network, 8, 2)).toEqual([26.8, 20.3]);
    expect(patched(network, 8, 8)).toEqual([16, 216.6]);
    expect([cached(network, { singleSplit: true }), cached(network)]).toEqual([16, 15.3]);
  });

  test("keyword spotting: one split gains nothing at a reasonable price", () => {
    const network = keywordSpotting();
    const { pareto, perLayer } = searchPlan(network, { ...oneSplit, maxGrid: 8 });
    expect([perLayer.macs.network, kib(perLayer.lowerBoundBytes)]).toEqual([2656768, 15.6]);
    expect(within(pareto, 0.1)).toEqual([15.6, 0]);
    expect(cached(network)).toBe(6.3);
  });
});

describe("BlazeFace, short range, counted in one byte per number", () => {
  let network: Network;
  beforeAll(() => {
    const path = "../../node_modules/@mediapipe/face_detection/face_detection_short_range.tflite";
    const real = networkOf(readTflite(readFileSync(new URL(path, import.meta.url))));
    const maps = Object.entries(real.maps).map(([name, map]) => [name, { ...map, type: "int8" as const }]);
    network = { ...real, maps: Object.fromEntries(maps) as Network["maps"] };
  });

  test("one split with recomputation", () => {
    const { pareto, perLayer } = searchPlan(network, { ...oneSplit, maxGrid: 8 });
    expect([perLayer.macs.network / 1e6, kib(perLayer.lowerBoundBytes)]).toEqual([30.76096, 320]);
    expect([0.05, 0.1, Infinity].map((limit) => within(pareto, limit))).toEqual([
      [193.5, 3.8],
      [120, 5.3],
      [64, 124.1],
    ]);
  });

  test("without recomputation: no more than the smallest of those", () => {
    expect([cached(network, { singleSplit: true }), cached(network)]).toEqual([64, 48]);
  });
});

describe("msf-CNN's model of MobileNetV2 0.35 at 144", () => {
  const plain: SearchPlanOptions = { inPlace: false };

  test("layer by layer: 194.44 kB published", () => {
    const bytes = planLayers(msfCnnMobileNetV2(), { inPlace: false }).lowerBoundBytes;
    expect(bytes).toBe(72 * 72 * 30 + 36 * 36 * 30);
    expect(Math.abs(bytes / 194_440 - 1)).toBeLessThan(0.001);
  });

  test("without recomputation less than its 67.91 kB with a tenth more", () => {
    const { best } = searchPlan(msfCnnMobileNetV2(), { ...plain, maxOverhead: 0 });
    expect(best.lowerBoundBytes).toBe(20_720);
    // The last convolution stands nowhere whole: it and its input have 34800 bytes.
    expect(best.lowerBoundBytes).toBeLessThan(5 * 5 * (112 + 1280));
  });
});
