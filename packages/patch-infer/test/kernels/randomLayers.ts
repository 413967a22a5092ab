import fc from "fast-check";
import type { Box } from "../../src/base/interval.ts";
import type {
  AveragePool2d,
  Binary,
  BinaryFunction,
  Conv2d,
  ConvTranspose2d,
  DepthwiseConv2d,
  Layer,
  MaxPool2d,
  Resize2d,
  ResizeAxis,
  Unary,
  UnaryFunction,
  Window,
} from "../../src/network/layer.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import { type Margin, floatMap, randomFloats } from "./oneLayer.ts";

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

/** Often none, because kernels have shorter ways for rows that follow one another. */
const some = fc.constantFrom(0, 0, 1, 2);
export const margins: fc.Arbitrary<Margin> = fc.record({ above: some, left: some, right: some });

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

/** The output is the last map. */
function withBox<L>(
  build: fc.Arbitrary<{ readonly layer: L; readonly maps: readonly FeatureMap[]; readonly seed: number }>,
): fc.Arbitrary<LayerCase<L>> {
  return build.chain(({ layer, maps, seed }) =>
    boxes(maps.at(-1) as FeatureMap).map((box) => ({ layer, maps, box, seed })),
  );
}

function convolutionsOver(over: typeof windows, mostCells: number): fc.Arbitrary<LayerCase<Conv2d>> {
  return withBox(
    fc
      .tuple(over, fc.constantFrom(1, 1, 1, 2, 3), between(9), between(mostCells), clamps, fc.nat(1000))
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
          maps: [floatMap("in", height, width, inputs * groups), floatMap("out", rows, columns, channels)],
          seed,
        };
      }),
  );
}

export const convolutions: fc.Arbitrary<LayerCase<Conv2d>> = convolutionsOver(windows, 20);

/** Without padding and strides, and with enough outputs for the widest kernels. */
export const pointwiseConvolutions: fc.Arbitrary<LayerCase<Conv2d>> = convolutionsOver(
  fc.record({
    height: between(7),
    width: between(7),
    kernel: fc.constant([1, 1] as const),
    strides: fc.constant([1, 1] as const),
    dilations: fc.constant([1, 1] as const),
    padBefore: fc.constant([0, 0] as const),
    padAfter: fc.constant([0, 0] as const),
  }),
  75,
);

function depthwiseOver(over: typeof windows, mostChannels = 20): fc.Arbitrary<LayerCase<DepthwiseConv2d>> {
  return withBox(
    fc
      .tuple(over, fc.constantFrom(1, 1, 1, 2, 3), between(mostChannels), clamps, fc.nat(1000))
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
}

export const depthwiseConvolutions: fc.Arbitrary<LayerCase<DepthwiseConv2d>> = depthwiseOver(windows);

/** Wide images and the kernels that have code of their own. */
export const wideDepthwiseConvolutions: fc.Arbitrary<LayerCase<DepthwiseConv2d>> = depthwiseOver(
  fc
    .record({
      height: between(5),
      width: fc.integer({ min: 9, max: 22 }),
      kernel: fc.tuple(between(3), fc.constantFrom(3, 5)),
      strides: fc.tuple(between(2), between(2)),
      dilations: fc.constant([1, 1] as const),
      padBefore: fc.tuple(fc.nat(2), fc.nat(2)),
      padAfter: fc.tuple(fc.nat(2), fc.nat(2)),
    })
    .filter((window) => outputSize(window).every((size) => size >= 1)),
);

/** Wide images and all that windows may be. */
export const wideWindows: typeof windows = fc
  .record({
    height: between(12),
    width: fc.integer({ min: 14, max: 40 }),
    kernel: fc.tuple(between(4), between(5)),
    strides: fc.tuple(between(3), between(3)),
    dilations: fc.tuple(between(2), between(2)),
    padBefore: fc.tuple(fc.nat(3), fc.nat(3)),
    padAfter: fc.tuple(fc.nat(3), fc.nat(3)),
  })
  .filter((window) => outputSize(window).every((size) => size >= 1));

/** Images that are high for their window. */
export const highWindows: typeof windows = fc
  .record({
    height: fc.integer({ min: 14, max: 20 }),
    width: between(9),
    kernel: fc.tuple(between(3), between(3)),
    strides: fc.constant([1, 1] as const),
    dilations: fc.constant([1, 1] as const),
    padBefore: fc.tuple(fc.nat(1), fc.nat(1)),
    padAfter: fc.tuple(fc.nat(1), fc.nat(1)),
  })
  .filter((window) => outputSize(window).every((size) => size >= 1));

export const highDepthwise: fc.Arbitrary<LayerCase<DepthwiseConv2d>> = depthwiseOver(highWindows, 40);

/** With many channels. */
export const manyDepthwiseChannels: fc.Arbitrary<LayerCase<DepthwiseConv2d>> = depthwiseOver(wideWindows, 40);

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

export const pools: fc.Arbitrary<LayerCase<MaxPool2d | AveragePool2d>> = withBox(
  fc
    .tuple(windows, fc.constantFrom("maxPool2d", "averagePool2d"), fc.boolean(), between(20), clamps, fc.nat(1000))
    .map(([{ height, width, ...window }, kind, countIncludePad, channels, clamp, seed]) => {
      const [rows, columns] = outputSize({ height, width, ...window });
      const common = { name: "layer", inputs: ["in"], output: "out", ...window, clamp };
      const layer: MaxPool2d | AveragePool2d =
        kind === "maxPool2d" ? { ...common, kind } : { ...common, kind: "averagePool2d", countIncludePad };
      return { layer, maps: [floatMap("in", height, width, channels), floatMap("out", rows, columns, channels)], seed };
    }),
);

const binaryFunctions: readonly BinaryFunction[] = ["add", "sub", "mul", "div", "minimum", "maximum", "rsub", "rdiv"];

/** Two maps, a map and one of 1 x 1 cells (on either side), of one channel, or a constant. */
export const binaries: fc.Arbitrary<LayerCase<Binary>> = withBox(
  fc
    .tuple(
      fc.constantFrom(...binaryFunctions),
      fc.constantFrom("maps", "single", "singleLeft", "number", "channel", "plane", "constant", "oneConstant"),
      fc.tuple(between(5), between(6), between(13)),
      clamps,
      fc.nat(1000),
    )
    .map(([fn, right, [height, width, channels], clamp, seed]) => {
      const whole = floatMap("a", height, width, channels);
      const other = {
        maps: floatMap("b", height, width, channels),
        single: floatMap("b", 1, 1, channels),
        singleLeft: floatMap("b", 1, 1, channels),
        number: floatMap("b", 1, 1, 1),
        channel: floatMap("b", 1, 1, channels),
        plane: floatMap("b", height, width, 1),
        constant: undefined,
        oneConstant: undefined,
      }[right];
      const out = floatMap("out", height, width, channels);
      const inputs = other === undefined ? ["a"] : right === "singleLeft" ? ["b", "a"] : ["a", "b"];
      const layer: Binary = {
        kind: "binary",
        name: "layer",
        inputs,
        output: "out",
        fn,
        clamp,
        ...(other === undefined && { constant: randomFloats(right === "constant" ? channels : 1, seed + 3) }),
      };
      return { layer, maps: other === undefined ? [whole, out] : [whole, other, out], seed };
    }),
);

export const unaryNames: readonly UnaryFunction[] = [
  "clamp",
  "leakyRelu",
  "abs",
  "neg",
  "sigmoid",
  "tanh",
  "exp",
  "log",
  "sqrt",
  "square",
  "hardSwish",
  "silu",
  "softplus",
  "floor",
];

export const unaries: fc.Arbitrary<LayerCase<Unary>> = withBox(
  fc
    .tuple(
      fc.constantFrom(...unaryNames),
      fc.boolean(),
      fc.tuple(between(5), between(6), between(13)),
      clamps,
      fc.nat(1000),
    )
    .map(([fn, perChannel, [height, width, channels], clamp, seed]) => ({
      layer: {
        kind: "unary" as const,
        name: "layer",
        inputs: ["in"],
        output: "out",
        fn,
        clamp,
        ...(fn === "leakyRelu" && { slope: randomFloats(perChannel ? channels : 1, seed + 3) }),
      },
      maps: [floatMap("in", height, width, channels), floatMap("out", height, width, channels)],
      seed,
    })),
);

function resizeAxis(input: number, output: number, linear: boolean): ResizeAxis {
  const positions = Array.from({ length: output }, (_, o) => Math.max(0, ((o + 0.5) * input) / output - 0.5));
  const low = Int32Array.from(positions, (at) => Math.min(input - 1, linear ? Math.floor(at) : Math.round(at)));
  return {
    low,
    high: linear ? low.map((at) => Math.min(input - 1, at + 1)) : low,
    share: Float32Array.from(positions, (at, o) => (linear ? at - (low[o] as number) : 0)),
  };
}

export const resizes: fc.Arbitrary<LayerCase<Resize2d>> = withBox(
  fc
    .tuple(
      fc.constantFrom("linear", "nearest"),
      fc.tuple(between(6), between(6), between(9)),
      between(11),
      between(11),
      fc.nat(1000),
    )
    .map(([mode, [height, width, channels], rows, columns, seed]) => ({
      layer: {
        kind: "resize2d" as const,
        name: "layer",
        inputs: ["in"],
        output: "out",
        mode,
        rows: resizeAxis(height, rows, mode === "linear"),
        columns: resizeAxis(width, columns, mode === "linear"),
      },
      maps: [floatMap("in", height, width, channels), floatMap("out", rows, columns, channels)],
      seed,
    })),
);

/** Layers over whole images that are not cut: global pooling, softmax and the moves of cells. */
export const others: fc.Arbitrary<LayerCase<Layer>> = withBox(
  fc
    .tuple(fc.nat(8), fc.tuple(between(4), between(5), between(6)), between(3), fc.boolean(), fc.nat(1000))
    .map((choice) => {
      const [which, [height, width, channels], size, flag, seed] = choice;
      const common = { name: "layer", inputs: ["in"], output: "out" };
      const input = floatMap("in", height, width, channels);
      const order = flag ? "dcr" : "crd";
      const made: readonly [Layer, FeatureMap, FeatureMap, FeatureMap?][] = [
        [{ ...common, kind: "softmax" }, input, floatMap("out", height, width, channels)],
        [
          { ...common, kind: "globalPool", fn: (["mean", "sum", "max"] as const)[size - 1] as "mean", clamp: noClamp },
          input,
          floatMap("out", 1, 1, channels),
        ],
        [
          { ...common, kind: "pad", before: [1, 0, size - 1], after: [0, size, flag ? 1 : 0], value: 0.25 },
          input,
          floatMap("out", height + 1, width + size, channels + size - 1 + (flag ? 1 : 0)),
        ],
        [
          { ...common, kind: "concat", axis: 2, inputs: ["in", "in2"] },
          input,
          floatMap("out", height, width, channels + size),
          floatMap("in2", height, width, size),
        ],
        [
          { ...common, kind: "concat", axis: 0, inputs: ["in", "in2"] },
          input,
          floatMap("out", height + size, width, channels),
          floatMap("in2", size, width, channels),
        ],
        [
          { ...common, kind: "concat", axis: 1, inputs: ["in", "in2"] },
          input,
          floatMap("out", height, width + size, channels),
          floatMap("in2", height, size, channels),
        ],
        [
          { ...common, kind: "depthToSpace", block: size, order },
          floatMap("in", height, width, channels * size * size),
          floatMap("out", height * size, width * size, channels),
        ],
        [
          { ...common, kind: "spaceToDepth", block: size, order },
          floatMap("in", height * size, width * size, channels),
          floatMap("out", height, width, channels * size * size),
        ],
        [
          { ...common, kind: "slice", starts: [height, 0, 1], steps: [-1, size, flag ? 2 : 1] },
          floatMap("in", height + 1, width * size, channels * 2 + 1),
          floatMap("out", height, width, channels),
        ],
        [
          { ...common, kind: "transpose", permutation: flag ? [2, 0, 1] : [1, 0, 2] },
          input,
          flag ? floatMap("out", channels, height, width) : floatMap("out", width, height, channels),
        ],
      ];
      const [layer, first, output, second] = made[which] as (typeof made)[number];
      return { layer, maps: second === undefined ? [first, output] : [first, second, output], seed };
    }),
);
