import fc from "fast-check";
import type { CastOps } from "../../ops/cast/index.ts";
import type { NoAttributes } from "../../ops/primitive.ts";
import type { QuantizeAttributes } from "../../ops/vocabulary.ts";
import { type DType, dtypeNames, dtypes, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { shapes } from "../arbitraries/shapes.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import type { ValueRange } from "../arbitraries/values.ts";
import { type OpCase, type OpCases, type OpCaseTable, anyDTypes, floatDTypes } from "./case.ts";

const castRange = (from: DType): ValueRange =>
  isFloat(from)
    ? { min: -300, max: 300, edges: [0.5, -0.5, 1.5, -1.5, 2.5, 1e6, -1e6] }
    : { min: -(2 ** 31), max: 2 ** 31 - 1, edges: [0, 1, 7, -1], special: true };

/** Beyond the ends of every whole dtype, infinities, NaN. */
const outside = [0, -0, 0.99, -0.99, 127.9, 128, -128.9, -129, 255.9, 256, -1, 3e9, -3e9, Infinity, -Infinity, NaN];
/** Ties between neighbouring float16 and bfloat16 numbers, and the ends of float16. */
const ties = [
  1 + 2 ** -11,
  1 + 3 * 2 ** -11,
  1 + 2 ** -8,
  1 + 3 * 2 ** -8,
  65504,
  65519,
  65520,
  2 ** -24,
  2 ** -25,
  1e-8,
];

const conversions: OpCases<CastOps["cast"]> = {
  dtypes: dtypeNames,
  examples: dtypeNames.flatMap((dtype): OpCase<CastOps["cast"]>[] => [
    {
      label: `float32 to ${dtype}, outside its range`,
      inputs: [fromLanes("float32", [outside.length], outside)],
      attributes: { dtype },
      beyondInt32: dtype === "int64",
    },
    { label: `float32 to ${dtype}, ties`, inputs: [fromLanes("float32", [ties.length], ties)], attributes: { dtype } },
    {
      label: `int32 to ${dtype}`,
      inputs: [fromLanes("int32", [6], [0, 300, -300, 65537, 2147483647, -2147483648])],
      attributes: { dtype },
    },
    { label: `bool to ${dtype}`, inputs: [fromLanes("bool", [2], [0, 1])], attributes: { dtype } },
  ]),
  arbitrary: (from) =>
    fc.tuple(shapes({ maxRank: 3 }), fc.constantFrom(...dtypeNames)).chain(([shape, dtype]) =>
      tensorOf(from, shape, castRange(from)).map((x) => ({
        label: `${from} to ${dtype}`,
        inputs: [x],
        attributes: { dtype },
      })),
    ),
  smooth: shapes({ maxRank: 2, maxDim: 3 }).chain((shape) =>
    tensorOf("float64", shape).map((x) => ({
      label: "smooth",
      inputs: [x],
      attributes: { dtype: "float64" as const },
    })),
  ),
};

const storedDTypes: readonly DType[] = ["int8", "uint8", "int4", "uint4", "int2"];

interface Layout {
  readonly shape: readonly number[];
  readonly scales: readonly number[];
  readonly axis: number | null;
  readonly blockSize: number;
}

/** Scales for the whole tensor, for the indices of an axis, or for blocks along it. */
const layouts: fc.Arbitrary<Layout> = shapes({ maxRank: 3, maxSize: 64 }).chain((shape) => {
  const whole = fc.constant<Layout>({ shape, scales: [], axis: null, blockSize: 0 });
  if (shape.length === 0) return whole;
  const axes = fc.integer({ min: 0, max: shape.length - 1 });
  const perIndex = axes.map((axis): Layout => ({ shape, scales: [shape[axis] as number], axis, blockSize: 0 }));
  const blocked = fc
    .tuple(axes, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
    .map(([axis, blockSize, blocks]): Layout => {
      const own = shape.with(axis, blockSize * blocks);
      return { shape: own, scales: own.with(axis, blocks), axis, blockSize };
    });
  return fc.oneof(whole, perIndex, blocked);
});

/** Powers of two, so that quotients are exact and halves are halves; and a few others. */
const scaleValues: ValueRange = { min: 0.25, max: 0.25, step: 0.25, edges: [0.5, 1, 2, 0.1, 0.75, 3] };

function parameters(layout: Layout, float: DType, whole: DType): fc.Arbitrary<[HostTensor, HostTensor]> {
  const zeros = { min: Math.max(dtypes[whole].min, -5), max: Math.min(dtypes[whole].max, 5) };
  return fc.tuple(tensorOf(float, layout.scales, scaleValues), tensorOf(whole, layout.scales, zeros));
}

const steps: ValueRange = { min: -40, max: 40, step: 1 / 8, edges: [1000, -1000, Infinity, -Infinity] };
const scalar = (dtype: DType, value: number): HostTensor => fromLanes(dtype, [], [value]);
const halves = fromLanes("float32", [7], [0.5, 1.5, 2.5, -0.5, -1.5, 200, -200]);

const quantizeCases: OpCases<QuantizeAttributes> = {
  dtypes: floatDTypes,
  examples: [
    ...storedDTypes.map((dtype) => ({
      label: `halves to even, saturation, ${dtype}`,
      inputs: [halves, scalar("float32", 1), scalar(dtype, 1)],
      attributes: { axis: null, blockSize: 0, dtype },
    })),
    {
      label: "one block",
      inputs: [fromLanes("float32", [2], [1, 2]), fromLanes("float32", [1], [0.5]), fromLanes("int8", [1], [3])],
      attributes: { axis: 0, blockSize: 2, dtype: "int8" },
    },
  ],
  arbitrary: (float) =>
    fc.tuple(layouts, fc.constantFrom(...storedDTypes)).chain(([layout, dtype]) =>
      fc.tuple(tensorOf(float, layout.shape, steps), parameters(layout, float, dtype)).map(([x, own]) => ({
        label: `${float} to ${dtype}`,
        inputs: [x, ...own],
        attributes: { axis: layout.axis, blockSize: layout.blockSize, dtype },
      })),
    ),
  smooth: fc.constant({
    label: "between steps",
    inputs: [fromLanes("float64", [2], [0.2, 1.3]), scalar("float64", 1), scalar("int8", 0)],
    attributes: { axis: null, blockSize: 0, dtype: "int8" as const },
  }),
};

function dequantized(float: DType, layout: fc.Arbitrary<Layout>): fc.Arbitrary<OpCase<QuantizeAttributes>> {
  return fc.tuple(layout, fc.constantFrom<DType>(...storedDTypes, "int32")).chain(([own, dtype]) =>
    fc.tuple(tensorOf(dtype, own.shape, { min: -1000, max: 1000 }), parameters(own, float, dtype)).map(([q, both]) => ({
      label: `${dtype} to ${float}`,
      inputs: [q, ...both],
      attributes: { axis: own.axis, blockSize: own.blockSize, dtype: float },
    })),
  );
}

const dequantizeCases: OpCases<QuantizeAttributes> = {
  dtypes: floatDTypes,
  examples: [
    {
      label: "one block",
      inputs: [fromLanes("int8", [2], [1, 2]), fromLanes("float32", [1], [0.5]), fromLanes("int8", [1], [3])],
      attributes: { axis: 0, blockSize: 2, dtype: "float32" },
    },
    {
      label: "the ends of int8",
      inputs: [fromLanes("int8", [2], [-128, 127]), scalar("float32", 0.5), scalar("int8", 127)],
      attributes: { axis: null, blockSize: 0, dtype: "float32" },
    },
    {
      label: "the ends of uint8",
      inputs: [fromLanes("uint8", [2], [0, 255]), scalar("float32", 0.5), scalar("uint8", 255)],
      attributes: { axis: null, blockSize: 0, dtype: "float32" },
    },
  ],
  arbitrary: (float) => dequantized(float, layouts),
  smooth: dequantized(
    "float64",
    layouts.filter(({ shape }) => sizeOf(shape) <= 12),
  ),
};

const none: NoAttributes = {};

/** Cases of the ops that change element types, and of `stopGradient`. */
export const castCases: OpCaseTable<CastOps> = {
  cast: conversions,
  quantize: quantizeCases,
  dequantize: dequantizeCases,
  stopGradient: {
    dtypes: anyDTypes,
    examples: [{ label: "a scalar", inputs: [scalar("float32", 2)], attributes: none }],
    arbitrary: (dtype) =>
      shapes().chain((shape) =>
        tensorOf(dtype, shape, { special: true }).map((x) => ({ label: dtype, inputs: [x], attributes: none })),
      ),
    smooth: tensorOf("float64", [2]).map((x) => ({ label: "smooth", inputs: [x], attributes: none })),
  },
};
