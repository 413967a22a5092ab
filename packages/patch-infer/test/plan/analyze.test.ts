import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Network } from "../../src/network/network.ts";
import { mapsOf } from "../../src/layers/rules.ts";
import { analyze } from "../../src/plan/analyze.ts";
import { factsOf } from "../../src/plan/facts.ts";
import { patchBoxes } from "../../src/plan/patchBoxes.ts";
import { planLayers, planStages } from "../../src/plan/planStages.ts";
import { receptiveField } from "../../src/plan/receptiveField.ts";
import { legalSplits, legalStages } from "../../src/plan/splits.ts";
import { stageFault } from "../../src/plan/legal.ts";
import { networks } from "../../src/testing/arbitraries.ts";
import { reads } from "../layers/reads.ts";
import { mobileNetV2Network } from "../nets/mobileNetV2.ts";
import { NetworkBuilder, type WindowOptions } from "../nets/networkBuilder.ts";
import { errorOf } from "./errorOf.ts";

describe("analyze", () => {
  const net = new NetworkBuilder("float", "float32");
  const x = net.conv(net.input(8, 10, 3), 4, { kernel: 3, stride: 2, name: "x" });
  const network = net.build([net.globalPool(net.depthwise(x, { name: "y" }))]);

  test("a row per layer", () => {
    const rows = analyze(network);
    expect(rows.map(({ index, name, kind, output, local }) => [index, name, kind, output, local])).toEqual([
      [0, "x", "conv2d", [4, 5, 4], true],
      [1, "y", "depthwiseConv2d", [4, 5, 4], true],
      [2, "mean0", "globalPool", [1, 1, 4], false],
    ]);
    expect(rows.map(({ macs }) => macs)).toEqual([20 * 4 * 27, 20 * 4 * 9, 0]);
    expect(rows.map(({ liveBytes }) => liveBytes)).toEqual([4 * (240 + 80), 4 * (80 + 20), 4 * 84]);
    expect(rows.map(({ separateBytes }) => separateBytes)).toEqual([4 * 320, 4 * 160, 4 * 84]);
    expect(rows.map(({ peakBytes }) => peakBytes)).toEqual([1280, 1280, 1280]);
    expect(rows.map(({ weightBytes }) => weightBytes)).toEqual([4 * (108 + 4), 4 * (36 + 4), 0]);
    expect(rows[0]?.inputs).toEqual([[8, 10, 3]]);
  });

  test("as if numbers had 1 or 2 bytes", () => {
    const bytes = (bytesPerElement: 1 | 2 | 4): number[] =>
      analyze(network, { bytesPerElement }).map(({ liveBytes }) => liveBytes);
    expect(bytes(1)).toEqual([320, 100, 84]);
    expect(bytes(2)).toEqual([640, 200, 168]);
    expect(bytes(4)).toEqual(analyze(network).map(({ liveBytes }) => liveBytes));
    expect(errorOf(() => analyze(network, { bytesPerElement: 3 as never }))?.code).toBe("OPTION");
  });

  test("the largest row is the peak of the plan", () => {
    fc.assert(
      fc.property(networks({ maxSize: 12 }), fc.constantFrom("external", "resident"), (random, input) => {
        const rows = analyze(random, { input });
        const plan = planLayers(random, { input });
        expect(rows.at(-1)?.peakBytes ?? 0).toBe(plan.lowerBoundBytes);
        expect(rows.reduce((sum, { macs }) => sum + macs, 0)).toBe(plan.macs.network);
      }),
      { seed: 8, numRuns: 40 },
    );
  });
});

describe("receptive fields", () => {
  const window = fc.record({
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
  });

  test("a chain of windows: size += (kernel - 1) * dilation * jump, jump *= stride", () => {
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 4 }), (windows: WindowOptions[]) => {
        const net = new NetworkBuilder();
        let x = net.input(200, 200, 1);
        let [size, jump, padBefore] = [1, 1, 0];
        for (const options of windows) {
          const [kernel, stride, dilation] = [options.kernel, options.stride, options.dilation] as [
            number,
            number,
            number,
          ];
          x = net.conv(x, 1, { ...options, padding: [1, 2, 2, 1] });
          size += (kernel - 1) * dilation * jump;
          padBefore += jump;
          jump *= stride;
        }
        const field = receptiveField(net.build([x]), x);
        expect([field.size, field.jump[0], field.padBefore]).toEqual([[size, size], jump, [padBefore, 2 * padBefore]]);
      }),
      { seed: 9, numRuns: 60 },
    );
  });

  test("MobileNetV2: 491 before the mean, which sees everything", () => {
    const network = mobileNetV2Network();
    expect(receptiveField(network, "head")).toEqual({ size: [491, 491], jump: [32, 32], padBefore: [245, 245] });
    expect(receptiveField(network, "classifier").jump).toEqual([0, 0]);
    expect(receptiveField(network, "classifier").size[0]).toBeGreaterThanOrEqual(224);
    expect(receptiveField(network, "image")).toEqual({ size: [1, 1], jump: [1, 1], padBefore: [0, 0] });
  });

  test("of random networks: no cell depends on more", () => {
    fc.assert(
      fc.property(networks({ maxSize: 24, maxDepth: 4, global: false }), (network) => {
        const facts = factsOf(network);
        const { map: input } = network.inputs[0] as Network["inputs"][number];
        for (const { layer } of facts.layers) {
          const field = receptiveField(network, layer.output);
          const seen = exactField(network, layer.output, input);
          if (seen === undefined) continue;
          expect(Math.max(0, ...seen.map(([start, last]) => last - start + 1))).toBeLessThanOrEqual(field.size[0]);
          const begins = Math.min(...seen.map(([start]) => start));
          if (seen.length > 0) expect(begins).toBeGreaterThanOrEqual(-field.padBefore[0]);
        }
      }),
      { seed: 10, numRuns: 40 },
    );
  });

  test("upsampling: the most that any cell sees, and fields that move less than one cell", () => {
    const net = new NetworkBuilder();
    const up = net.resize(net.input(8, 8, 1), 16, 16, "linear");
    const network = net.build([net.conv(up, 1, { kernel: 3, name: "y" })]);
    expect(receptiveField(network, up)).toMatchObject({ size: [2, 2], jump: [0.5, 0.5] });
    expect(receptiveField(network, "y")).toMatchObject({ size: [3, 3], jump: [0.5, 0.5] });
  });

  test("a gate of one cell sees what the mean before it sees", () => {
    const net = new NetworkBuilder();
    const x = net.conv(net.input(8, 8, 2), 2, { kernel: 3 });
    const network = net.build([net.binary(x, net.conv(net.globalPool(x), 2), "mul")]);
    const field = receptiveField(network, network.outputs[0]?.map ?? "");
    expect(field.jump).toEqual([1, 1]);
    expect(field.size).toEqual([10, 10]);
    const given = new NetworkBuilder();
    const y = given.input(8, 8, 2);
    const gated = given.build([given.binary(y, given.input(1, 1, 2, "gate"), "mul")]);
    const map = gated.outputs[0]?.map ?? "";
    expect(receptiveField(gated, map, { input: "gate" })).toEqual({ size: [1, 1], jump: [0, 0], padBefore: [0, 0] });
  });

  test("of another input; inputs and maps that are not there", () => {
    const net = new NetworkBuilder();
    const a = net.conv(net.input(8, 8, 2, "a"), 2, { kernel: 3 });
    const b = net.conv(net.input(8, 8, 2, "b"), 2, { kernel: 5 });
    const network = net.build([net.binary(a, b)]);
    const map = network.outputs[0]?.map ?? "";
    expect(receptiveField(network, map).size).toEqual([3, 3]);
    expect(receptiveField(network, map, { input: "b" }).size).toEqual([5, 5]);
    expect(receptiveField(network, b).size).toEqual([0, 0]);
    expect(errorOf(() => receptiveField(network, map, { input: "c" }))?.code).toBe("OPTION");
    expect(errorOf(() => receptiveField(network, "nowhere"))?.code).toBe("OPTION");
    expect(errorOf(() => receptiveField(network, "constructor"))?.code).toBe("OPTION");
  });
});

/** By output row the first and last input row that it depends on, followed through single positions. */
function exactField(network: Network, map: string, input: string): [number, number][] | undefined {
  const facts = factsOf(network);
  const memo = new Map<string, Set<number> | undefined>();
  const rowsOf = (name: string, row: number): Set<number> | undefined => {
    if (name === input) return new Set([row]);
    const key = `${name} ${row}`;
    if (memo.has(key)) return memo.get(key);
    const index = facts.producer.get(name);
    const all = new Set<number>();
    if (network.maps[name]?.viewOf !== undefined) return undefined;
    if (index !== undefined && index >= 0) {
      const layer = network.layers[index] as Network["layers"][number];
      for (const [i, from] of layer.inputs.entries()) {
        for (const position of reads(layer, i, "rows", row, mapsOf(network, layer))) {
          const below = rowsOf(from, position);
          if (below === undefined) return undefined;
          for (const each of below) all.add(each);
        }
      }
    }
    memo.set(key, all);
    return all;
  };
  const found: [number, number][] = [];
  for (let row = 0; row < (network.maps[map]?.height ?? 0); row++) {
    const rows = rowsOf(map, row);
    if (rows === undefined) return undefined;
    if (rows.size > 0) found.push([Math.min(...rows), Math.max(...rows)]);
  }
  return found;
}

describe("splits", () => {
  test("MobileNetV2: not inside residual blocks, up to the mean", () => {
    const splits = legalSplits(mobileNetV2Network());
    const maps = splits.map(({ map }) => map);
    expect(maps).toContain("block4.project");
    expect(maps).not.toContain("block3.expand");
    expect(splits.slice(-2).map(({ map, cut }) => [map, cut])).toEqual([
      ["head", "head"],
      ["mean10", "head"],
    ]);
    expect(splits[0]).toEqual({
      end: 1,
      layer: "conv1",
      map: "conv1",
      cut: "conv1",
      height: 112,
      width: 112,
      channels: 32,
      bytes: 401_408,
    });
  });

  test("stages: from the lowest first layer on everything is legal, nothing before", () => {
    fc.assert(
      fc.property(networks({ maxSize: 10, maxDepth: 6 }), (network) => {
        const facts = factsOf(network);
        const ranges = new Map(legalStages(network).map((range) => [range.end, range]));
        for (let end = 1; end <= network.layers.length; end++) {
          for (let first = 0; first < end; first++) {
            const legal = stageFault(facts, first, end) === undefined;
            const { lowest, latest } = ranges.get(end) ?? { lowest: 1, latest: 0 };
            expect([first, end, legal]).toEqual([first, end, lowest <= first && first <= latest]);
          }
        }
        expect(legalSplits(network).map(({ end }) => end)).toEqual(
          [...ranges].filter(([, { lowest }]) => lowest === 0).map(([end]) => end),
        );
      }),
      { seed: 15, numRuns: 40 },
    );
  });
});

describe("boxes of patches", () => {
  const network = mobileNetV2Network({ width: 0.35, resolution: 32, classes: 10 });
  const options = { split: "block2.project", grid: { rows: 2, columns: 2 } } as const;

  test("outputs tile the image; every box is what the plan stores", () => {
    const boxes = patchBoxes(network, options);
    expect(boxes.map(({ row, column }) => [row, column])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    const plan = planStages(network, { stages: [{ first: 0, end: 6, ...options }] });
    const stage = plan.stages[0] as (typeof plan.stages)[number];
    for (const { row, column, maps } of boxes) {
      expect(Object.keys(maps).sort()).toEqual(Object.keys(stage.rows).sort());
      for (const [name, { stored, fresh }] of Object.entries(maps)) {
        expect(stored.rows).toEqual({ start: stage.rows[name]?.from[row], end: stage.rows[name]?.to[row] });
        expect(stored.columns).toEqual({
          start: stage.columns[name]?.from[column],
          end: stage.columns[name]?.to[column],
        });
        expect(fresh).toEqual(stored);
      }
    }
  });

  test("unclipped boxes reach beyond the image where padding is read", () => {
    const [first, , , last] = patchBoxes(network, options);
    expect(first?.maps["image"]).toMatchObject({
      stored: { rows: { start: 0, end: 18 } },
      unclipped: { rows: { start: -5, end: 18 } },
    });
    expect(last?.maps["image"]?.unclipped.rows.start).toBeLessThan(last?.maps["image"]?.stored.rows.end ?? 0);
  });

  test("kept parts: stored but not fresh; maps from outside: what is read", () => {
    const kept = patchBoxes(network, { ...options, overlap: "cacheBoth" });
    const box = kept[3]?.maps["conv1"];
    expect(box?.stored.rows.start).toBeLessThan(box?.fresh.rows.start ?? 0);
    const later = patchBoxes(network, { first: 3, split: 6, grid: { rows: 2, columns: 1 } });
    expect(Object.keys(later[0]?.maps ?? {})).toContain("block1.project");
  });

  test("refuses what planStages refuses", () => {
    expect(errorOf(() => patchBoxes(network, { split: "nowhere", grid: { rows: 1, columns: 1 } }))?.code).toBe(
      "ILLEGAL_SPLIT",
    );
    expect(errorOf(() => patchBoxes(network, { ...options, grid: { rows: 99, columns: 1 } }))?.code).toBe(
      "GRID_TOO_FINE",
    );
    expect(errorOf(() => patchBoxes(network, { ...options, overlap: "cacheRows" }))?.code).toBe("GRID_TOO_FINE");
  });
});
