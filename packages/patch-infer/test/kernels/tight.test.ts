import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Box, clip } from "../../src/base/interval.ts";
import type { KernelFactory } from "../../src/kernels/kernels.ts";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import { ruleOf } from "../../src/layers/rules.ts";
import type { Layer } from "../../src/network/layer.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import { requantizationOf } from "../../src/network/quantization.ts";
import * as int8 from "./int8/layers.ts";
import {
  type Cells,
  type Margin,
  callOf,
  floatMap,
  getCells,
  networkOf,
  place,
  randomFloats,
  runLayer,
  setCells,
} from "./oneLayer.ts";
import * as float from "./randomLayers.ts";

interface Case {
  readonly layer: Layer;
  readonly maps: readonly FeatureMap[];
  readonly box: Box;
  readonly seed: number;
}

const none: Margin = { above: 0, left: 0, right: 0 };

/** Numbers of which some are as odd as numbers can be. */
function oddFloats(size: number, seed: number): Float32Array {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-45, -3e-39, 3e38, 0];
  return randomFloats(size, seed).map((value, i) =>
    (i * 7 + seed) % 23 === 0 ? (odd[(i + seed) % 8] as number) : value,
  );
}

/** The maps that the layer reads, in its order. */
function inputsOf({ layer, maps }: Case): FeatureMap[] {
  return layer.inputs.map((name) => maps.find((map) => map.name === name) as FeatureMap);
}

/** The cells of an input that a box of the output needs. */
function needed(one: Case, input: number, map: FeatureMap): Box {
  const { layer, maps, box } = one;
  const around = { inputs: inputsOf(one), output: maps.at(-1) as FeatureMap };
  const along = (axis: "rows" | "columns", size: number): Box["rows"] => {
    const demand = ruleOf(layer).demand(layer, input, axis, box[axis], around);
    return demand === null ? { start: 0, end: size } : clip(demand, size);
  };
  return { rows: along("rows", map.height), columns: along("columns", map.width) };
}

/** Runs a layer on its box with nothing stored but what the box needs; the inputs are the last bytes of the arena. */
function runTight(factory: KernelFactory, one: Case, inputs: readonly Cells[]): Cells {
  const network = networkOf(one.maps, [one.layer]);
  const output = one.maps.at(-1) as FeatureMap;
  const to = place(output, one.box, 0, none);
  let address = Math.ceil(to.bytes / 16) * 16;
  const placed = inputsOf(one).map((map, index) => {
    const box = needed(one, index, map);
    const at = place(map, box, address, none);
    address += Math.ceil(at.bytes / 4) * 4;
    return { ...at, box };
  });
  const kernels = factory(network, address);
  kernels.arena.fill(0xff);
  placed.forEach(({ map, box, region }, index) => {
    const whole = { address: 0, top: 0, left: 0, rowCells: map.width };
    const cells = getCells(new Uint8Array((inputs[index] as Cells).buffer), map, box, whole);
    setCells(kernels.arena, map, box, region, cells);
  });
  kernels.run(
    0,
    callOf(
      one.box,
      placed.map(({ region }) => region),
      to.region,
    ),
  );
  return getCells(kernels.arena, output, one.box, to.region);
}

function check(cases: fc.Arbitrary<Case>, numRuns: number): void {
  fc.assert(
    fc.property(cases, (one) => {
      const inputs = inputsOf(one).map(({ height, width, channels, type }, index): Cells => {
        const make = type === "int8" ? int8.randomCodes : oddFloats;
        return make(height * width * channels, one.seed + 7 * index);
      });
      const output = one.maps.at(-1) as FeatureMap;
      const whole = runLayer(typescriptKernels, networkOf(one.maps, [one.layer]), inputs);
      const own = { address: 0, top: 0, left: 0, rowCells: output.width };
      const wanted = getCells(new Uint8Array(whole.buffer), output, one.box, own);
      for (const factory of [typescriptKernels, wasmKernels]) expect(runTight(factory, one, inputs)).toEqual(wanted);
    }),
    { seed: 31, numRuns },
  );
}

/** Programs have no slices backwards. */
const isForwards = ({ layer }: Case): boolean => layer.kind !== "slice" || layer.steps.every((step) => step > 0);

describe("a box needs what the layer's rule says and nothing else, whatever the numbers are", () => {
  const kinds: Readonly<Record<string, fc.Arbitrary<Case>>> = {
    conv2d: float.convolutions,
    "conv2d, 1 x 1": float.pointwiseConvolutions,
    depthwiseConv2d: float.depthwiseConvolutions,
    "depthwiseConv2d, wide": float.wideDepthwiseConvolutions,
    convTranspose2d: float.transposedConvolutions,
    pools: float.pools,
    binary: float.binaries,
    unary: float.unaries,
    resize2d: float.resizes,
    others: float.others.filter(isForwards),
    "int8 conv2d": int8.convolutions,
    "int8 conv2d, 1 x 1": int8.pointwise,
    "int8 depthwiseConv2d": int8.depthwiseConvolutions,
    "int8 depthwiseConv2d, 3 x 3": int8.squareDepthwise,
    "int8 convTranspose2d": int8.transposedConvolutions,
    "int8 pools": int8.pools,
    "int8 binary": int8.binaries,
    "int8 tables": int8.tables,
    "int8 globalPool": int8.globals,
    "int8 resize2d": int8.resizes,
  };
  test.each(Object.entries(kinds))("%s", (_, cases) => check(cases, 25));
});

const anything = { min: -128, max: 127 };
const codes = (name: string, height: number, width: number, channels: number): FeatureMap =>
  int8.codeMap(name, [height, width, channels]);

test.each([1, 2])(
  "cells beside the box are not read behind the memory: depthwise, many channels, stride %i",
  (stride) => {
    const channels = 5000;
    const layer: Layer = {
      kind: "depthwiseConv2d",
      name: "layer",
      inputs: ["in"],
      output: "out",
      kernel: [3, 3],
      strides: [1, stride],
      dilations: [1, 1],
      padBefore: [1, 1],
      padAfter: [1, 1],
      depthMultiplier: 1,
      weights: int8.randomCodes(9 * channels, 1, -127),
      bias: new Int32Array(channels),
      clamp: anything,
      requantization: requantizationOf(0.05, new Float32Array(channels).fill(0.01), 0.1),
    };
    const maps = [codes("in", 2, 12, channels), codes("out", 2, 12 / stride, channels)];
    const inputs = [int8.randomCodes(24 * channels, 2)];
    // Memory comes in pages of 64 KiB: one of these ends near the arena's end.
    for (const rows of [1, 2]) {
      for (const columns of [1, 2, 3]) {
        const box = { rows: { start: 0, end: rows }, columns: { start: 0, end: columns } };
        expect(() => runTight(wasmKernels, { layer, maps, box, seed: 1 }, inputs)).not.toThrow();
      }
    }
  },
);

test("a 1 x 1 convolution with padding at the right, whose input is as wide as the box", () => {
  const [input, output] = [floatMap("in", 3, 8, 3), floatMap("out", 3, 10, 3)];
  const layer: Layer = {
    kind: "conv2d",
    name: "layer",
    inputs: ["in"],
    output: "out",
    kernel: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    padBefore: [0, 0],
    padAfter: [0, 2],
    groups: 1,
    weights: randomFloats(9, 1),
    bias: randomFloats(3, 2),
    clamp: { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
  };
  const network = networkOf([input, output], [layer]);
  // Columns 3 and 4 are there because the patch before needed them.
  const stored: Box = { rows: { start: 0, end: 3 }, columns: { start: 3, end: 8 } };
  const box: Box = { rows: { start: 0, end: 3 }, columns: { start: 5, end: 10 } };
  const run = (factory: KernelFactory): Cells => {
    const from = place(input, stored, 0, none);
    const to = place(output, box, 192, none);
    const kernels = factory(network, 400);
    setCells(kernels.arena, input, stored, from.region, randomFloats(45, 3));
    kernels.run(0, callOf(box, [from.region], to.region));
    return getCells(kernels.arena, output, box, to.region);
  };
  expect(run(wasmKernels)).toEqual(run(typescriptKernels));
});

test("the mean of more int8 cells than a float can count", () => {
  const [height, width] = [512, 513];
  const layer: Layer = {
    kind: "averagePool2d",
    name: "layer",
    inputs: ["in"],
    output: "out",
    kernel: [height, width],
    strides: [1, 1],
    dilations: [1, 1],
    padBefore: [0, 0],
    padAfter: [0, 0],
    countIncludePad: false,
    clamp: anything,
  };
  const network = networkOf([codes("in", height, width, 1), codes("out", 1, 1, 1)], [layer]);
  // The mean is 100.5 less 1 / cells.
  const cells = new Int8Array(height * width)
    .fill(100, 0, (height * width) / 2 + 1)
    .fill(101, (height * width) / 2 + 1);
  for (const factory of [typescriptKernels, wasmKernels])
    expect([...runLayer(factory, network, [cells])]).toEqual([100]);
});
