import fc from "fast-check";
import type { ReduceOps } from "../../ops/reduce/index.ts";
import type { ReduceName } from "../../ops/reduce/reductionRecords.ts";
import type {
  ArgAttributes,
  AxisAttributes,
  CumsumAttributes,
  ReduceAttributes,
  SortAttributes,
  TopKAttributes,
} from "../../ops/vocabulary.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { type ShapeOptions, shapes } from "../arbitraries/shapes.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import type { ValueRange } from "../arbitraries/values.ts";
import { type OpCase, type OpCases, type OpCaseTable, floatDTypes, numberDTypes } from "./case.ts";
import { distinctTensor } from "./distinct.ts";

interface Reduction {
  /** Lists of whole numbers whose result wraps. */
  readonly wraps?: Readonly<Partial<Record<DType, readonly number[]>>>;
  readonly dtypes: readonly DType[];
  readonly floats: ValueRange;
  readonly wholes: ValueRange;
  readonly nonEmpty?: boolean;
  /** Points where it is smooth: distinct elements for extremes. */
  readonly distinct?: boolean;
  /** Elements along reduced axes stay few. */
  readonly few?: boolean;
}

/** No NaN: engines may overlook it. */
const infinite: ValueRange = { min: -8, max: 8, edges: [Infinity, -Infinity, -0] };
/** Sums within int32 for int64; narrow dtypes wrap. */
const wholes: ValueRange = { min: -(2 ** 20), max: 2 ** 20 };
const extreme: Reduction = {
  dtypes: numberDTypes,
  floats: infinite,
  wholes: { ...wholes, special: true },
  nonEmpty: true,
  distinct: true,
};
const logic: Reduction = { dtypes: ["bool"], floats: {}, wholes: {} };

const reductions: { readonly [Name in ReduceName]: Reduction } = {
  sum: {
    dtypes: numberDTypes,
    floats: { min: -8, max: 8 },
    wholes,
    wraps: { int32: [2 ** 31 - 1, 5], int8: [100, 100], uint8: [200, 100] },
  },
  mean: { dtypes: floatDTypes, floats: { min: -8, max: 8 }, wholes },
  prod: {
    dtypes: numberDTypes,
    floats: { min: 0.5, max: 1.5, edges: [-1, 0, 2] },
    wholes: { min: -2, max: 2 },
    few: true,
    wraps: { int32: [65536, 65536, 3], int8: [100, 3], uint8: [18, 16, 12, 10, 8, 18, 16, 12] },
  },
  max: extreme,
  min: extreme,
  any: logic,
  all: logic,
};

const axesOf = (rank: number): fc.Arbitrary<number[]> =>
  fc.oneof(
    { arbitrary: fc.subarray(Array.from({ length: rank }, (_, axis) => axis)), weight: 3 },
    { arbitrary: fc.constant(Array.from({ length: rank }, (_, axis) => axis)), weight: 1 },
  );

const small: ShapeOptions = { maxRank: 3, maxDim: 3, maxSize: 12 };

function reduction({
  dtypes,
  floats,
  wholes: whole,
  nonEmpty = false,
  distinct = false,
  few = false,
  wraps = {},
}: Reduction): OpCases<ReduceAttributes> {
  const sizes: ShapeOptions = { empty: !nonEmpty, ...(few ? { maxDim: 3, maxRank: 3 } : {}) };
  const attributesFor = (rank: number): fc.Arbitrary<ReduceAttributes> =>
    fc.record({ axes: axesOf(rank), keepDims: fc.boolean() });
  const first = dtypes[0] as DType;
  const row = (
    values: number[],
    shape: number[],
    axes: number[],
    label: string,
    keepDims = false,
  ): OpCase<ReduceAttributes> => ({
    label,
    inputs: [fromLanes(first, shape, values)],
    attributes: { axes, keepDims },
  });
  return {
    dtypes,
    examples: [
      row([1], [], [], "a scalar over no axes"),
      row([1, 0, 1, 1], [2, 2], [0, 1], "all axes, kept", true),
      ...(nonEmpty
        ? [row([1, Infinity, -Infinity, 3], [2, 2], [1], "infinities")]
        : [row([], [2, 0], [1], "nothing to reduce"), row([], [0, 2], [1], "no results")]),
      ...(Object.entries(wraps) as [DType, readonly number[]][]).map(([dtype, values]) => ({
        label: `${dtype} wraps`,
        inputs: [fromLanes(dtype, [values.length], values)],
        attributes: { axes: [0], keepDims: false },
      })),
    ],
    arbitrary: (dtype) =>
      shapes(sizes)
        .chain((shape) =>
          fc.tuple(tensorOf(dtype, shape, isFloat(dtype) ? floats : whole), attributesFor(shape.length)),
        )
        .map(([x, attributes]) => ({ label: dtype, inputs: [x], attributes })),
    smooth: dtypes.includes("float64")
      ? shapes({ ...small, empty: !nonEmpty })
          .chain((shape) =>
            fc.tuple(
              distinct ? distinctTensor(shape) : tensorOf("float64", shape, few ? { min: 0.5, max: 1.5 } : {}),
              attributesFor(shape.length),
            ),
          )
          .map(([x, attributes]) => ({ label: "smooth", inputs: [x], attributes }))
      : null,
  };
}

interface Lines<A> {
  readonly dtypes: readonly DType[];
  readonly floats: ValueRange;
  readonly wholes?: ValueRange;
  readonly nonEmpty?: boolean;
  readonly distinct?: boolean;
  attributes(axis: number, length: number): fc.Arbitrary<A>;
  readonly examples: readonly OpCase<A>[];
}

/** Cases of an op along one axis. */
function alongAxis<A extends AxisAttributes>(options: Lines<A>): OpCases<A> {
  const { dtypes, floats, wholes: whole = wholes, nonEmpty = false, distinct = false } = options;
  const withAxis = (shape: readonly number[]): fc.Arbitrary<A> =>
    fc.integer({ min: 0, max: shape.length - 1 }).chain((axis) => options.attributes(axis, shape[axis] as number));
  return {
    dtypes,
    examples: options.examples,
    arbitrary: (dtype) =>
      shapes({ minRank: 1, empty: !nonEmpty })
        .chain((shape) => fc.tuple(tensorOf(dtype, shape, isFloat(dtype) ? floats : whole), withAxis(shape)))
        .map(([x, attributes]) => ({ label: dtype, inputs: [x], attributes })),
    smooth: shapes({ ...small, minRank: 1, empty: !nonEmpty })
      .chain((shape) =>
        fc.tuple(distinct ? distinctTensor(shape) : tensorOf("float64", shape, { min: -2, max: 2 }), withAxis(shape)),
      )
      .map(([x, attributes]) => ({ label: "smooth", inputs: [x], attributes })),
  };
}

const line = <A>(
  label: string,
  values: readonly number[],
  attributes: A,
  dtype: DType = "float32",
  shape: readonly number[] = [values.length],
): OpCase<A> => ({
  label,
  inputs: [fromLanes(dtype, shape, values)],
  attributes,
});

/** Many equal elements: ties go by index. No NaN: engines may overlook it. */
const ties: ValueRange = { min: -2, max: 2, step: 1, edges: [Infinity, -Infinity, -0] };
const tiedWholes: ValueRange = { min: 0, max: 3, special: true };
const flat = { axis: 0, keepDims: false };

const args: OpCases<ArgAttributes> = alongAxis<ArgAttributes>({
  dtypes: numberDTypes,
  floats: ties,
  wholes: tiedWholes,
  nonEmpty: true,
  distinct: true,
  attributes: (axis) => fc.boolean().map((keepDims) => ({ axis, keepDims })),
  examples: [
    line("the first of equals", [1, 3, 3, 1, 3], flat),
    line("all equal", [2, 2, 2], { axis: 0, keepDims: true }),
    line("infinities", [-Infinity, -Infinity, Infinity], flat),
  ],
});

const topK: OpCases<TopKAttributes> = alongAxis<TopKAttributes>({
  dtypes: numberDTypes,
  floats: ties,
  wholes: tiedWholes,
  distinct: true,
  attributes: (axis, length) =>
    fc.record({ axis: fc.constant(axis), k: fc.integer({ min: 0, max: length }), largest: fc.boolean() }),
  examples: [
    line("ties by lower index", [1, 3, 3, 1, 3], { axis: 0, k: 4, largest: true }),
    line("ties by lower index, smallest", [1, 3, 3, 1, 3], { axis: 0, k: 3, largest: false }),
    line("infinities", [1, Infinity, 2, -Infinity], { axis: 0, k: 4, largest: true }),
    line("infinities, smallest first", [1, Infinity, 2, -Infinity], { axis: 0, k: 4, largest: false }),
    line("none", [1, 2], { axis: 0, k: 0, largest: true }),
    line("ends of int32", [2147483647, -2147483648, 0], { axis: 0, k: 3, largest: false }, "int32"),
  ],
});

const sort: OpCases<SortAttributes> = alongAxis<SortAttributes>({
  dtypes: numberDTypes,
  floats: ties,
  wholes: tiedWholes,
  distinct: true,
  attributes: (axis) => fc.boolean().map((descending) => ({ axis, descending })),
  examples: [
    line("stable", [1, 3, 3, 1, 3], { axis: 0, descending: false }),
    line("stable, falling", [1, 3, 3, 1, 3], { axis: 0, descending: true }),
    line("infinities", [1, Infinity, 2, -Infinity], { axis: 0, descending: false }),
    line("infinities, falling", [1, Infinity, 2, -Infinity], { axis: 0, descending: true }),
    line("nothing", [], { axis: 0, descending: false }),
    line("along the first of two axes", [3, 1, 2, 2, 1, 3], { axis: 0, descending: false }, "float32", [3, 2]),
  ],
});

const cumsum: OpCases<CumsumAttributes> = alongAxis<CumsumAttributes>({
  dtypes: numberDTypes,
  floats: { min: -8, max: 8 },
  attributes: (axis) => fc.record({ axis: fc.constant(axis), exclusive: fc.boolean(), reverse: fc.boolean() }),
  examples: [false, true]
    .flatMap((exclusive) =>
      [false, true].map((reverse) =>
        line(`exclusive ${exclusive}, reverse ${reverse}`, [1, 2, 4, 8], { axis: 0, exclusive, reverse }),
      ),
    )
    .concat(line("int32 wraps", [2147483647, 2, 3], { axis: 0, exclusive: false, reverse: false }, "int32")),
});

const softmax: OpCases<AxisAttributes> = alongAxis<AxisAttributes>({
  dtypes: floatDTypes,
  floats: { min: -8, max: 8 },
  attributes: (axis) => fc.constant({ axis }),
  examples: [
    line("large exponents", [1000, 1000, 999], { axis: 0 }),
    line("very negative", [-1000, -1000], { axis: 0 }),
    line("one element", [5], { axis: 0 }),
    line("NaN", [1, NaN], { axis: 0 }),
    line("minus infinity masks", [1, -Infinity, 2], { axis: 0 }),
    line("nothing", [], { axis: 1 }, "float32", [2, 0]),
    line("along the first of two axes", [1, 2, 3, 4], { axis: 0 }, "float32", [2, 2]),
  ],
});

/** Cases of the ops that work along axes. */
export const reduceCases: OpCaseTable<ReduceOps> = {
  ...(Object.fromEntries(Object.entries(reductions).map(([name, own]) => [name, reduction(own)])) as {
    readonly [Name in ReduceName]: OpCases<ReduceAttributes>;
  }),
  argMax: args,
  argMin: args,
  topK,
  sort,
  cumsum,
  softmax,
  logSoftmax: softmax,
};
