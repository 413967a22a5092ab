import fc from "fast-check";
import { expect, test } from "vitest";
import type { LayerCall, Region } from "../../src/kernels/kernels.ts";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import { floatMap, getCells, networkOf, randomFloats, runLayer, setCells, wholeBox } from "./oneLayer.ts";
import { convolutions, depthwiseConvolutions } from "./randomLayers.ts";

test("a depthwise convolution over its own input gives the same bits, with any number of channels at a time", () => {
  const cases = depthwiseConvolutions.filter(({ layer, maps: [input, output] }) => {
    const { height, width } = input as FeatureMap;
    const made = output as FeatureMap;
    return layer.depthMultiplier === 1 && made.height * made.width <= height * width;
  });
  fc.assert(
    fc.property(cases, fc.constantFrom(1, 4, 8, 16), fc.nat(2), ({ layer, maps, seed }, channelBlock, extra) => {
      const [input, output] = maps as [FeatureMap, FeatureMap];
      const network = networkOf(maps, [layer]);
      const cells = randomFloats(input.height * input.width * input.channels, seed);
      const expected = runLayer(typescriptKernels, network, [cells]);
      const bytes = 4 * input.height * (input.width + extra) * input.channels;
      const scratchBytes = 4 * output.height * output.width * channelBlock;
      for (const factory of [typescriptKernels, wasmKernels]) {
        const guard = 16;
        const scratch = guard + bytes + guard;
        const kernels = factory(network, scratch + scratchBytes + guard);
        kernels.arena.fill(0x7f);
        const region: Region = { address: guard, top: 0, left: 0, rowCells: input.width + extra };
        setCells(kernels.arena, input, wholeBox(input), region, cells);
        const call: LayerCall = {
          rowStart: 0,
          rowEnd: output.height,
          columnStart: 0,
          columnEnd: output.width,
          inputs: [region],
          // Rows of the output are as long as it needs: they need not begin where the input's rows did.
          output: { address: guard, top: 0, left: 0, rowCells: output.width },
        };
        kernels.runInPlace(0, call, scratch, channelBlock);
        expect(getCells(kernels.arena, output, wholeBox(output), call.output)).toEqual(expected);
        for (const from of [0, guard + bytes, scratch + scratchBytes]) {
          expect(kernels.arena.subarray(from, from + guard).every((byte) => byte === 0x7f)).toBe(true);
        }
      }
    }),
    { seed: 21, numRuns: 50 },
  );
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
