import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import type { DepthwiseConv2d } from "../../src/network/layer.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import {
  callOf,
  floatMap,
  getCells,
  networkOf,
  place,
  randomFloats,
  runLayer,
  setCells,
  wholeBox,
} from "./oneLayer.ts";
import {
  convolutions,
  depthwiseConvolutions,
  highDepthwise,
  type LayerCase,
  manyDepthwiseChannels,
  wideDepthwiseConvolutions,
} from "./randomLayers.ts";

describe("a depthwise convolution over its own input gives the same bits, with any number of channels at a time", () => {
  function check(cases: fc.Arbitrary<LayerCase<DepthwiseConv2d>>, numRuns: number): void {
    // Where the output begins later than the input, rows are written over those that later ones still read.
    const blocks = fc.constantFrom(1, 4, 8, 16);
    fc.assert(
      fc.property(cases, blocks, fc.nat(2), fc.constantFrom(0, 0, 1, 20, 100), (one, channelBlock, extra, shift) => {
        const { layer, maps, box, seed } = one;
        fc.pre(layer.depthMultiplier === 1);
        const [input, output] = maps as [FeatureMap, FeatureMap];
        const network = networkOf(maps, [layer]);
        const cells = randomFloats(input.height * input.width * input.channels, seed);
        const expected = runLayer(typescriptKernels, network, [cells], { box });
        const guard = 16;
        const from = place(input, wholeBox(input), guard, { above: 0, left: 0, right: extra });
        // Rows of the output are as long as it needs: they need not begin where the input's rows did.
        const to = place(output, box, guard + 4 * shift * input.channels, { above: 0, left: 0, right: 0 });
        const scratch = guard + Math.max(from.bytes, to.bytes + to.region.address - guard) + guard;
        const scratchEnd = scratch + (to.bytes / output.channels) * channelBlock;
        for (const factory of [typescriptKernels, wasmKernels]) {
          const kernels = factory(network, scratchEnd + guard);
          kernels.arena.fill(0x7f);
          setCells(kernels.arena, input, wholeBox(input), from.region, cells);
          kernels.runInPlace(0, callOf(box, [from.region], to.region), scratch, channelBlock);
          expect(getCells(kernels.arena, output, box, to.region)).toEqual(expected);
          for (const start of [0, scratch - guard, scratchEnd]) {
            expect(kernels.arena.subarray(start, start + guard).every((byte) => byte === 0x7f)).toBe(true);
          }
          // What was set aside is forgotten: the next run is like the first.
          setCells(kernels.arena, input, wholeBox(input), from.region, cells);
          kernels.runInPlace(0, callOf(box, [from.region], to.region), scratch, channelBlock);
          expect(getCells(kernels.arena, output, box, to.region)).toEqual(expected);
        }
      }),
      { seed: 21, numRuns },
    );
  }

  test("any window", () => check(depthwiseConvolutions, 40));
  test("3 and 5 columns", () => check(wideDepthwiseConvolutions, 20));
  const allRows = highDepthwise.map((one) => ({ ...one, box: wholeBox(one.maps.at(-1) as FeatureMap) }));
  test("many rows", () => check(allRows, 25));
  test("wide rows", () => check(manyDepthwiseChannels, 25));
});

test("a convolution that adds to its output gives the bits of a convolution and an addition", () => {
  fc.assert(
    fc.property(convolutions, fc.nat(2), ({ layer, maps, box, seed }, above) => {
      const [input, output] = maps as [FeatureMap, FeatureMap];
      const add = {
        kind: "binary",
        name: "add",
        fn: "add",
        inputs: ["old", "out"],
        output: "sum",
        clamp: { min: -0.75, max: 4 },
      } as const;
      const like = (name: string): FeatureMap => floatMap(name, output.height, output.width, output.channels);
      const cells = randomFloats(input.height * input.width * input.channels, seed);
      const own = runLayer(typescriptKernels, networkOf(maps, [layer]), [cells], { box });
      const before = randomFloats(own.length, seed + 5);
      const expected = own.map((value, i) => {
        const sum = Math.fround(value + (before[i] as number));
        return Math.min(4, Math.max(-0.75, sum));
      });
      const network = networkOf([...maps, like("old"), like("sum")], [layer, add]);
      for (const factory of [typescriptKernels, wasmKernels]) {
        expect(
          runLayer(factory, network, [cells], { box, margin: { above, left: 0, right: 1 }, before, accumulate: true }),
        ).toEqual(expected);
      }
    }),
    { seed: 22, numRuns: 50 },
  );
});
