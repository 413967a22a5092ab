import fc from "fast-check";
import type { Box } from "../../src/base/interval.ts";
import type { Conv2d, ConvTranspose2d, DepthwiseConv2d, Window } from "../../src/network/layer.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import { floatMap, randomFloats } from "./oneLayer.ts";

/** A layer with the maps around it and a box of its output. */
export interface LayerCase<L> {
  readonly layer: L;
  readonly maps: readonly FeatureMap[];
  readonly box: Box;
  readonly seed: number;
}

const noClamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
const clamps = fc.constantFrom(
  noClamp,
  { min: 0, max: 6 },
  { min: 0, max: Number.POSITIVE_INFINITY },
  { min: -0.5, max: 0.25 },
);

function between(most: number): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: most });
}

export const windows: fc.Arbitrary<Window & { readonly height: number; readonly width: number }> = fc
  .record({
    height: between(11),
    width: between(13),
    kernel: fc.tuple(between(5), between(5)),
    strides: fc.tuple(between(3), between(3)),
    dilations: fc.tuple(between(3), between(3)),
    padBefore: fc.tuple(fc.nat(5), fc.nat(5)),
    padAfter: fc.tuple(fc.nat(5), fc.nat(5)),
  })
  .filter((window) => outputSize(window).every((size) => size >= 1));

export function outputSize({
  height,
  width,
  kernel,
  strides,
  dilations,
  padBefore,
  padAfter,
}: Window & {
  readonly height: number;
  readonly width: number;
}): readonly [number, number] {
  const along = (axis: 0 | 1, size: number): number => {
    const room = size + padBefore[axis] + padAfter[axis] - (kernel[axis] - 1) * dilations[axis] - 1;
    return Math.floor(room / strides[axis]) + 1;
  };
  return [along(0, height), along(1, width)];
}

/** Any box of a map. */
export function boxes({ height, width }: FeatureMap): fc.Arbitrary<Box> {
  const part = (size: number) =>
    fc.tuple(fc.integer({ min: 0, max: size - 1 }), between(size)).map(([start, count]) => ({
      start,
      end: Math.min(size, start + count),
    }));
  return fc.record({ rows: part(height), columns: part(width) });
}

function withBox<L>(
  build: fc.Arbitrary<{ readonly layer: L; readonly maps: readonly [FeatureMap, FeatureMap]; readonly seed: number }>,
): fc.Arbitrary<LayerCase<L>> {
  return build.chain(({ layer, maps, seed }) => boxes(maps[1]).map((box) => ({ layer, maps, box, seed })));
}

export const convolutions: fc.Arbitrary<LayerCase<Conv2d>> = withBox(
  fc
    .tuple(windows, fc.constantFrom(1, 1, 1, 2, 3), between(9), between(20), clamps, fc.nat(1000))
    .map(([{ height, width, ...window }, groups, inputs, outputs, clamp, seed]) => {
      const [rows, columns] = outputSize({ height, width, ...window });
      const channels = outputs * groups;
      const weights = randomFloats(channels * window.kernel[0] * window.kernel[1] * inputs, seed + 1);
      return {
        layer: {
          kind: "conv2d" as const,
          name: "layer",
          inputs: ["in"],
          output: "out",
          ...window,
          groups,
          weights,
          bias: randomFloats(channels, seed + 2),
          clamp,
        },
        maps: [floatMap("in", height, width, inputs * groups), floatMap("out", rows, columns, channels)] as const,
        seed,
      };
    }),
);

export const depthwiseConvolutions: fc.Arbitrary<LayerCase<DepthwiseConv2d>> = withBox(
  fc
    .tuple(windows, fc.constantFrom(1, 1, 1, 2, 3), between(20), clamps, fc.nat(1000))
    .map(([{ height, width, ...window }, depthMultiplier, inputs, clamp, seed]) => {
      const [rows, columns] = outputSize({ height, width, ...window });
      const channels = inputs * depthMultiplier;
      return {
        layer: {
          kind: "depthwiseConv2d" as const,
          name: "layer",
          inputs: ["in"],
          output: "out",
          ...window,
          depthMultiplier,
          weights: randomFloats(channels * window.kernel[0] * window.kernel[1], seed + 1),
          bias: randomFloats(channels, seed + 2),
          clamp,
        },
        maps: [floatMap("in", height, width, inputs), floatMap("out", rows, columns, channels)] as const,
        seed,
      };
    }),
);

export const transposedConvolutions: fc.Arbitrary<LayerCase<ConvTranspose2d>> = withBox(
  fc
    .tuple(windows, fc.constantFrom(1, 1, 1, 2, 3), between(9), between(20), clamps, fc.nat(1000))
    .map(([{ height, width, ...window }, groups, inputs, outputs, clamp, seed]) => {
      const { kernel, strides, dilations, padBefore, padAfter } = window;
      const size = (axis: 0 | 1, count: number): number =>
        Math.max(
          1,
          (count - 1) * strides[axis] - padBefore[axis] - padAfter[axis] + (kernel[axis] - 1) * dilations[axis] + 1,
        );
      const channels = outputs * groups;
      const weights = randomFloats(channels * kernel[0] * kernel[1] * inputs, seed + 1);
      return {
        layer: {
          kind: "convTranspose2d" as const,
          name: "layer",
          inputs: ["in"],
          output: "out",
          ...window,
          groups,
          weights,
          bias: randomFloats(channels, seed + 2),
          clamp,
        },
        maps: [
          floatMap("in", height, width, inputs * groups),
          floatMap("out", size(0, height), size(1, width), channels),
        ] as const,
        seed,
      };
    }),
);
