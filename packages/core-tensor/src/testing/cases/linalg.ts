import fc from "fast-check";
import { windowOutput } from "../../ops/linalg/window.ts";
import type { LinalgOps } from "../../ops/linalg/index.ts";
import type { NoAttributes } from "../../ops/primitive.ts";
import type { AvgPoolAttributes, MaxPoolAttributes, Pads2d, Pair, ResizeAttributes } from "../../ops/vocabulary.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { broadcastingShapes } from "../arbitraries/shapes.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import type { ValueRange } from "../arbitraries/values.ts";
import { type OpCase, type OpCases, type OpCaseTable, anyDTypes, floatDTypes, numberDTypes } from "./case.ts";
import { convolutionCases } from "./convolution.ts";
import { distinctTensor } from "./distinct.ts";
import { images, pairOf, windows } from "./windows.ts";

const rows = (shape: readonly number[], dtype: DType = "float32"): HostTensor =>
  fromLanes(
    dtype,
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => (i % 7) - 3),
  );

const none: NoAttributes = {};
const side = fc.integer({ min: 1, max: 4 });
/** Now and then an inner dimension of 0 (a sum of nothing), or one long enough to be blocked. */
const inner = fc.oneof(
  { arbitrary: side, weight: 8 },
  { arbitrary: fc.constant(0), weight: 1 },
  { arbitrary: fc.constant(37), weight: 1 },
);

function products(dtype: DType, range: ValueRange, maxRank: number): fc.Arbitrary<OpCase<NoAttributes>> {
  const outer = fc.oneof(
    { arbitrary: side, weight: 8 },
    { arbitrary: fc.constant(0), weight: 1 },
    { arbitrary: fc.constant(9), weight: 1 },
  );
  return fc
    .tuple(broadcastingShapes(2, { maxRank, maxDim: 3, maxSize: 9 }), outer, inner, outer)
    .chain(([[a, b], n, k, m]) =>
      fc.tuple(tensorOf(dtype, [...(a as number[]), n, k], range), tensorOf(dtype, [...(b as number[]), k, m], range)),
    )
    .map((inputs) => ({ label: dtype, inputs, attributes: none }));
}

const matmul: OpCases<NoAttributes> = {
  dtypes: numberDTypes,
  examples: [
    { label: "batch times one matrix", inputs: [rows([3, 2, 2]), rows([2, 2])], attributes: none },
    { label: "one matrix times batch", inputs: [rows([2, 2]), rows([3, 2, 2])], attributes: none },
    { label: "batches that broadcast both ways", inputs: [rows([2, 1, 2, 3]), rows([3, 3, 2])], attributes: none },
    { label: "sum of nothing", inputs: [rows([2, 0]), rows([0, 3])], attributes: none },
    { label: "no rows", inputs: [rows([0, 2]), rows([2, 3])], attributes: none },
    {
      label: "int8 wraps",
      inputs: [rows([2, 3], "int8"), fromLanes("int8", [3, 1], [100, 100, 100])],
      attributes: none,
    },
  ],
  arbitrary: (dtype) => products(dtype, isFloat(dtype) ? { min: -4, max: 4 } : { min: -100, max: 100 }, 2),
  smooth: fc
    .tuple(broadcastingShapes(2, { maxRank: 1, maxDim: 2 }), fc.integer({ min: 0, max: 3 }))
    .chain(([[a, b], k]) =>
      fc.tuple(tensorOf("float64", [...(a as number[]), 2, k]), tensorOf("float64", [...(b as number[]), k, 2])),
    )
    .map((inputs) => ({ label: "smooth", inputs, attributes: none })),
};

/** Pads that leave every window some of the image: less than the kernel, undilated. */
const touching = (kernel: Pair, pads: Pads2d): Pads2d => [
  Math.min(pads[0], kernel[0] - 1),
  Math.min(pads[1], kernel[1] - 1),
  Math.min(pads[2], kernel[0] - 1),
  Math.min(pads[3], kernel[1] - 1),
];

function pooling<A extends MaxPoolAttributes>(
  dtype: DType,
  range: ValueRange | "distinct",
  complete: (attributes: MaxPoolAttributes) => fc.Arbitrary<A>,
): fc.Arbitrary<OpCase<A>> {
  return fc
    .tuple(images({ maxChannels: 2 }), windows())
    .chain(([shape, { kernel, strides, pads, dilations }]) =>
      complete({ kernel, strides, dilations, pads: touching(kernel, pads) }).map((own) => [shape, own] as const),
    )
    .filter(([shape, own]) => fits(shape, own))
    .chain(([shape, own]) =>
      (range === "distinct" ? distinctTensor(shape) : tensorOf(dtype, shape, range)).map((x) => ({
        label: dtype,
        inputs: [x],
        attributes: own,
      })),
    );
}

/** Every window must reach the image: with dilation 1 narrow pads are enough, otherwise only without pads for sure. */
function fits(shape: readonly number[], { dilations, pads, ...rest }: MaxPoolAttributes): boolean {
  const image: Pair = [shape[2] as number, shape[3] as number];
  if (dilations.some((d) => d > 1) && pads.some((p) => p > 0)) return false;
  try {
    const output = windowOutput("pool", image, { dilations, pads, ...rest });
    return ([0, 1] as const).every(
      (axis) => (output[axis] - 1) * rest.strides[axis] - pads[axis] < image[axis] && image[axis] > 0,
    );
  } catch {
    return false;
  }
}

const plainMax: MaxPoolAttributes = { kernel: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };
const spotty = fromLanes("float32", [1, 1, 2, 3], [1, Infinity, -Infinity, 3, 3, -Infinity]);

const maxPool: OpCases<MaxPoolAttributes> = {
  dtypes: numberDTypes,
  examples: [
    { label: "infinities", inputs: [spotty], attributes: plainMax },
    { label: "the first of equals", inputs: [fromLanes("float32", [1, 1, 2, 2], [1, 1, 1, 1])], attributes: plainMax },
    {
      label: "padding does not count",
      inputs: [fromLanes("float32", [1, 1, 1, 1], [-5])],
      attributes: { ...plainMax, pads: [1, 1, 1, 1] },
    },
    { label: "no batch", inputs: [rows([0, 1, 3, 3])], attributes: plainMax },
    { label: "dilated", inputs: [rows([1, 2, 5, 5])], attributes: { ...plainMax, dilations: [2, 3] } },
  ],
  arbitrary: (dtype) =>
    pooling(dtype, isFloat(dtype) ? { min: -2, max: 2, step: 0.5 } : { min: -3, max: 3, special: true }, fc.constant),
  smooth: pooling("float64", "distinct", fc.constant),
};

function average(dtype: DType): fc.Arbitrary<OpCase<AvgPoolAttributes>> {
  return pooling(dtype, {}, ({ kernel, strides, pads }) =>
    fc.boolean().map((countIncludePad) => ({ kernel, strides, pads, dilations: [1, 1] as const, countIncludePad })),
  ).map(({ attributes: { dilations: _, ...attributes }, ...rest }) => ({ ...rest, attributes }));
}

const padded: AvgPoolAttributes = { kernel: [2, 2], strides: [1, 1], pads: [1, 0, 0, 1], countIncludePad: false };

const avgPool: OpCases<AvgPoolAttributes> = {
  dtypes: floatDTypes,
  examples: [
    { label: "padding does not count", inputs: [rows([1, 1, 3, 3])], attributes: padded },
    { label: "padding counts", inputs: [rows([1, 1, 3, 3])], attributes: { ...padded, countIncludePad: true } },
    { label: "no batch", inputs: [rows([0, 2, 3, 3])], attributes: padded },
    {
      label: "NaN stays in its windows",
      inputs: [fromLanes("float32", [1, 1, 1, 3], [NaN, 1, 2])],
      attributes: { ...padded, kernel: [1, 2], pads: [0, 0, 0, 0] },
    },
  ],
  arbitrary: average,
  smooth: average("float64"),
};

const coordinateModes = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
] as const;
const nearestModes = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const;

function resizing(dtype: DType, range: ValueRange): fc.Arbitrary<OpCase<ResizeAttributes>> {
  const mode = isFloat(dtype)
    ? fc.constantFrom<ResizeAttributes["mode"]>("nearest", "linear")
    : fc.constant<ResizeAttributes["mode"]>("nearest");
  return fc
    .record({
      mode,
      size: pairOf(1, 7),
      coordinateMode: fc.constantFrom(...coordinateModes),
      nearestMode: fc.constantFrom(...nearestModes),
    })
    .chain((attributes) =>
      images({ maxChannels: 2 }).chain((shape) =>
        tensorOf(dtype, shape, range).map((x) => ({ label: dtype, inputs: [x], attributes })),
      ),
    );
}

const ramp = fromLanes("float32", [1, 1, 1, 4], [0, 1, 2, 3]);

const resize: OpCases<ResizeAttributes> = {
  dtypes: anyDTypes,
  examples: [
    ...coordinateModes.flatMap((coordinateMode) =>
      nearestModes.map(
        (nearestMode): OpCase<ResizeAttributes> => ({
          label: `nearest, ${coordinateMode}, ${nearestMode}`,
          inputs: [ramp],
          attributes: { mode: "nearest", size: [2, 7], coordinateMode, nearestMode },
        }),
      ),
    ),
    ...coordinateModes.map(
      (coordinateMode): OpCase<ResizeAttributes> => ({
        label: `linear, ${coordinateMode}`,
        inputs: [ramp],
        attributes: { mode: "linear", size: [2, 7], coordinateMode, nearestMode: "floor" },
      }),
    ),
  ],
  arbitrary: (dtype) => resizing(dtype, { min: -4, max: 4 }),
  smooth: resizing("float64", {}),
};

/** Cases of matrix products and of the ops on images. */
export const linalgCases: OpCaseTable<LinalgOps> = {
  matmul,
  ...convolutionCases,
  maxPool2d: maxPool,
  avgPool2d: avgPool,
  resize2d: resize,
};
