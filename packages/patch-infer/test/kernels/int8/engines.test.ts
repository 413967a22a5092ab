import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clip } from "../../../src/base/interval.ts";
import { typescriptKernels } from "../../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../../src/kernels/wasmKernels.ts";
import { mapsOf, ruleOf } from "../../../src/layers/rules.ts";
import type { FeatureMap, Network } from "../../../src/network/network.ts";
import { type Cells, getCells, networkOf, runLayer, wholeBox } from "../oneLayer.ts";
import { margins } from "../randomLayers.ts";
import {
  type Int8Case,
  binaries,
  convolutions,
  depthwiseConvolutions,
  globals,
  pointwise,
  pools,
  randomCodes,
  resizes,
  squareDepthwise,
  tables,
  transposedConvolutions,
} from "./layers.ts";

/** The layer's inputs with other codes wherever the box needs none. */
function elsewhereSpoiled(network: Network, { layer, box }: Int8Case, inputs: readonly Int8Array[]): Int8Array[] {
  const maps = mapsOf(network, layer);
  const rule = ruleOf(layer);
  return inputs.map((codes, index) => {
    const { height, width, channels } = maps.inputs[index] as FeatureMap;
    const rows = rule.demand(layer, index, "rows", box.rows, maps);
    const columns = rule.demand(layer, index, "columns", box.columns, maps);
    const needed = (at: number, interval: { start: number; end: number } | null, size: number): boolean => {
      if (interval === null) return true;
      const { start, end } = clip(interval, size);
      return at >= start && at < end;
    };
    return codes.map((code, at) => {
      const cell = Math.floor(at / channels);
      const inside = needed(Math.floor(cell / width), rows, height) && needed(cell % width, columns, width);
      return inside ? code : ~code;
    });
  });
}

function check(cases: fc.Arbitrary<Int8Case>, numRuns: number): void {
  fc.assert(
    fc.property(cases, margins, (one, margin) => {
      const network = networkOf(one.maps, [one.layer]);
      const inputs = one.layer.inputs.map((name, index) => {
        const { height, width, channels } = network.maps[name] as FeatureMap;
        return randomCodes(height * width * channels, one.seed + 7 * index);
      });
      const output = network.maps[one.layer.output] as FeatureMap;
      const whole = runLayer(typescriptKernels, network, inputs);
      expect(runLayer(wasmKernels, network, inputs, { box: wholeBox(output) })).toEqual(whole);
      const expected = part(whole, output, one);
      const spoiled = elsewhereSpoiled(network, one, inputs);
      expect(runLayer(typescriptKernels, network, spoiled, { box: one.box, margin, poison: 0xff })).toEqual(expected);
      expect(runLayer(wasmKernels, network, spoiled, { box: one.box, margin, poison: 0x55 })).toEqual(expected);
    }),
    { seed: 30, numRuns },
  );
}

/** Cells of a box out of those of a whole map. */
function part(whole: Cells, map: FeatureMap, { box }: Int8Case): Cells {
  return getCells(new Uint8Array(whole.buffer), map, box, { address: 0, top: 0, left: 0, rowCells: map.width });
}

describe("both engines give the same codes, on any box those of the whole image, and read nothing but what rules demand", () => {
  test("conv2d", () => check(convolutions, 40));
  test("conv2d, 1 x 1", () => check(pointwise, 20));
  test("depthwiseConv2d", () => check(depthwiseConvolutions, 30));
  test("depthwiseConv2d, 3 x 3", () => check(squareDepthwise, 40));
  test("convTranspose2d", () => check(transposedConvolutions, 25));
  test("maxPool2d, averagePool2d", () => check(pools, 40));
  test("binary", () => check(binaries, 60));
  test("unary", () => check(tables, 20));
  test("globalPool", () => check(globals, 20));
  test("resize2d", () => check(resizes, 25));
});
