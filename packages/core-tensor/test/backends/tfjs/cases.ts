import type { Application, Case, Cases } from "./case.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import type { Tolerance } from "./compare.ts";
import { floats, truths, values, wholes } from "./graphs.ts";
import { imageCases } from "./imageCases.ts";

type Plain = Application<Readonly<Record<never, never>>>;

const none = {};
const odd = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -2.5, 1e-7, -1e-7, 1e-3, 3.4e38, 100, -100];

/** Ordinary shapes, a scalar, nothing, and the numbers that functions stumble over. */
function unary(low: number, high: number, specials: readonly number[] = odd, tolerance?: Tolerance): Plain[] {
  return [
    { inputs: [floats([2, 3, 4], 1, low, high)], attributes: none, ...(tolerance && { tolerance }) },
    { inputs: [floats([], 2, low, high)], attributes: none, ...(tolerance && { tolerance }) },
    { inputs: [floats([0, 3])], attributes: none },
    { inputs: [values(specials)], attributes: none, ...(tolerance && { tolerance }) },
  ];
}

const narrow = [-128, -127, -1, 0, 1, 5, 127];
const wide = [-(2 ** 31), -(2 ** 31) + 1, -65537, -7, -1, 0, 1, 7, 16777217, 2 ** 31 - 1];

const wholeUnary: Plain[] = [
  { inputs: [values(narrow, "int8")], attributes: none },
  { inputs: [values([0, 1, 128, 255], "uint8")], attributes: none },
  { inputs: [values(wide.slice(1), "int32")], attributes: none },
  { inputs: [values(wide.slice(1), "int64")], attributes: none },
];

function pairs(list: readonly number[]): [number[], number[]] {
  return [list.flatMap((a) => list.map(() => a)), list.flatMap(() => [...list])];
}

const floatBinary: Plain[] = [
  { inputs: [floats([2, 3]), floats([2, 3], 2)], attributes: none },
  { inputs: [floats([2, 1, 4]), floats([3, 1], 2)], attributes: none },
  { inputs: [floats([]), floats([2, 2], 2)], attributes: none },
  { inputs: [floats([0, 3]), floats([3], 2)], attributes: none },
  { inputs: pairs([NaN, Infinity, -Infinity, 0, 1, -1, 2.5, -2.5, 3]).map((list) => values(list)), attributes: none },
];
const wholeBinary: Plain[] = [
  { inputs: pairs(narrow).map((list) => values(list, "int8")), attributes: none },
  { inputs: pairs([0, 1, 7, 128, 255]).map((list) => values(list, "uint8")), attributes: none },
  { inputs: pairs(wide).map((list) => values(list, "int32")), attributes: none },
  {
    inputs: pairs([-70000, -3, 0, 2, 7, 30000]).map((list) =>
      values(
        list.map((x) => x % 30000),
        "int64",
      ),
    ),
    attributes: none,
  },
];
const truthBinary: Plain[] = [
  { inputs: [values([0, 0, 1, 1], "bool"), values([0, 1, 0, 1], "bool")], attributes: none },
  { inputs: [truths([2, 1]), truths([3], 2)], attributes: none },
];
const numberBinary = [...floatBinary, ...wholeBinary];

type ReduceCase = Case<"sum">;

function reductions(input: (shape: readonly number[]) => HostTensor, nothing: boolean): ReduceCase[] {
  const of = (shape: readonly number[], axes: readonly number[], keepDims = false): ReduceCase => ({
    inputs: [input(shape)],
    attributes: { axes, keepDims },
  });
  const empty = [of([0, 3], [0]), of([2, 0, 3], [0, 1], true), of([0], [0])];
  return [
    of([2, 3, 4], [0, 1, 2]),
    of([2, 3, 4], [1]),
    of([2, 3, 4], [0, 2], true),
    of([2, 3, 4], []),
    of([], []),
    of([2, 3, 2, 2, 2], [1, 3]),
    of([0, 3], [1]),
    ...(nothing ? empty : []),
  ];
}

const wholeReductions = (dtype: "int8" | "uint8" | "int32"): ReduceCase[] =>
  reductions((shape) => wholes(shape, dtype === "uint8" ? 0 : -100, 100, dtype), true);
const truthReductions = reductions((shape) => truths(shape, 5), true);
const extremes = [
  ...reductions(floats, false),
  ...reductions((shape) => wholes(shape, -100, 100), false),
  { inputs: [values([16777217, 3, 16777216], "int32")], attributes: { axes: [0], keepDims: true } },
  { inputs: [values([-16777217, 3, -16777216], "int32")], attributes: { axes: [0], keepDims: true } },
  { inputs: [values([1, NaN, 3, 4, 5, 6], "float32", [2, 3])], attributes: { axes: [1], keepDims: false } },
  {
    inputs: [values([-Infinity, -Infinity, Infinity, Infinity], "float32", [2, 2])],
    attributes: { axes: [1], keepDims: false },
  },
];

const lines = values([3, 1, 3, NaN, 2, NaN, Infinity, Infinity, -Infinity, 0, -0, 5], "float32", [3, 4]);
const ties = wholes([4, 6], 0, 4);

const argCases: Case<"argMax">[] = [
  { inputs: [ties], attributes: { axis: 1, keepDims: false } },
  { inputs: [ties], attributes: { axis: 0, keepDims: true } },
  { inputs: [lines], attributes: { axis: 1, keepDims: false } },
  { inputs: [lines], attributes: { axis: 0, keepDims: false } },
  { inputs: [floats([2, 3, 4])], attributes: { axis: 1, keepDims: true } },
  { inputs: [values([16777216, 16777217], "int32")], attributes: { axis: 0, keepDims: false } },
  { inputs: [floats([0, 4])], attributes: { axis: 1, keepDims: false } },
];

const sortCases = [true, false].flatMap((descending): Case<"sort">[] => [
  { inputs: [ties], attributes: { axis: 1, descending } },
  { inputs: [ties], attributes: { axis: 0, descending } },
  { inputs: [lines], attributes: { axis: 1, descending } },
  { inputs: [floats([2, 3, 4])], attributes: { axis: 1, descending } },
  { inputs: [values(wide, "int32")], attributes: { axis: 0, descending } },
  { inputs: [wholes([600], 0, 9, "uint8")], attributes: { axis: 0, descending } },
  { inputs: [floats([0, 4])], attributes: { axis: 1, descending } },
]);

const topKCases = [true, false].flatMap((largest): Case<"topK">[] => [
  { inputs: [ties], attributes: { axis: 1, k: 3, largest } },
  { inputs: [lines], attributes: { axis: 1, k: 2, largest } },
  { inputs: [floats([3, 5, 2])], attributes: { axis: 1, k: 4, largest } },
  { inputs: [floats([3, 5])], attributes: { axis: 1, k: 0, largest } },
  { inputs: [wholes([200], 0, 20, "int32")], attributes: { axis: 0, k: 50, largest } },
]);

const cumsumCases = [false, true].flatMap((exclusive) =>
  [false, true].flatMap((reverse): Case<"cumsum">[] => [
    { inputs: [floats([2, 3, 4])], attributes: { axis: 1, exclusive, reverse } },
    { inputs: [values(wide, "int32")], attributes: { axis: 0, exclusive, reverse } },
    { inputs: [wholes([6], 0, 100, "int8")], attributes: { axis: 0, exclusive, reverse } },
    { inputs: [floats([0, 2])], attributes: { axis: 0, exclusive, reverse } },
  ]),
);

const softmaxCases: Case<"softmax">[] = [
  { inputs: [floats([2, 3, 4])], attributes: { axis: 2 } },
  { inputs: [floats([2, 3, 4])], attributes: { axis: 0 } },
  { inputs: [values([1000, 999, -1000, -Infinity], "float32", [2, 2])], attributes: { axis: 1 } },
  { inputs: [floats([3, 0])], attributes: { axis: 0 } },
];

const slices: Case<"slice">[] = [
  { inputs: [floats([5, 6])], attributes: { starts: [1, 0], ends: [4, 6], steps: [1, 1] } },
  { inputs: [floats([5, 6])], attributes: { starts: [1, 0], ends: [5, 6], steps: [3, 2] } },
  { inputs: [wholes([7], -9, 9)], attributes: { starts: [0], ends: [7], steps: [2] } },
  { inputs: [truths([7])], attributes: { starts: [0], ends: [6], steps: [3] } },
  { inputs: [floats([])], attributes: { starts: [], ends: [], steps: [] } },
  { inputs: [floats([4])], attributes: { starts: [2], ends: [2], steps: [1] } },
  {
    inputs: [floats([2, 2, 2, 2, 3])],
    attributes: { starts: [0, 1, 0, 1, 0], ends: [2, 2, 2, 2, 3], steps: [1, 1, 1, 1, 2] },
  },
];

const index = (
  list: readonly number[],
  shape: readonly number[] = [list.length],
  dtype: "int32" | "int64" = "int32",
): HostTensor => values(list, dtype, shape);

const scatters: Case<"scatterAdd">[] = [
  { inputs: [floats([4, 3]), index([1, 1, 3]), floats([3, 3], 2)], attributes: { axis: 0 } },
  {
    inputs: [floats([2, 4, 3]), index([0, 3, 3, 3], [2, 2], "int64"), floats([2, 2, 2, 3], 2)],
    attributes: { axis: 1 },
  },
  {
    inputs: [wholes([4], -128, 128, "int8"), index([2, 2]), wholes([2], -128, 128, "int8", 2)],
    attributes: { axis: 0 },
  },
  {
    inputs: [values(wide, "int32"), index([1, 1, 0]), values([16777217, 1, 2 ** 31 - 1], "int32")],
    attributes: { axis: 0 },
  },
  { inputs: [floats([4]), index([2], []), floats([], 2)], attributes: { axis: 0 } },
  { inputs: [floats([4, 2]), index([]), floats([0, 2])], attributes: { axis: 0 } },
];

const scatterElements: Case<"scatterAddElements">[] = [
  { inputs: [floats([3, 2]), index([2, 0, 2, 1, 0, 0, 1, 1], [4, 2]), floats([4, 2], 2)], attributes: { axis: 0 } },
  { inputs: [floats([2, 3, 2]), index([2, 0, 2, 1], [2, 1, 2]), floats([2, 1, 2], 2)], attributes: { axis: 1 } },
  { inputs: [floats([2, 3]), index([], [2, 0]), floats([2, 0])], attributes: { axis: 1 } },
];

const dtypes = ["float32", "int32", "int64", "int8", "uint8", "bool", "int4", "uint4", "int2"] as const;
const castCases: Case<"cast">[] = dtypes.flatMap((dtype): Case<"cast">[] => [
  { inputs: [values([0.5, -1.9, 0, NaN, 300, -300, 127.5, 1e3, 5.5, -3])], attributes: { dtype } },
  {
    inputs: [values([-(2 ** 31), -300, -129, -1, 0, 1, 7, 127, 200, 256, 2 ** 31 - 1], "int32")],
    attributes: { dtype },
  },
  { inputs: [values([-300, 0, 5], "int64")], attributes: { dtype } },
  { inputs: [values([-128, -1, 0, 127], "int8")], attributes: { dtype } },
  { inputs: [values([0, 127, 128, 255], "uint8")], attributes: { dtype } },
  { inputs: [values([0, 1], "bool")], attributes: { dtype } },
  { inputs: [values([-8, -1, 7], "int4")], attributes: { dtype } },
  { inputs: [values([0, 15], "uint4")], attributes: { dtype } },
]);

const quantized: Case<"quantize">[] = [
  {
    inputs: [floats([3, 4], 1, -40, 40), values([0.25], "float32", []), values([3], "int8", [])],
    attributes: { axis: null, blockSize: 0, dtype: "int8" },
  },
  {
    inputs: [floats([3, 4], 1, -40, 40), values([0.25, 0.1, 2]), values([3, 128, 0], "uint8")],
    attributes: { axis: 0, blockSize: 0, dtype: "uint8" },
  },
  {
    inputs: [floats([2, 6, 2]), floats([2, 2, 2], 3, 0.1, 0.5), wholes([2, 2, 2], -3, 3, "int4")],
    attributes: { axis: 1, blockSize: 3, dtype: "int4" },
  },
  {
    inputs: [
      values([NaN, Infinity, -Infinity, 0.5, 1.5, 2.5, -0.5]),
      values([1], "float32", []),
      values([1], "int8", []),
    ],
    attributes: { axis: null, blockSize: 0, dtype: "int8" },
  },
];

const dequantized: Case<"dequantize">[] = [
  {
    inputs: [wholes([3, 4], -128, 128, "int8"), values([0.25], "float32", []), values([3], "int8", [])],
    attributes: { axis: null, blockSize: 0, dtype: "float32" },
  },
  {
    inputs: [wholes([3, 4], 0, 256, "uint8"), values([0.25, 0.1, 2, 3]), values([3, 128, 0, 255], "uint8")],
    attributes: { axis: 1, blockSize: 0, dtype: "float32" },
  },
  {
    inputs: [wholes([4, 2], 0, 16, "uint4"), floats([2, 2], 3, 0.1, 0.5), wholes([2, 2], 0, 16, "uint4")],
    attributes: { axis: 0, blockSize: 2, dtype: "float32" },
  },
];

/** Programs inside programs have tests of their own. */
type Programs = "scan" | "customVjp";

/** For every op what tends to go wrong: broadcasting, emptiness, scalars, ends of ranges, every attribute. */
export const cases: Omit<Cases, Programs> = {
  neg: [...unary(-2, 2), ...wholeUnary],
  abs: [...unary(-2, 2), ...wholeUnary],
  sign: [...unary(-2, 2), ...wholeUnary],
  exp: unary(-3, 3),
  expm1: unary(-3, 3),
  log: unary(0.1, 5),
  log1p: unary(-0.9, 5, [...odd, 1e-10, 3e-8, 1e10]),
  sqrt: unary(0, 5),
  rsqrt: unary(0.1, 5, [4, 0, Infinity, NaN, -1]),
  reciprocal: unary(0.1, 5, [4, 0, Infinity, NaN, -1]),
  sin: unary(-3, 3, [0, 1e-7, 100]),
  cos: unary(-3, 3, [0, 1e-7, 100]),
  tan: unary(-1, 1, [0, 1e-7, 1.5]),
  asin: unary(-1, 1, [0, 1, -1, 2, NaN]),
  acos: unary(-1, 1, [0, 1, -1, 2, NaN]),
  atan: unary(-3, 3),
  sinh: unary(-3, 3, [0, 1e-7, Infinity, NaN]),
  cosh: unary(-3, 3, [0, Infinity, NaN]),
  tanh: unary(-3, 3),
  asinh: unary(-3, 3, [0, 1e-4, -1e-4, 1e4]),
  acosh: unary(1.01, 5, [1, 0.5, 1e4, NaN]),
  atanh: unary(-0.9, 0.9, [0, 1e-4, 1, -1, 2]),
  sigmoid: unary(-5, 5),
  relu: [...unary(-2, 2), ...wholeUnary],
  softplus: unary(-5, 5),
  erf: unary(-3, 3),
  erfInv: unary(-0.999, 0.999, [0, 1, -1, 1e-6, 0.9999999, -0.99999, 2, NaN]),
  lgamma: unary(-4.9, 12, [
    1,
    2,
    0,
    -1,
    -2,
    0.001,
    1e-20,
    1.0001,
    2.5,
    3,
    7.99,
    8,
    100,
    1e6,
    Infinity,
    -Infinity,
    NaN,
    -0.5,
  ]),
  polygamma: [0, 1, 2, 3].flatMap((order) =>
    unary(0.2, 12, [1, 2, 0.01, 1.4616, 30, 1e4, Infinity, NaN, -0.5, -1.25, -3.3, -1, -2, -Infinity]).map(
      (example) => ({
        ...example,
        attributes: { order },
      }),
    ),
  ),
  floor: unary(-3, 3),
  ceil: unary(-3, 3),
  round: unary(-3, 3, [0.5, 1.5, 2.5, -0.5, -1.5, 8388609, 1e10, NaN, Infinity]),
  isNan: [...unary(-3, 3), ...wholeUnary],
  isInf: [...unary(-3, 3), ...wholeUnary],
  logicalNot: [
    { inputs: [truths([2, 3])], attributes: none },
    { inputs: [truths([])], attributes: none },
  ],

  add: numberBinary,
  sub: numberBinary,
  mul: numberBinary,
  div: numberBinary,
  pow: [
    { inputs: [floats([2, 3], 1, 0.1, 3), floats([3], 2)], attributes: none },
    {
      inputs: pairs([NaN, Infinity, -Infinity, 0, 1, -1, 2, -2, 0.5, 3]).map((list) => values(list)),
      attributes: none,
    },
  ],
  rem: numberBinary,
  atan2: floatBinary,
  minimum: numberBinary,
  maximum: numberBinary,
  equal: [...numberBinary, ...truthBinary],
  notEqual: [...numberBinary, ...truthBinary],
  less: numberBinary,
  lessEqual: numberBinary,
  greater: numberBinary,
  greaterEqual: numberBinary,
  logicalAnd: truthBinary,
  logicalOr: truthBinary,
  logicalXor: truthBinary,
  where: [
    { inputs: [truths([2, 3]), floats([2, 3]), floats([2, 3], 2)], attributes: none },
    { inputs: [truths([2, 1]), floats([3]), floats([1, 1], 2)], attributes: none },
    { inputs: [truths([2, 3]), truths([3], 4), truths([], 2)], attributes: none },
    { inputs: [truths([]), wholes([2], -9, 9), wholes([2], -9, 9, "int32", 2)], attributes: none },
    { inputs: [truths([4]), wholes([4], -9, 9, "int8"), wholes([4], -9, 9, "int8", 2)], attributes: none },
    { inputs: [truths([2, 1]), floats([1, 0]), floats([2, 1])], attributes: none },
  ],

  sum: [
    ...reductions(floats, true),
    ...wholeReductions("int8"),
    ...wholeReductions("uint8"),
    ...wholeReductions("int32"),
    { inputs: [floats([1030, 3], 1, 0, 1)], attributes: { axes: [0], keepDims: false } },
    { inputs: [floats([40, 3, 40], 1, 0, 1)], attributes: { axes: [0, 2], keepDims: true } },
    { inputs: [values(wide, "int32")], attributes: { axes: [0], keepDims: false } },
    { inputs: [floats([200000], 1, 0, 1)], attributes: { axes: [0], keepDims: false } },
  ],
  mean: [
    ...reductions(floats, true),
    { inputs: [floats([40, 3, 40], 1, 0, 1)], attributes: { axes: [0, 2], keepDims: false } },
  ],
  prod: [
    ...reductions(floats, true),
    ...wholeReductions("int8"),
    { inputs: [values([65537, 32767], "int32")], attributes: { axes: [0], keepDims: false } },
  ],
  max: extremes,
  min: extremes,
  any: truthReductions,
  all: truthReductions,
  argMax: argCases,
  argMin: argCases,
  topK: topKCases,
  sort: sortCases,
  cumsum: cumsumCases,
  softmax: softmaxCases,
  logSoftmax: softmaxCases,

  matmul: [
    { inputs: [floats([3, 4]), floats([4, 5], 2)], attributes: none },
    { inputs: [floats([2, 3, 4]), floats([4, 5], 2)], attributes: none },
    { inputs: [floats([3, 4]), floats([2, 4, 5], 2)], attributes: none },
    { inputs: [floats([2, 1, 3, 4]), floats([3, 4, 2], 2)], attributes: none },
    { inputs: [floats([2, 3, 0]), floats([2, 0, 4])], attributes: none },
    { inputs: [floats([0, 4]), floats([4, 2])], attributes: none },
    { inputs: [wholes([3, 4], -9, 9), wholes([2, 4, 3], -9, 9, "int32", 2)], attributes: none },
    {
      inputs: [wholes([3, 4], -(2 ** 31), 2 ** 31), wholes([4, 3], -(2 ** 20), 2 ** 20, "int32", 2)],
      attributes: none,
    },
    { inputs: [wholes([2, 3, 4], -128, 128, "int8"), wholes([4, 3], -128, 128, "int8", 2)], attributes: none },
  ],
  ...imageCases,

  reshape: [
    { inputs: [floats([2, 6])], attributes: { shape: [3, 4] } },
    { inputs: [truths([1])], attributes: { shape: [] } },
    { inputs: [floats([0, 3])], attributes: { shape: [3, 0] } },
  ],
  transpose: [
    { inputs: [floats([2, 3, 4])], attributes: { permutation: [2, 0, 1] } },
    { inputs: [truths([2, 3])], attributes: { permutation: [1, 0] } },
    { inputs: [floats([])], attributes: { permutation: [] } },
    { inputs: [wholes([2, 1, 2, 1, 3, 2, 2], -9, 9)], attributes: { permutation: [6, 0, 5, 1, 4, 2, 3] } },
  ],
  broadcastTo: [
    { inputs: [floats([3, 1])], attributes: { shape: [2, 3, 4] } },
    { inputs: [truths([])], attributes: { shape: [2, 2] } },
    { inputs: [wholes([1], -9, 9)], attributes: { shape: [0] } },
    { inputs: [wholes([2], -9, 9, "int8")], attributes: { shape: [2] } },
  ],
  concat: [
    { inputs: [floats([2, 3]), floats([2, 1], 2), floats([2, 0])], attributes: { axis: 1 } },
    { inputs: [truths([2]), truths([3], 2)], attributes: { axis: 0 } },
    { inputs: [wholes([2], -9, 9, "int8")], attributes: { axis: 0 } },
    { inputs: [floats([0]), floats([0])], attributes: { axis: 0 } },
  ],
  slice: slices,
  pad: [
    { inputs: [floats([2, 3])], attributes: { before: [1, 0], after: [0, 2], value: -Infinity } },
    { inputs: [truths([2])], attributes: { before: [1], after: [1], value: 1 } },
    { inputs: [wholes([2], -9, 9, "int8")], attributes: { before: [0], after: [3], value: -128 } },
    { inputs: [values([16777217, -5], "int32")], attributes: { before: [1], after: [0], value: 16777219 } },
    { inputs: [floats([0, 2])], attributes: { before: [1, 0], after: [1, 1], value: 7 } },
    { inputs: [floats([])], attributes: { before: [], after: [], value: 7 } },
  ],
  reverse: [
    { inputs: [floats([2, 3, 4])], attributes: { axes: [0, 2] } },
    { inputs: [truths([5])], attributes: { axes: [0] } },
    { inputs: [floats([2])], attributes: { axes: [] } },
  ],
  gather: [
    { inputs: [floats([4, 3]), index([2, 0, 2])], attributes: { axis: 0 } },
    { inputs: [truths([2, 4]), index([3, 0, 1, 1], [2, 2], "int64")], attributes: { axis: 1 } },
    { inputs: [wholes([3], -9, 9), index([1], [])], attributes: { axis: 0 } },
    { inputs: [floats([3]), index([])], attributes: { axis: 0 } },
  ],
  gatherElements: [
    { inputs: [floats([3, 2]), index([2, 0, 2, 1], [2, 2])], attributes: { axis: 0 } },
    { inputs: [truths([2, 3, 2]), index([2, 0, 2, 1], [2, 1, 2], "int64")], attributes: { axis: 1 } },
    { inputs: [floats([2, 3]), index([2, 1, 0, 0], [2, 2])], attributes: { axis: 1 } },
  ],
  scatterAdd: scatters,
  scatterAddElements: scatterElements,
  iota: [
    { inputs: [], attributes: { length: 5, dtype: "int32" } },
    { inputs: [], attributes: { length: 300, dtype: "uint8" } },
    { inputs: [], attributes: { length: 3, dtype: "float32" } },
    { inputs: [], attributes: { length: 0, dtype: "int64" } },
  ],
  dimValue: [
    { inputs: [], attributes: { dim: 7, dtype: "int64" } },
    { inputs: [], attributes: { dim: 7, dtype: "float32" } },
  ],
  oneHot: [
    { inputs: [index([0, 2, -1, 3])], attributes: { depth: 3, axis: 1, dtype: "float32" } },
    { inputs: [index([0, 2, 1, 1], [2, 2], "int64")], attributes: { depth: 3, axis: 1, dtype: "int8" } },
    { inputs: [index([1], [])], attributes: { depth: 2, axis: 0, dtype: "bool" } },
  ],
  cast: castCases,
  quantize: quantized,
  dequantize: dequantized,
  stopGradient: [
    { inputs: [floats([2])], attributes: none },
    { inputs: [truths([])], attributes: none },
  ],
};
