import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { typescriptKernels } from "../../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../../src/kernels/wasmKernels.ts";
import type { Binary, Conv2d, DepthwiseConv2d } from "../../../src/network/layer.ts";
import type { FeatureMap } from "../../../src/network/network.ts";
import { additionRequantization } from "../../../src/network/quantization.ts";
import { callOf, getCells, networkOf, place, runLayer, setCells, wholeBox } from "../oneLayer.ts";
import {
  type Int8Case,
  codeMap,
  convolutions,
  depthwiseConvolutions,
  highDepthwise,
  pointwise,
  randomCodes,
  squareDepthwise,
  wideDepthwise,
} from "./layers.ts";

const engines = [typescriptKernels, wasmKernels];

function inputOf({ maps, seed }: Int8Case): Int8Array {
  const { height, width, channels } = maps[0] as FeatureMap;
  return randomCodes(height * width * channels, seed);
}

describe("a depthwise convolution that overwrites its input gives the codes that it gives elsewhere", () => {
  function check(cases: fc.Arbitrary<Int8Case>, numRuns: number): void {
    const blocks = fc.constantFrom(1, 3, 4, 8, 16, 64);
    fc.assert(
      fc.property(cases, blocks, fc.nat(2), fc.constantFrom(0, 0, 1, 20, 100), (one, channelBlock, extra, shift) => {
        const layer = one.layer as DepthwiseConv2d;
        fc.pre(layer.depthMultiplier === 1);
        const network = networkOf(one.maps, [layer]);
        const [input, output] = one.maps as [FeatureMap, FeatureMap];
        const expected = runLayer(typescriptKernels, network, [inputOf(one)], { box: one.box });
        const from = place(input, wholeBox(input), 32, { above: 0, left: 0, right: extra });
        // Where the output begins later than the input, rows are written over those that later ones still read.
        const to = place(output, one.box, 32 + shift * input.channels, { above: 0, left: 0, right: extra });
        const scratch = Math.max(32 + from.bytes, to.region.address + to.bytes) + 16;
        const { rows, columns } = one.box;
        const cells = (rows.end - rows.start) * (columns.end - columns.start);
        const scratchEnd = scratch + cells * Math.min(channelBlock, output.channels);
        for (const factory of engines) {
          const kernels = factory(network, scratchEnd + 16);
          kernels.arena.fill(0x7f);
          setCells(kernels.arena, input, wholeBox(input), from.region, inputOf(one));
          kernels.runInPlace(0, callOf(one.box, [from.region], to.region), scratch, channelBlock);
          expect(getCells(kernels.arena, output, one.box, to.region)).toEqual(expected);
          // Nothing in front of, between and behind the buffers has changed.
          const canaries = [...kernels.arena.subarray(0, 32), ...kernels.arena.subarray(scratch - 16, scratch)];
          expect([...canaries, ...kernels.arena.subarray(scratchEnd)].every((byte) => byte === 0x7f)).toBe(true);
        }
      }),
      { seed: 40, numRuns },
    );
  }

  test("any window", () => check(depthwiseConvolutions, 25));
  test("3 x 3", () => check(squareDepthwise, 25));
  const allRows = highDepthwise.map((one) => ({ ...one, box: wholeBox(one.maps.at(-1) as FeatureMap) }));
  test("many rows", () => check(allRows, 25));
  test("wide rows", () => check(wideDepthwise, 25));
});

describe("a convolution that adds to what stands at its output gives the codes of convolution and addition", () => {
  function check(cases: fc.Arbitrary<Int8Case>, numRuns: number): void {
    fc.assert(
      fc.property(cases, fc.boolean(), fc.boolean(), fc.nat(2), (one, left, subtract, extra) => {
        const convolution = one.layer as Conv2d;
        const [input, output] = one.maps as [FeatureMap, FeatureMap];
        const { height, width, channels } = output;
        const sizes = [height, width, channels] as const;
        const skipped = codeMap("skipped", sizes, 0.07, 9);
        const result = codeMap("result", sizes, 0.11, -3);
        const [first, second] = left ? [output, skipped] : [skipped, output];
        const add: Binary = {
          kind: "binary",
          name: "add",
          fn: subtract ? "sub" : "add",
          inputs: [first.name, second.name],
          output: "result",
          clamp: { min: -100, max: 110 },
          requantization: additionRequantization(first.scale as number, second.scale as number, 0.11),
        };
        const there = randomCodes(height * width * channels, one.seed + 3);
        const made = runLayer(typescriptKernels, networkOf([input, output], [convolution]), [inputOf(one)]);
        const maps = [input, output, skipped, result];
        const expected = runLayer(typescriptKernels, networkOf(maps, [add]), left ? [made, there] : [there, made], {
          box: one.box,
        });
        const before = getCells(new Uint8Array(there.buffer), skipped, one.box, {
          address: 0,
          top: 0,
          left: 0,
          rowCells: width,
        });
        for (const factory of engines) {
          const options = { box: one.box, margin: { above: extra, left: 0, right: extra }, before, accumulate: true };
          expect(runLayer(factory, networkOf(maps, [convolution, add]), [inputOf(one)], options)).toEqual(expected);
        }
      }),
      { seed: 50, numRuns },
    );
  }

  test("any window", () => check(convolutions, 25));
  test("1 x 1", () => check(pointwise, 25));
});

test("a binary layer may write where an operand stands", () => {
  const map = (name: string) => codeMap(name, [3, 5, 7], 0.05, 4);
  const layer: Binary = {
    kind: "binary",
    name: "add",
    fn: "add",
    inputs: ["a", "b"],
    output: "y",
    clamp: { min: -128, max: 127 },
    requantization: additionRequantization(0.05, 0.05, 0.05),
  };
  const network = networkOf([map("a"), map("b"), map("y")], [layer]);
  const a = randomCodes(105, 1);
  const b = randomCodes(105, 2);
  const expected = runLayer(typescriptKernels, network, [a, b]);
  for (const factory of engines) {
    for (const shared of [0, 112]) {
      const kernels = factory(network, 256);
      const codes = new Int8Array(kernels.arena.buffer, kernels.arena.byteOffset, 256);
      codes.set(a);
      codes.set(b, 112);
      const at = (address: number) => ({ address, top: 0, left: 0, rowCells: 5 });
      kernels.run(0, callOf(wholeBox(map("y")), [at(0), at(112)], at(shared)));
      expect(codes.slice(shared, shared + 105)).toEqual(expected);
      expect(codes.slice(112 - shared, 217 - shared)).toEqual(shared === 0 ? b : a);
    }
  }
});
