import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import type { Layer } from "../../src/network/layer.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import { type Cells, getCells, networkOf, randomFloats, runLayer, wholeBox } from "./oneLayer.ts";
import {
  type LayerCase,
  binaries,
  convolutions,
  depthwiseConvolutions,
  margins,
  others,
  pointwiseConvolutions,
  pools,
  resizes,
  transposedConvolutions,
  unaries,
  wideDepthwiseConvolutions,
} from "./randomLayers.ts";

/** Cells of a box out of those of a whole map. */
function part(whole: Cells, map: FeatureMap, { box }: LayerCase<Layer>): Cells {
  const bytes = new Uint8Array(whole.buffer);
  return getCells(bytes, map, box, { address: 0, top: 0, left: 0, rowCells: map.width });
}

function check(cases: fc.Arbitrary<LayerCase<Layer>>, numRuns: number): void {
  fc.assert(
    fc.property(cases, margins, (one, margin) => {
      const network = networkOf(one.maps, [one.layer]);
      const inputs = one.layer.inputs.map((name, index) => {
        const { height, width, channels } = network.maps[name] as FeatureMap;
        return randomFloats(height * width * channels, one.seed + 7 * index);
      });
      const output = network.maps[one.layer.output] as FeatureMap;
      const whole = runLayer(typescriptKernels, network, inputs);
      expect(runLayer(wasmKernels, network, inputs, { box: wholeBox(output) })).toEqual(whole);
      const expected = part(whole, output, one);
      expect(runLayer(typescriptKernels, network, inputs, { box: one.box, margin, poison: 0xff })).toEqual(expected);
      expect(runLayer(wasmKernels, network, inputs, { box: one.box, margin, poison: 0xff })).toEqual(expected);
    }),
    { seed: 20, numRuns },
  );
}

describe("both engines give the same bits, on any box those of the whole image", () => {
  test("conv2d", () => check(convolutions, 40));
  test("conv2d, 1 x 1", () => check(pointwiseConvolutions, 40));
  test("depthwiseConv2d", () => check(depthwiseConvolutions, 40));
  test("depthwiseConv2d, wide", () => check(wideDepthwiseConvolutions, 30));
  test("convTranspose2d", () => check(transposedConvolutions, 30));
  test("maxPool2d and averagePool2d", () => check(pools, 40));
  test("binary", () => check(binaries, 70));
  test("unary", () => check(unaries, 70));
  test("resize2d", () => check(resizes, 40));
  test("softmax, and what only moves cells", () => check(others, 80));
});
