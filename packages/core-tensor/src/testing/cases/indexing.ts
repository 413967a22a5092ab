import fc from "fast-check";
import type { MovementOps } from "../../ops/movement/index.ts";
import type { AxisAttributes } from "../../ops/vocabulary.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { shapes } from "../arbitraries/shapes.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import type { ValueRange } from "../arbitraries/values.ts";
import { type OpCase, type OpCases, type OpCaseTable, anyDTypes, numberDTypes } from "./case.ts";

const special: ValueRange = { min: -8, max: 8, special: true };
/** Sums of some updates that stay within int32. */
const addable: ValueRange = { min: -1000, max: 1000 };

interface Layout {
  readonly shape: readonly number[];
  readonly axis: number;
  readonly indices: readonly number[];
  readonly kind: DType;
}

const kinds = fc.constantFrom<DType>("int32", "int64");

/** A shape, one of its axes, and the shape of indices into it. An axis of length 0 has no indices. */
function layouts(aligned: boolean, maxSize: number): fc.Arbitrary<Layout> {
  return shapes({ minRank: 1, maxRank: 3, maxSize, maxDim: 4 }).chain((shape) =>
    fc.integer({ min: 0, max: shape.length - 1 }).chain((axis) => {
      const free = fc.integer({ min: 0, max: 4 }).map((length) => shape.with(axis, length));
      const indices = aligned ? free : shapes({ maxRank: 2, maxDim: 3 });
      return fc.tuple(indices, kinds).map(([own, kind]) => {
        const hasNone = shape[axis] === 0 && !own.includes(0);
        return { shape, axis, kind, indices: hasNone ? (aligned ? shape : [0]) : own };
      });
    }),
  );
}

function indexTensor({ shape, axis, indices, kind }: Layout): fc.Arbitrary<HostTensor> {
  return tensorOf(kind, indices, { min: 0, max: Math.max((shape[axis] as number) - 1, 0) });
}

function read(
  aligned: boolean,
  dtype: DType,
  range: ValueRange,
  maxSize: number,
): fc.Arbitrary<OpCase<AxisAttributes>> {
  return layouts(aligned, maxSize).chain((layout) =>
    fc
      .tuple(tensorOf(dtype, layout.shape, range), indexTensor(layout))
      .map((inputs) => ({ label: `${dtype}, ${layout.kind} indices`, inputs, attributes: { axis: layout.axis } })),
  );
}

function write(
  aligned: boolean,
  dtype: DType,
  range: ValueRange,
  maxSize: number,
): fc.Arbitrary<OpCase<AxisAttributes>> {
  return layouts(aligned, maxSize).chain((layout) => {
    const { shape, axis, indices } = layout;
    const updates = aligned ? indices : [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)];
    return fc
      .tuple(tensorOf(dtype, shape, range), indexTensor(layout), tensorOf(dtype, updates, range))
      .map((inputs) => ({ label: `${dtype}, ${layout.kind} indices`, inputs, attributes: { axis } }));
  });
}

const f32 = (shape: readonly number[], values: readonly number[]): HostTensor => fromLanes("float32", shape, values);
const i32 = (shape: readonly number[], values: readonly number[]): HostTensor => fromLanes("int32", shape, values);

function reading(aligned: boolean, examples: readonly OpCase<AxisAttributes>[]): OpCases<AxisAttributes> {
  return {
    dtypes: anyDTypes,
    examples,
    arbitrary: (dtype) => read(aligned, dtype, special, 64),
    smooth: read(aligned, "float64", {}, 9),
  };
}

function writing(aligned: boolean, examples: readonly OpCase<AxisAttributes>[]): OpCases<AxisAttributes> {
  return {
    dtypes: numberDTypes,
    examples,
    arbitrary: (dtype) => write(aligned, dtype, isFloat(dtype) ? { min: -8, max: 8 } : addable, 64),
    smooth: write(aligned, "float64", {}, 9),
  };
}

const oneHotKinds: readonly DType[] = anyDTypes;

/** Cases of the ops that read or write by index. */
export const indexCases: OpCaseTable<
  Pick<MovementOps, "gather" | "gatherElements" | "scatterAdd" | "scatterAddElements" | "oneHot">
> = {
  gather: reading(false, [
    { label: "a scalar index", inputs: [f32([3, 2], [1, 2, 3, 4, 5, 6]), i32([], [1])], attributes: { axis: 0 } },
    { label: "no indices", inputs: [f32([3], [1, 2, 3]), i32([0], [])], attributes: { axis: 0 } },
    {
      label: "a matrix of indices in the middle",
      inputs: [f32([2, 2, 1], [1, 2, 3, 4]), i32([1, 2], [1, 0])],
      attributes: { axis: 1 },
    },
  ]),
  gatherElements: reading(true, [
    { label: "longer than the axis", inputs: [f32([2], [1, 2]), i32([4], [0, 1, 1, 0])], attributes: { axis: 0 } },
  ]),
  scatterAdd: writing(false, [
    {
      label: "repeats add up",
      inputs: [f32([2, 2], [1, 1, 1, 1]), i32([3], [0, 0, 1]), f32([3, 2], [1, 2, 3, 4, 5, 6])],
      attributes: { axis: 0 },
    },
    { label: "a scalar index", inputs: [f32([2], [1, 2]), i32([], [1]), f32([], [5])], attributes: { axis: 0 } },
    { label: "no updates", inputs: [f32([2], [1, 2]), i32([0], []), f32([0], [])], attributes: { axis: 0 } },
  ]),
  scatterAddElements: writing(true, [
    {
      label: "repeats add up",
      inputs: [f32([2], [1, 2]), i32([3], [1, 1, 0]), f32([3], [10, 20, 30])],
      attributes: { axis: 0 },
    },
  ]),
  oneHot: {
    dtypes: oneHotKinds,
    examples: [
      {
        label: "indices outside give zeros",
        inputs: [i32([4], [-1, 0, 2, 3])],
        attributes: { depth: 3, axis: 1, dtype: "float32" },
      },
      { label: "a scalar index", inputs: [i32([], [1])], attributes: { depth: 2, axis: 0, dtype: "bool" } },
      { label: "depth 0", inputs: [i32([2], [0, 1])], attributes: { depth: 0, axis: 1, dtype: "float32" } },
    ],
    arbitrary: (dtype) =>
      fc.tuple(shapes({ maxRank: 2 }), kinds, fc.integer({ min: 0, max: 4 })).chain(([shape, kind, depth]) =>
        fc
          .tuple(tensorOf(kind, shape, { min: -2, max: depth + 1 }), fc.integer({ min: 0, max: shape.length }))
          .map(([x, axis]) => ({
            label: `${dtype} from ${kind}`,
            inputs: [x],
            attributes: { depth, axis, dtype },
          })),
      ),
    smooth: null,
  },
};
