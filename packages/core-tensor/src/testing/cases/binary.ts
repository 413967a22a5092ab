import fc from "fast-check";
import type { BinaryName } from "../../ops/elementwise/binaryPrimitives.ts";
import type { ElementwiseOps } from "../../ops/elementwise/primitives.ts";
import type { NoAttributes } from "../../ops/primitive.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { broadcastingShapes, type ShapeOptions } from "../arbitraries/shapes.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import type { ValueRange } from "../arbitraries/values.ts";
import { type OpCase, type OpCases, type OpCaseTable, anyDTypes, floatDTypes, numberDTypes } from "./case.ts";

interface Operands {
  readonly dtypes: readonly DType[];
  /** Floats on either side; whole numbers are drawn from their whole range. */
  readonly ranges: readonly [ValueRange, ValueRange];
  /** int64 stays within ±this, so that results stay within int32. */
  readonly int64Limit?: number;
  /** Pairs that must not be left to chance, for floats. */
  readonly pairs?: readonly (readonly [number, number])[];
  /** The same for int32. */
  readonly wholePairs?: readonly (readonly [number, number])[];
  /** Floats on either side where the op is smooth; default `ranges`. `null`: nowhere differentiable in a useful way. */
  readonly smooth?: readonly [ValueRange, ValueRange] | null;
}

const none: NoAttributes = {};
const wide: ValueRange = { min: -8, max: 8, special: true };
const grid: ValueRange = { min: -4, max: 4, step: 1 / 2, special: true };
const specials = [0, -0, 1, -1, Infinity, -Infinity, NaN];
const squared = (values: readonly number[]): (readonly [number, number])[] =>
  values.flatMap((a) => values.map((b) => [a, b] as const));
/** Apart, so that neither a kink nor a pole is near. */
const apart: readonly [ValueRange, ValueRange] = [
  { min: -3, max: -0.5 },
  { min: 0.5, max: 3 },
];
const inner: readonly [ValueRange, ValueRange] = [
  { min: -3, max: 3 },
  { min: -3, max: 3 },
];

const arithmetic: Operands = {
  dtypes: numberDTypes,
  ranges: [wide, wide],
  int64Limit: 2 ** 30,
  pairs: squared(specials),
  smooth: inner,
};
const comparison: Operands = { dtypes: anyDTypes, ranges: [grid, grid], pairs: squared(specials), smooth: apart };
const order: Operands = { ...comparison, dtypes: numberDTypes };
const logic: Operands = { dtypes: ["bool"], ranges: [{}, {}], smooth: null };

/** Pairs of exact quotients: the remainder's jump is hit exactly or not at all. */
const eighths: ValueRange = { min: -4, max: 4, step: 1 / 8 };

const operands: { readonly [Name in BinaryName]: Operands } = {
  add: arithmetic,
  sub: arithmetic,
  mul: {
    ...arithmetic,
    int64Limit: 2 ** 15,
    wholePairs: [
      [123456789, 987654321],
      [-(2 ** 31), -1],
      [65536, 65536],
    ],
  },
  div: {
    dtypes: numberDTypes,
    ranges: [wide, { min: 0.25, max: 8, edges: [-2, 0, -0, Infinity, NaN] }],
    pairs: squared(specials),
    wholePairs: [
      [7, 2],
      [-7, 2],
      [7, -2],
      [-7, -2],
      [5, 0],
      [0, 0],
      [-(2 ** 31), 1],
    ],
    smooth: [
      { min: -3, max: 3 },
      { min: 0.5, max: 3 },
    ],
  },
  pow: {
    dtypes: floatDTypes,
    ranges: [
      { min: 0.2, max: 4 },
      { min: -4, max: 4 },
    ],
    pairs: [
      ...squared(specials),
      [-2, 3],
      [-2, 2],
      [-2, 0.5],
      [-8, -1],
      [0, 2],
      [0, 0.5],
      [0, -1],
      [9, 0.5],
      [2, 10],
      [4, -0.5],
    ],
    smooth: [
      { min: 0.5, max: 2 },
      { min: -2, max: 2 },
    ],
  },
  rem: {
    dtypes: numberDTypes,
    ranges: [eighths, { ...eighths, min: 0.5, edges: [-0.75, -2] }],
    pairs: [
      [5.5, 2],
      [-5.5, 2],
      [5.5, -2],
      [-5.5, -2],
      [0, 3],
      [4, 2],
      [-4, 2],
      [4, -2],
      [1, 0],
      [NaN, 1],
      [1, NaN],
      [Infinity, 2],
    ],
    wholePairs: [
      [7, 3],
      [-7, 3],
      [7, -3],
      [-7, -3],
      [6, 3],
      [-6, 3],
      [6, -3],
      [5, 0],
      [0, 5],
    ],
    smooth: [
      { min: 2.25, max: 2.75 },
      { min: 0.9, max: 1.1 },
    ],
  },
  atan2: {
    dtypes: floatDTypes,
    ranges: [
      { min: -4, max: 4 },
      { min: -4, max: 4, edges: [0] },
    ],
    pairs: [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
      [0, 0],
      [2, NaN],
      [NaN, 2],
    ],
    smooth: [
      { min: 0.5, max: 3 },
      { min: -3, max: 3 },
    ],
  },
  minimum: { ...arithmetic, smooth: apart },
  maximum: { ...arithmetic, smooth: apart },
  equal: comparison,
  notEqual: comparison,
  less: order,
  lessEqual: order,
  greater: order,
  greaterEqual: order,
  logicalAnd: logic,
  logicalOr: logic,
  logicalXor: logic,
};

function wholeRange(dtype: DType, limit: number): ValueRange {
  if (dtype === "int64") return { min: -limit, max: limit };
  return { min: -(2 ** 31), max: 2 ** 31 - 1, edges: [0, 1, 2, 3], special: true };
}

const small: ShapeOptions = { maxRank: 2, maxDim: 3 };

function pairCase(label: string, dtype: DType, pairs: readonly (readonly [number, number])[]): OpCase<NoAttributes> {
  const side = (at: 0 | 1): HostTensor =>
    fromLanes(
      dtype,
      [pairs.length],
      pairs.map((pair) => pair[at]),
    );
  return { label, inputs: [side(0), side(1)], attributes: none };
}

function binary({
  dtypes,
  ranges,
  int64Limit = 2 ** 31 - 1,
  pairs = [],
  wholePairs = [],
  smooth = ranges,
}: Operands): OpCases<NoAttributes> {
  const generate = (
    dtype: DType,
    [left, right]: readonly [ValueRange, ValueRange],
    options: ShapeOptions,
  ): fc.Arbitrary<OpCase<NoAttributes>> =>
    broadcastingShapes(2, options)
      .chain(([a, b]) => fc.tuple(tensorOf(dtype, a as number[], left), tensorOf(dtype, b as number[], right)))
      .map((inputs) => ({ label: dtype, inputs, attributes: none }));
  const whole = (dtype: DType): ValueRange => wholeRange(dtype, int64Limit);
  return {
    dtypes,
    examples: [
      ...dtypes
        .filter((dtype) => isFloat(dtype) && pairs.length > 0)
        .map((dtype) => pairCase(`${dtype} at the edges`, dtype, pairs)),
      ...(wholePairs.length === 0 ? [] : [pairCase("int32 at the edges", "int32", wholePairs)]),
      ...(dtypes.includes("bool") ? [pairCase("bool, all pairs", "bool", squared([0, 1]))] : []),
    ],
    arbitrary: (dtype) => generate(dtype, isFloat(dtype) ? ranges : [whole(dtype), whole(dtype)], {}),
    smooth: smooth === null || !dtypes.includes("float64") ? null : generate("float64", smooth, small),
  };
}

const table = Object.fromEntries(Object.entries(operands).map(([name, own]) => [name, binary(own)])) as {
  readonly [Name in BinaryName]: OpCases<NoAttributes>;
};

/** int64 that a narrower carrier does not hold. */
const beyond = (label: string, a: number, b: number): OpCase<NoAttributes> => ({
  label,
  inputs: [fromLanes("int64", [1], [a]), fromLanes("int64", [1], [b])],
  attributes: none,
  beyondInt32: true,
});

const whereCases: OpCases<NoAttributes> = {
  dtypes: anyDTypes,
  examples: [
    {
      label: "the choice not taken may be NaN",
      inputs: [
        fromLanes("bool", [2], [1, 0]),
        fromLanes("float32", [2], [1, NaN]),
        fromLanes("float32", [2], [NaN, 2]),
      ],
      attributes: none,
    },
  ],
  arbitrary: (dtype) =>
    broadcastingShapes(3).chain(([c, a, b]) =>
      fc
        .tuple(
          tensorOf("bool", c as number[]),
          tensorOf(dtype, a as number[], wide),
          tensorOf(dtype, b as number[], wide),
        )
        .map((inputs) => ({ label: dtype, inputs, attributes: none })),
    ),
  smooth: broadcastingShapes(3, small).chain(([c, a, b]) =>
    fc
      .tuple(tensorOf("bool", c as number[]), tensorOf("float64", a as number[]), tensorOf("float64", b as number[]))
      .map((inputs) => ({ label: "smooth", inputs, attributes: none })),
  ),
};

/** Cases of the ops with two inputs that work element by element, and of `where`. */
export const binaryCases: OpCaseTable<Pick<ElementwiseOps, BinaryName | "where">> = {
  ...table,
  add: { ...table.add, examples: [...table.add.examples, beyond("int64 operands beyond int32", 2 ** 40, 2 ** 41)] },
  mul: { ...table.mul, examples: [...table.mul.examples, beyond("int64 product beyond int32", 2 ** 20, 2 ** 20)] },
  where: whereCases,
};
