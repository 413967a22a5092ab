import fc from "fast-check";
import type { MovementOps } from "../../ops/movement/index.ts";
import type { AxisAttributes, PadAttributes, SliceAttributes } from "../../ops/vocabulary.ts";
import { type DType, dtypes, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { type ShapeOptions, dimensions, shapes } from "../arbitraries/shapes.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import type { ValueRange } from "../arbitraries/values.ts";
import { type OpCase, type OpCases, type OpCaseTable, anyDTypes, numberDTypes } from "./case.ts";
import { indexCases } from "./indexing.ts";

const special: ValueRange = { min: -8, max: 8, special: true };
const small: ShapeOptions = { maxRank: 3, maxDim: 3, maxSize: 18 };

/** Numbers 0, 1, 2, … in a shape. */
function counted(shape: readonly number[], dtype: DType = "float32"): HostTensor {
  return fromLanes(
    dtype,
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => i),
  );
}

interface Movement<A> {
  readonly shapes?: ShapeOptions;
  attributes(shape: readonly number[], dtype: DType, finite: boolean): fc.Arbitrary<A>;
  readonly examples: readonly OpCase<A>[];
}

/** Cases of an op that moves the elements of one value of any dtype. */
function moving<A>({ shapes: sizes = {}, attributes, examples }: Movement<A>): OpCases<A> {
  const generate = (dtype: DType, options: ShapeOptions, range: ValueRange): fc.Arbitrary<OpCase<A>> =>
    shapes({ ...sizes, ...options })
      .chain((shape) => fc.tuple(tensorOf(dtype, shape, range), attributes(shape, dtype, range.special !== true)))
      .map(([x, own]) => ({ label: dtype, inputs: [x], attributes: own }));
  return {
    dtypes: anyDTypes,
    examples,
    arbitrary: (dtype) => generate(dtype, {}, special),
    smooth: generate("float64", small, {}),
  };
}

/** Some other dimensions with the same number of elements. */
function regrouped(shape: readonly number[]): fc.Arbitrary<number[]> {
  const size = sizeOf(shape);
  if (size === 0) return fc.shuffledSubarray([...shape], { minLength: shape.length });
  const factors = primeFactors(size);
  return fc
    .array(fc.integer({ min: 0, max: 3 }), { minLength: factors.length, maxLength: factors.length })
    .chain((places) => {
      const dims = [1, 1, 1, 1];
      factors.forEach((factor, i) => {
        dims[places[i] as number] = (dims[places[i] as number] as number) * factor;
      });
      return fc.boolean().map((keepOnes) => (keepOnes ? dims : dims.filter((dim) => dim !== 1)));
    });
}

function primeFactors(size: number): number[] {
  const factors: number[] = [];
  let rest = size;
  for (let factor = 2; rest > 1; factor++) for (; rest % factor === 0; rest /= factor) factors.push(factor);
  return factors;
}

const permutations = (rank: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank, maxLength: rank },
  );

/** A shape that `shape` broadcasts to: its ones grow, axes are put in front. */
function widened(shape: readonly number[]): fc.Arbitrary<number[]> {
  const grown = fc.tuple(...shape.map((dim) => (dim === 1 ? dimensions({ maxDim: 4 }) : fc.constant(dim))));
  const front = fc.array(dimensions({ maxDim: 3 }), { maxLength: 2 });
  return fc.tuple(front, grown).map(([before, own]) => [...before, ...own]);
}

function sliceAttributes(shape: readonly number[]): fc.Arbitrary<SliceAttributes> {
  const along = (dim: number): fc.Arbitrary<[number, number, number]> =>
    fc
      .tuple(fc.integer({ min: 0, max: dim }), fc.integer({ min: 0, max: dim }), fc.integer({ min: 1, max: 3 }))
      .map(([a, b, step]) => [Math.min(a, b), Math.max(a, b), step]);
  return fc.tuple(...shape.map(along)).map((parts) => ({
    starts: parts.map(([start]) => start),
    ends: parts.map(([, end]) => end),
    steps: parts.map(([, , step]) => step),
  }));
}

function padAttributes(shape: readonly number[], dtype: DType, finite: boolean): fc.Arbitrary<PadAttributes> {
  const counts = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: shape.length, maxLength: shape.length });
  const { min } = dtypes[dtype];
  const values = isFloat(dtype)
    ? [0, 1, -0.5, ...(finite ? [] : [Infinity, -Infinity, NaN])]
    : [0, 1, dtype === "int64" ? -7 : min];
  return fc.record({ before: counts, after: counts, value: fc.constantFrom(...values) });
}

const parts = (dtype: DType, options: ShapeOptions, range: ValueRange): fc.Arbitrary<OpCase<AxisAttributes>> =>
  fc
    .tuple(
      shapes({ minRank: 1, maxSize: 64, ...options }),
      fc.array(dimensions({ maxDim: 3 }), { minLength: 1, maxLength: 4 }),
    )
    .chain(([shape, lengths]) =>
      fc
        .integer({ min: 0, max: shape.length - 1 })
        .chain((axis) =>
          fc
            .tuple(...lengths.map((length) => tensorOf(dtype, shape.with(axis, length), range)))
            .map((inputs) => ({ label: dtype, inputs, attributes: { axis } })),
        ),
    );

const concat: OpCases<AxisAttributes> = {
  dtypes: anyDTypes,
  examples: [
    { label: "one value", inputs: [counted([2, 2])], attributes: { axis: 1 } },
    {
      label: "an empty value between two",
      inputs: [counted([1, 2]), counted([0, 2]), counted([2, 2])],
      attributes: { axis: 0 },
    },
  ],
  arbitrary: (dtype) => parts(dtype, {}, special),
  smooth: parts("float64", { maxRank: 2, maxDim: 2 }, {}),
};

/** Cases of an op without inputs. */
function generated<A extends { readonly dtype: DType }>(
  attributes: (dtype: DType) => fc.Arbitrary<A>,
  examples: readonly A[],
): OpCases<A> {
  return {
    dtypes: numberDTypes,
    examples: examples.map((own) => ({ label: own.dtype, inputs: [], attributes: own })),
    arbitrary: (dtype) => attributes(dtype).map((own) => ({ label: dtype, inputs: [], attributes: own })),
    smooth: null,
  };
}

const length = fc.integer({ min: 0, max: 100 });

/** Cases of the ops that move elements or make them from nothing. */
export const movementCases: OpCaseTable<MovementOps> = {
  reshape: moving<MovementOps["reshape"]>({
    attributes: (shape) => regrouped(shape).map((to) => ({ shape: to })),
    examples: [
      { label: "a scalar to [1, 1]", inputs: [counted([])], attributes: { shape: [1, 1] } },
      { label: "[1] to a scalar", inputs: [counted([1])], attributes: { shape: [] } },
      { label: "no elements", inputs: [counted([2, 0])], attributes: { shape: [0, 5, 3] } },
      { label: "packed int4", inputs: [counted([3], "int4")], attributes: { shape: [3, 1] } },
    ],
  }),
  transpose: moving<MovementOps["transpose"]>({
    attributes: (shape) => permutations(shape.length).map((permutation) => ({ permutation })),
    examples: [
      { label: "a scalar", inputs: [counted([])], attributes: { permutation: [] } },
      { label: "rank 5", inputs: [counted([1, 2, 3, 2, 2])], attributes: { permutation: [4, 2, 0, 3, 1] } },
      { label: "no elements", inputs: [counted([2, 0, 3])], attributes: { permutation: [2, 0, 1] } },
    ],
  }),
  broadcastTo: moving<MovementOps["broadcastTo"]>({
    shapes: { maxRank: 3, maxSize: 32 },
    attributes: (shape) => widened(shape).map((to) => ({ shape: to })),
    examples: [
      { label: "a scalar to a matrix", inputs: [counted([])], attributes: { shape: [2, 3] } },
      { label: "one to none", inputs: [counted([1, 2])], attributes: { shape: [0, 2] } },
      { label: "to itself", inputs: [counted([2, 3])], attributes: { shape: [2, 3] } },
    ],
  }),
  concat,
  slice: moving<SliceAttributes>({
    attributes: sliceAttributes,
    examples: [
      { label: "a scalar", inputs: [counted([])], attributes: { starts: [], ends: [], steps: [] } },
      {
        label: "an empty range at the end",
        inputs: [counted([3])],
        attributes: { starts: [3], ends: [3], steps: [1] },
      },
      { label: "every third of seven", inputs: [counted([7])], attributes: { starts: [0], ends: [7], steps: [3] } },
    ],
  }),
  pad: moving<PadAttributes>({
    shapes: { maxRank: 4, maxDim: 4, maxSize: 64 },
    attributes: padAttributes,
    examples: [
      { label: "something around nothing", inputs: [counted([0])], attributes: { before: [1], after: [2], value: 7 } },
      { label: "nothing around something", inputs: [counted([2])], attributes: { before: [0], after: [0], value: 7 } },
      { label: "a scalar", inputs: [counted([])], attributes: { before: [], after: [], value: 1 } },
    ],
  }),
  reverse: moving<MovementOps["reverse"]>({
    attributes: (shape) =>
      fc.subarray(Array.from({ length: shape.length }, (_, axis) => axis)).map((axes) => ({ axes })),
    examples: [
      { label: "no axes", inputs: [counted([2, 2])], attributes: { axes: [] } },
      { label: "both axes", inputs: [counted([2, 3])], attributes: { axes: [0, 1] } },
    ],
  }),
  ...indexCases,
  iota: generated<MovementOps["iota"]>(
    (dtype) => length.map((count) => ({ length: count, dtype })),
    [
      { length: 0, dtype: "int32" },
      { length: 1, dtype: "float32" },
      { length: 300, dtype: "int64" },
    ],
  ),
  dimValue: generated<MovementOps["dimValue"]>(
    (dtype) => length.map((dim) => ({ dim, dtype })),
    [{ dim: 0, dtype: "int64" }],
  ),
};
