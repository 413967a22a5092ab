import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Box } from "../../src/base/interval.ts";
import type { KernelFactory } from "../../src/kernels/kernels.ts";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import type { GlobalPool } from "../../src/network/layer.ts";
import type { FeatureMap, Network } from "../../src/network/network.ts";
import { globals, randomCodes } from "./int8/layers.ts";
import {
  callOf,
  type Cells,
  floatMap,
  getCells,
  networkOf,
  place,
  randomFloats,
  runLayer,
  setCells,
  wholeBox,
} from "./oneLayer.ts";

const engines = [typescriptKernels, wasmKernels];

/** Cuts in (0, size), ascending, as intervals. */
function parts(size: number, cuts: readonly number[]): { start: number; end: number }[] {
  const at = [...new Set([0, ...cuts.map((cut) => 1 + (cut % size)).filter((cut) => cut < size), size])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, i) => ({ start: at[i] as number, end }));
}

/** Pools box by box; of each box only its own cells stand in the arena. Nothing but the sums and the output may change. */
function poolByParts(factory: KernelFactory, network: Network, cells: Cells, boxes: readonly Box[]): Cells {
  const layer = network.layers[0] as GlobalPool;
  const input = network.maps[layer.inputs[0] as string] as FeatureMap;
  const output = network.maps[layer.output] as FeatureMap;
  const most = place(input, wholeBox(input), 16, { above: 0, left: 1, right: 1 }).bytes;
  const sums = 16 * Math.ceil((32 + most) / 16);
  const to = 16 * Math.ceil((sums + 4 * output.channels + 16) / 16);
  const kernels = factory(network, to + 4 * output.channels + 16);
  const elsewhere: number[] = [];
  boxes.forEach((box, i) => {
    const { region } = place(input, box, 16, { above: 0, left: 1, right: 1 });
    kernels.arena.fill(0x7f, 0, sums);
    const own: number[] = [];
    for (let y = box.rows.start; y < box.rows.end; y++) {
      const from = (y * input.width + box.columns.start) * input.channels;
      own.push(...cells.subarray(from, from + (box.columns.end - box.columns.start) * input.channels));
    }
    setCells(kernels.arena, input, box, region, input.type === "int8" ? Int8Array.from(own) : Float32Array.from(own));
    const call = callOf(box, [region], { address: to, top: 0, left: 0, rowCells: 1 });
    const before = kernels.arena.slice();
    const isLast = i === boxes.length - 1;
    kernels.runPooling(0, call, sums, i === 0, isLast);
    kernels.arena.forEach((byte, at) => {
      const written =
        (at >= sums && at < sums + 4 * output.channels) ||
        (isLast && at >= to && at < to + output.channels * (output.type === "int8" ? 1 : 4));
      if (!written && byte !== before[at]) elsewhere.push(at);
    });
  });
  expect(elsewhere).toEqual([]);
  return getCells(kernels.arena, output, wholeBox(output), { address: to, top: 0, left: 0, rowCells: 1 });
}

const cuts = fc.array(fc.nat(30), { maxLength: 4 });

describe("a global pooling by parts", () => {
  test("float32, in row-major order: the bits of the whole image, in both engines", () => {
    const size = fc.integer({ min: 1, max: 9 });
    const drawn = fc.record({
      height: size,
      width: size,
      channels: fc.integer({ min: 1, max: 19 }),
      fn: fc.constantFrom("mean" as const, "sum" as const, "max" as const),
      cuts,
      across: cuts,
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(drawn, ({ height, width, channels, fn, cuts: rows, across, seed }) => {
        const layer: GlobalPool = {
          kind: "globalPool",
          ...{ name: "layer", inputs: ["in"], output: "out", fn, clamp: { min: -0.4, max: 3 } },
        };
        const network = networkOf([floatMap("in", height, width, channels), floatMap("out", 1, 1, channels)], [layer]);
        const cells = randomFloats(height * width * channels, seed);
        const expected = runLayer(typescriptKernels, network, [cells]);
        const boxes = parts(height, rows).map((each) => ({ rows: each, columns: { start: 0, end: width } }));
        // Parts of single rows are in row-major order, too.
        const pieces = Array.from({ length: height }, (_, y) =>
          parts(width, across).map((columns) => ({ rows: { start: y, end: y + 1 }, columns })),
        ).flat();
        for (const factory of engines) {
          expect(runLayer(factory, network, [cells])).toEqual(expected);
          expect(poolByParts(factory, network, cells, boxes)).toEqual(expected);
          expect(poolByParts(factory, network, cells, pieces)).toEqual(expected);
        }
      }),
      { seed: 31, numRuns: 60 },
    );
  });

  test("codes, boxes in any order: the codes of the whole image, in both engines", () => {
    fc.assert(
      fc.property(globals, cuts, cuts, ({ layer, maps, seed }, rows, columns) => {
        const [input] = maps as [FeatureMap, FeatureMap];
        const network = networkOf(maps, [layer]);
        const cells = randomCodes(input.height * input.width * input.channels, seed);
        const expected = runLayer(typescriptKernels, network, [cells]);
        const boxes = parts(input.height, rows)
          .flatMap((down) => parts(input.width, columns).map((across) => ({ rows: down, columns: across })))
          .reverse();
        for (const factory of engines) {
          expect(runLayer(factory, network, [cells])).toEqual(expected);
          expect(poolByParts(factory, network, cells, boxes)).toEqual(expected);
        }
      }),
      { seed: 32, numRuns: 60 },
    );
  });

  test.each(engines)("other layers cannot", (factory) => {
    const network = networkOf(
      [floatMap("in", 2, 2, 1), floatMap("out", 2, 2, 1)],
      [{ kind: "softmax", name: "layer", inputs: ["in"], output: "out" }],
    );
    const call = callOf(wholeBox(floatMap("in", 2, 2, 1)), [{ address: 0, top: 0, left: 0, rowCells: 2 }], {
      address: 16,
      ...{ top: 0, left: 0, rowCells: 2 },
    });
    expect(() => factory(network, 64).runPooling(0, call, 48, true, true)).toThrow(/cannot pool patch by patch/);
  });
});
