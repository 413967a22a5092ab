import { trace } from "../../../src/graph/trace.ts";
import { spec } from "../../../src/graph/spec.ts";
import * as ops from "../../../src/ops/index.ts";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import type { Graph } from "../../../src/ops/program.ts";
import type { CoordinateMode, NearestMode, OpAttributes, OpName } from "../../../src/ops/vocabulary.ts";
import { type DType, dtypes } from "../../../src/tensor/dtype.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import { fromLanes } from "../../../src/tensor/lanes.ts";
import { sizeOf } from "../../../src/tensor/shape.ts";

/** One use of a primitive. */
export interface Case<A> {
  readonly inputs: readonly HostTensor[];
  readonly attributes: A;
  /** Relative tolerance for results of float32; see `tolerances`. */
  readonly tolerance?: number;
}

/** Whole numbers that look random: the same ones everywhere. */
function* lottery(seed: number): Generator<number> {
  let state = seed >>> 0;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

let seeds = 1;

/** A tensor of values spread over a range; whole ones for the dtypes that have no others. */
export function sample(dtype: DType, shape: readonly number[], low = -3, high = 3): HostTensor {
  const draw = lottery(seeds++);
  const { kind, min, max } = dtypes[dtype];
  const values = Array.from({ length: sizeOf(shape) }, () => {
    const value = low + (high - low) * (draw.next().value as number);
    if (kind === "float") return value;
    return kind === "bool" ? Number(value > (low + high) / 2) : Math.min(Math.max(Math.round(value), min), max);
  });
  return fromLanes(dtype, shape, dtype === "bool" ? Uint8Array.from(values) : values);
}

/** A tensor of given values. */
export function values(dtype: DType, list: readonly number[], shape: readonly number[] = [list.length]): HostTensor {
  return fromLanes(dtype, shape, dtype === "bool" ? Uint8Array.from(list) : list);
}

const floats: readonly DType[] = ["float32", "float64", "float16", "bfloat16"];
const numbers: readonly DType[] = [...floats, "int32", "int64", "uint8", "int8"];
const every: readonly DType[] = [...numbers, "bool"];
const none = {};

const special = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 1e-6, -1e-6, 2.5, -2.5, 3.5, 20, -20];

/** A float function on its usual range in every float dtype, and on values that need care in float32. */
function unary(low: number, high: number, extra: readonly number[] = special, tolerance?: number): Case<object>[] {
  const more = tolerance === undefined ? {} : { tolerance };
  return [
    ...floats.map((dtype) => ({ inputs: [sample(dtype, [3, 7], low, high)], attributes: none, ...more })),
    { inputs: [values("float32", extra)], attributes: none, ...more },
    { inputs: [values("float64", extra)], attributes: none, ...more },
    { inputs: [sample("float32", [], low, high)], attributes: none, ...more },
    { inputs: [sample("float32", [2, 0, 3], low, high)], attributes: none, ...more },
  ];
}

function unaryNumbers(): Case<object>[] {
  return [
    ...numbers.map((dtype) => ({ inputs: [sample(dtype, [3, 7], -9, 9)], attributes: none })),
    { inputs: [values("float32", special)], attributes: none },
  ];
}

const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [[], [2, 2]],
  [
    [0, 3],
    [1, 3],
  ],
];

function binary(
  types: readonly DType[],
  low = -6,
  high = 6,
  pairs: readonly (readonly [number, number])[] = [],
): Case<object>[] {
  return [
    ...types.flatMap((dtype) =>
      shapes.map(([a, b]) => ({
        inputs: [sample(dtype, a, low, high), sample(dtype, b, low, high)],
        attributes: none,
      })),
    ),
    ...(pairs.length === 0
      ? []
      : [
          {
            inputs: [
              values(
                "float32",
                pairs.map(([a]) => a),
              ),
              values(
                "float32",
                pairs.map(([, b]) => b),
              ),
            ],
            attributes: none,
          },
        ]),
  ];
}

const grid = special.slice(0, 8).flatMap((a) => special.slice(0, 8).map((b): [number, number] => [a, b]));

function wholePairs(): Case<object>[] {
  const x = [7, -7, 7, -7, 5, 0, -128];
  const y = [2, 2, -2, -2, 0, 0, -1];
  const edge = (dtype: DType, low: number): Case<object> => ({
    inputs: [values(dtype, [low, 9, -9]), values(dtype, [-1, 0, 4])],
    attributes: none,
  });
  const signed = (["int32", "int64", "int8"] as const).map((dtype) => ({
    inputs: [values(dtype, x), values(dtype, y)],
    attributes: none,
  }));
  return [
    ...signed,
    { inputs: [values("uint8", [7, 200, 9]), values("uint8", [2, 7, 0])], attributes: none },
    edge("int32", -(2 ** 31)),
  ];
}

const reductions = [
  { axes: [0], keepDims: false },
  { axes: [1], keepDims: true },
  { axes: [0, 2], keepDims: false },
  { axes: [0, 1, 2], keepDims: false },
  { axes: [], keepDims: false },
] as const;

function reduce(
  types: readonly DType[],
  low = -4,
  high = 4,
  extra: readonly Case<OpAttributes["sum"]>[] = [],
): Case<OpAttributes["sum"]>[] {
  return [
    ...types.flatMap((dtype) =>
      reductions.map((attributes) => ({ inputs: [sample(dtype, [2, 3, 4], low, high)], attributes })),
    ),
    ...extra,
  ];
}

const nothing = { inputs: [sample("float32", [2, 0, 3])], attributes: { axes: [1], keepDims: false } };
const withNan: Case<OpAttributes["sum"]> = {
  inputs: [values("float32", [1, NaN, 3, 4, Infinity, -Infinity, 7, 8], [2, 4])],
  attributes: { axes: [1], keepDims: false },
};

/** What engines may overlook is left out: NaN among the elements of `max` and its kin. */
const withInfinities: Case<OpAttributes["sum"]> = {
  inputs: [values("float32", [1, -2, 3, 4, Infinity, -Infinity, 7, 8], [2, 4])],
  attributes: { axes: [1], keepDims: false },
};

const conv = (
  strides: readonly [number, number],
  pads: readonly [number, number, number, number],
  dilations: readonly [number, number],
  groups: number,
) => ({ strides, pads, dilations, groups }) as const;

const convolutions = [
  conv([1, 1], [0, 0, 0, 0], [1, 1], 1),
  conv([2, 1], [1, 0, 1, 2], [1, 1], 1),
  conv([1, 2], [2, 1, 0, 1], [2, 1], 2),
  conv([3, 2], [1, 1, 1, 1], [1, 2], 4),
  conv([1, 1], [1, 0, 0, 1], [2, 1], 2),
];

const place = (size: number, kernel: number, stride: number, before: number, after: number, dilation: number): number =>
  Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;

const quantized = (dtype: DType, from: DType): Case<OpAttributes["quantize"]>[] => [
  {
    inputs: [sample(from, [2, 6], -20, 20), values(from, [0.13], []), values(dtype, [1], [])],
    attributes: { axis: null, blockSize: 0, dtype },
  },
  {
    inputs: [sample(from, [2, 6], -20, 20), sample(from, [6], 0.1, 0.3), sample(dtype, [6], 0, 3)],
    attributes: { axis: 1, blockSize: 0, dtype },
  },
  {
    inputs: [sample(from, [2, 6], -20, 20), sample(from, [2, 2], 0.1, 0.3), sample(dtype, [2, 2], 0, 3)],
    attributes: { axis: 1, blockSize: 3, dtype },
  },
];

const dequantized = (dtype: DType, to: DType): Case<OpAttributes["quantize"]>[] =>
  quantized(dtype, to).map(({ inputs: [x, scale, zero], attributes }) => ({
    inputs: [sample(dtype, (x as HostTensor).shape, -100, 100), scale as HostTensor, zero as HostTensor],
    attributes: { ...attributes, dtype: to },
  }));

const coordinateModes: readonly CoordinateMode[] = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
];
const nearestModes: readonly NearestMode[] = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

const sizes: readonly (readonly [number, number])[] = [
  [10, 7],
  [3, 2],
  [1, 8],
];

const resizes: Case<OpAttributes["resize2d"]>[] = coordinateModes.flatMap((coordinateMode) => [
  ...nearestModes.flatMap((nearestMode) =>
    sizes.map((size) => ({
      inputs: [sample("float32", [1, 2, 5, 4])],
      attributes: { mode: "nearest" as const, size, coordinateMode, nearestMode },
    })),
  ),
  ...(["float32", "float64"] as const).flatMap((dtype) =>
    sizes.map((size) => ({
      inputs: [sample(dtype, [1, 2, 5, 4])],
      attributes: { mode: "linear" as const, size, coordinateMode, nearestMode: "floor" as const },
    })),
  ),
]);

const counter: Graph = trace(
  (state: HostTensor, step: HostTensor) => ({ state: ops.add(ops.mul(state, 0.5), step), out: ops.mul(state, step) }),
  spec([3], "float32", "state"),
  spec([3], "float32", "step"),
);

const walk = (length: number, reverse: boolean): Case<OpAttributes["scan"]> => ({
  inputs: [sample("float32", [3]), sample("float32", [length, 3])],
  attributes: { body: ordered(counter), carries: 1, scanned: 1, length, reverse },
});

/** trace sorts outputs by name; a loop body wants its carry first. */
function ordered(graph: Graph): Graph {
  const outputs = ["state", "out"].map(
    (name) => graph.outputs.find((output) => output.name === name) as Graph["outputs"][number],
  );
  return { ...graph, outputs };
}

const counted = (reverse: boolean): Case<OpAttributes["scan"]> => ({
  inputs: [sample("float32", [3]), sample("float32", [3])],
  attributes: { body: ordered(counter), carries: 1, scanned: 0, length: 4, reverse },
});

const square = trace((x: HostTensor) => ops.mul(x, x), spec([4]));

const indices = values("int32", [2, 0, 2, 1]);

/** Uses of every primitive; a forgotten one does not compile. */
export const cases: { readonly [Name in OpName]: readonly Case<OpAttributes[Name]>[] } = {
  neg: unaryNumbers(),
  abs: unaryNumbers(),
  sign: unaryNumbers(),
  relu: unaryNumbers(),
  exp: unary(-5, 5),
  expm1: unary(-5, 5, [...special, 1e-8, -1e-4, 100, -100, 0.99, -1.01]),
  log: unary(0.01, 9),
  log1p: unary(-0.9, 9, [...special, 1e-8, -1e-4, 1e8, 3e38, -0.999]),
  sqrt: unary(0, 9),
  rsqrt: unary(0.01, 9),
  reciprocal: unary(0.1, 9),
  sin: unary(-9, 9),
  cos: unary(-9, 9),
  tan: unary(-1.4, 1.4),
  asin: unary(-1, 1),
  acos: unary(-1, 1),
  atan: unary(-9, 9, [...special, 1e8, -1e8, 0.1, 0.9, 1.1]),
  sinh: unary(-5, 5, [...special, 1e-3, 80, -80]),
  cosh: unary(-5, 5, [...special, 80, -80]),
  tanh: unary(-5, 5),
  asinh: unary(-5, 5, [...special, -1000, 1e10, -1e10]),
  acosh: unary(1, 9, [...special, 1.001, 1e10]),
  atanh: unary(-0.99, 0.99, [...special, 0.999]),
  sigmoid: unary(-9, 9, [...special, 90, -80]),
  softplus: unary(-9, 9, [...special, 90, -80]),
  erf: unary(-4, 4, [...special, 4, -4, 0.46, 0.47]),
  erfInv: unary(-0.999, 0.999, [...special, 0.9999999, -0.9999999]),
  lgamma: unary(-5, 9, [...special, 2, 1.0001, 1.9999, 100, 1e10, -3, -3.5, 1e-10]),
  polygamma: [0, 1, 2, 3].flatMap((order) => [
    ...unary(0.1, 9, [...special, 100, -3, -3.25, 1.4616321]).map(({ inputs }) => ({ inputs, attributes: { order } })),
    { inputs: [sample("float64", [9], -4.9, 0)], attributes: { order } },
  ]),
  floor: unary(-9, 9),
  ceil: unary(-9, 9),
  round: unary(-9, 9, [...special, 0.5, 1.5, 2.5, -0.5, -1.5]),
  isNan: unaryNumbers(),
  isInf: unaryNumbers(),
  logicalNot: [{ inputs: [sample("bool", [2, 3])], attributes: none }],

  add: binary(numbers, -100, 100, grid),
  sub: binary(numbers, -100, 100, grid),
  mul: binary(numbers, -100, 100, grid),
  div: [...binary(floats, 0.5, 9, grid), ...wholePairs()],
  rem: [
    ...binary(floats, 0.5, 9),
    ...wholePairs(),
    {
      inputs: [values("float32", [7.5, -7.5, 7, -7, 6, -6, 5, 1e9]), values("float32", [2, 2, -3, -3, -3, 3, 0, 7])],
      attributes: none,
    },
  ],
  pow: binary(floats, 0.1, 3, [...grid, [-2, 3], [-2, 0.5], [2, -1], [-1, Infinity]]),
  atan2: binary(floats, -3, 3, grid),
  minimum: binary(numbers, -9, 9, grid),
  maximum: binary(numbers, -9, 9, grid),
  equal: binary(every, -2, 2, grid),
  notEqual: binary(every, -2, 2, grid),
  less: binary(numbers, -2, 2, grid),
  lessEqual: binary(numbers, -2, 2, grid),
  greater: binary(numbers, -2, 2, grid),
  greaterEqual: binary(numbers, -2, 2, grid),
  logicalAnd: binary(["bool"]),
  logicalOr: binary(["bool"]),
  logicalXor: binary(["bool"]),
  where: every.flatMap((dtype) => [
    { inputs: [sample("bool", [2, 3]), sample(dtype, [2, 3]), sample(dtype, [3])], attributes: none },
    { inputs: [sample("bool", [2, 1]), sample(dtype, [3]), sample(dtype, [])], attributes: none },
  ]),

  sum: reduce(numbers, -40, 40, [nothing, withNan]),
  mean: reduce(floats, -4, 4, [nothing, withNan]),
  prod: reduce(numbers, -2, 3, [nothing, withNan]),
  max: reduce(numbers, -90, 90, [withInfinities]),
  min: reduce(numbers, -90, 90, [withInfinities]),
  any: reduce(["bool"], -4, 1, [{ inputs: [sample("bool", [2, 0])], attributes: { axes: [1], keepDims: false } }]),
  all: reduce(["bool"], -1, 4, [{ inputs: [sample("bool", [2, 0])], attributes: { axes: [1], keepDims: false } }]),
  argMax: [
    ...numbers.flatMap((dtype) =>
      [0, 1].map((axis) => ({ inputs: [sample(dtype, [4, 6], -3, 3)], attributes: { axis, keepDims: axis === 0 } })),
    ),
    {
      inputs: [values("float32", [1, 2, 3, 2, Infinity, -Infinity, 1, Infinity, 5, 5, 2, 5], [3, 4])],
      attributes: { axis: 1, keepDims: false },
    },
  ],
  argMin: [
    ...numbers.flatMap((dtype) =>
      [0, 1].map((axis) => ({ inputs: [sample(dtype, [4, 6], -3, 3)], attributes: { axis, keepDims: axis === 0 } })),
    ),
    {
      inputs: [values("float32", [1, 2, 3, 2, -Infinity, Infinity, 0, -Infinity, 2, 5, 2, 5], [3, 4])],
      attributes: { axis: 1, keepDims: false },
    },
  ],
  topK: [
    ...numbers.flatMap((dtype) =>
      [true, false].map((largest) => ({
        inputs: [sample(dtype, [5, 6], -4, 4)],
        attributes: { axis: largest ? 1 : 0, k: 3, largest },
      })),
    ),
    ...[true, false].map((largest) => ({
      inputs: [values("float32", [1, 2, 3, -Infinity, Infinity, 2, 3])],
      attributes: { axis: 0, k: 7, largest },
    })),
    { inputs: [sample("float32", [3, 4])], attributes: { axis: 1, k: 0, largest: true } },
  ],
  sort: [
    ...numbers.flatMap((dtype) =>
      [true, false].map((descending) => ({
        inputs: [sample(dtype, [5, 6], -4, 4)],
        attributes: { axis: descending ? 1 : 0, descending },
      })),
    ),
    ...[true, false].map((descending) => ({
      inputs: [values("float32", [1, 2, 3, -Infinity, Infinity, 2, 3])],
      attributes: { axis: 0, descending },
    })),
    { inputs: [sample("float32", [0, 4])], attributes: { axis: 0, descending: false } },
  ],
  cumsum: numbers.flatMap((dtype) =>
    [0, 1].flatMap((axis) =>
      [true, false].flatMap((exclusive) =>
        [true, false].map((reverse) => ({
          inputs: [sample(dtype, [4, 5], -60, 60)],
          attributes: { axis, exclusive, reverse },
        })),
      ),
    ),
  ),
  softmax: [
    ...floats.flatMap((dtype) =>
      [0, 1].map((axis) => ({ inputs: [sample(dtype, [3, 5], -9, 9)], attributes: { axis } })),
    ),
    { inputs: [values("float32", [1000, 999, -1000, 5])], attributes: { axis: 0 } },
  ],
  logSoftmax: [
    ...floats.flatMap((dtype) =>
      [0, 1].map((axis) => ({ inputs: [sample(dtype, [3, 5], -9, 9)], attributes: { axis } })),
    ),
    { inputs: [values("float32", [1000, 999, -1000, 5])], attributes: { axis: 0 } },
  ],

  matmul: [
    ...numbers.map((dtype) => ({
      inputs: [sample(dtype, [3, 4], -9, 9), sample(dtype, [4, 5], -9, 9)],
      attributes: none,
    })),
    { inputs: [sample("float32", [2, 1, 3, 4]), sample("float32", [3, 4, 2])], attributes: none },
    { inputs: [sample("float32", [2, 0]), sample("float32", [0, 3])], attributes: none },
    { inputs: [sample("float32", [0, 2]), sample("float32", [2, 3])], attributes: none },
  ],
  conv2d: [
    ...(["float32", "float64"] as const).flatMap((dtype) =>
      convolutions.map((attributes) => ({
        inputs: [sample(dtype, [2, 4, 8, 7]), sample(dtype, [8, 4 / attributes.groups, 3, 2])],
        attributes,
      })),
    ),
    ...(["float16", "bfloat16"] as const).map((dtype) => ({
      inputs: [sample(dtype, [1, 2, 5, 5]), sample(dtype, [3, 2, 3, 3])],
      attributes: convolutions[0] as OpAttributes["conv2d"],
    })),
    {
      inputs: [sample("float32", [0, 2, 5, 5]), sample("float32", [3, 2, 3, 3])],
      attributes: convolutions[0] as OpAttributes["conv2d"],
    },
  ],
  convTranspose2d: [
    ...(["float32", "float64"] as const).flatMap((dtype) =>
      convolutions.flatMap((attributes) => [
        {
          inputs: [sample(dtype, [2, 4, 5, 4]), sample(dtype, [4, 8 / attributes.groups, 3, 2])],
          attributes: { ...attributes, outputPadding: [0, 0] as const },
        },
        {
          inputs: [sample(dtype, [2, 4, 5, 4]), sample(dtype, [4, 8 / attributes.groups, 3, 2])],
          attributes: {
            ...attributes,
            outputPadding: [
              Math.max(attributes.strides[0], attributes.dilations[0]) - 1,
              Math.max(attributes.strides[1], attributes.dilations[1]) - 1,
            ] as const,
          },
        },
      ]),
    ),
    {
      inputs: [sample("float16", [1, 2, 3, 3]), sample("float16", [2, 2, 2, 2])],
      attributes: { ...(convolutions[0] as OpAttributes["conv2d"]), outputPadding: [0, 0] },
    },
  ],
  conv2dWeightGrad: (["float32", "float64", "float16"] as const).flatMap((dtype) =>
    convolutions.map(({ strides, pads, dilations, groups }) => {
      const kernel = [3, 2] as const;
      const rows = place(8, kernel[0], strides[0], pads[0], pads[2], dilations[0]);
      const columns = place(7, kernel[1], strides[1], pads[1], pads[3], dilations[1]);
      return {
        inputs: [sample(dtype, [2, 4, 8, 7]), sample(dtype, [2, 8, rows, columns])],
        attributes: { strides, pads, dilations, groups, kernel },
      };
    }),
  ),
  maxPool2d: [
    ...numbers.flatMap((dtype) => [
      {
        inputs: [sample(dtype, [2, 3, 6, 5], -9, 9)],
        attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] } as const,
      },
      {
        inputs: [sample(dtype, [2, 3, 6, 5], -9, 9)],
        attributes: { kernel: [3, 2], strides: [1, 2], pads: [1, 0, 2, 1], dilations: [1, 1] } as const,
      },
    ]),
    {
      inputs: [sample("float32", [2, 3, 6, 5])],
      attributes: { kernel: [2, 3], strides: [1, 1], pads: [2, 1, 1, 2], dilations: [3, 2] },
    },
    {
      inputs: [
        values("float32", [7, 1, 2, 3, Infinity, 4, -1, -2, 5, 5, 5, 5, -Infinity, -Infinity, 0, 1], [1, 1, 4, 4]),
      ],
      attributes: { kernel: [2, 2], strides: [1, 1], pads: [1, 1, 0, 0], dilations: [1, 1] },
    },
    {
      inputs: [
        values("float32", [7, 1, 2, 3, Infinity, 4, -1, -2, 5, 5, 5, 5, -Infinity, -Infinity, 0, 1], [1, 1, 4, 4]),
      ],
      attributes: { kernel: [2, 2], strides: [1, 1], pads: [2, 2, 0, 0], dilations: [3, 3] },
    },
  ],
  avgPool2d: floats.flatMap((dtype) =>
    [true, false].flatMap((countIncludePad) => [
      {
        inputs: [sample(dtype, [2, 3, 6, 5])],
        attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], countIncludePad } as const,
      },
      {
        inputs: [sample(dtype, [2, 3, 6, 5])],
        attributes: { kernel: [3, 2], strides: [1, 2], pads: [1, 0, 2, 1], countIncludePad } as const,
      },
    ]),
  ),
  resize2d: resizes,

  reshape: [
    ...[...every, "int4", "uint4", "int2"].map((dtype) => ({
      inputs: [sample(dtype as DType, [2, 6], -2, 1)],
      attributes: { shape: [3, 4] },
    })),
    { inputs: [sample("float32", [1])], attributes: { shape: [] } },
    { inputs: [sample("float32", [0, 3])], attributes: { shape: [5, 0] } },
  ],
  transpose: [
    ...every.map((dtype) => ({ inputs: [sample(dtype, [2, 3, 4])], attributes: { permutation: [2, 0, 1] } })),
    { inputs: [sample("float32", [])], attributes: { permutation: [] } },
  ],
  broadcastTo: [
    ...every.map((dtype) => ({ inputs: [sample(dtype, [3, 1])], attributes: { shape: [2, 3, 4] } })),
    { inputs: [sample("float32", [])], attributes: { shape: [0, 2] } },
    { inputs: [sample("float32", [2, 2])], attributes: { shape: [2, 2] } },
  ],
  concat: [
    ...every.map((dtype) => ({
      inputs: [sample(dtype, [2, 3]), sample(dtype, [1, 3]), sample(dtype, [0, 3])],
      attributes: { axis: 0 },
    })),
    { inputs: [sample("float32", [2, 3])], attributes: { axis: 1 } },
  ],
  slice: [
    ...every.map((dtype) => ({
      inputs: [sample(dtype, [4, 6])],
      attributes: { starts: [1, 0], ends: [3, 6], steps: [1, 2] },
    })),
    { inputs: [sample("float32", [4, 6])], attributes: { starts: [0, 0], ends: [4, 6], steps: [1, 1] } },
    { inputs: [sample("float32", [4, 6])], attributes: { starts: [2, 0], ends: [2, 6], steps: [1, 1] } },
  ],
  pad: [
    ...every.map((dtype) => ({
      inputs: [sample(dtype, [2, 3])],
      attributes: { before: [1, 0], after: [0, 2], value: 1 },
    })),
    { inputs: [sample("float32", [2])], attributes: { before: [1], after: [1], value: -Infinity } },
    { inputs: [sample("float32", [])], attributes: { before: [], after: [], value: 0 } },
    { inputs: [sample("float32", [0, 2])], attributes: { before: [1, 0], after: [1, 0], value: 2 } },
  ],
  reverse: [
    ...every.map((dtype) => ({ inputs: [sample(dtype, [2, 3, 2])], attributes: { axes: [0, 2] } })),
    { inputs: [sample("float32", [0, 2])], attributes: { axes: [0] } },
    { inputs: [sample("float32", [2])], attributes: { axes: [] } },
  ],
  gather: [
    ...every.map((dtype) => ({
      inputs: [sample(dtype, [3, 4]), values("int32", [2, 0, 1, 1], [2, 2])],
      attributes: { axis: 0 },
    })),
    { inputs: [sample("float32", [2, 3, 2]), values("int64", [1, 2])], attributes: { axis: 1 } },
    { inputs: [sample("float32", [2, 3]), values("int32", [1], [])], attributes: { axis: 1 } },
  ],
  gatherElements: [
    ...every.map((dtype) => ({
      inputs: [sample(dtype, [3, 4]), values("int32", [2, 0, 1, 1], [1, 4])],
      attributes: { axis: 0 },
    })),
    { inputs: [sample("float32", [3, 4]), values("int64", [2, 0, 1, 1, 3, 3], [3, 2])], attributes: { axis: 1 } },
  ],
  scatterAdd: [
    ...numbers.map((dtype) => ({
      inputs: [sample(dtype, [3, 5]), indices, sample(dtype, [4, 5])],
      attributes: { axis: 0 },
    })),
    {
      inputs: [sample("float32", [2, 3, 2]), values("int64", [0, 2, 2, 1], [2, 2]), sample("float32", [2, 2, 2, 2])],
      attributes: { axis: 1 },
    },
    { inputs: [sample("float32", [2, 3]), values("int32", [1], []), sample("float32", [2])], attributes: { axis: 1 } },
  ],
  scatterAddElements: [
    ...numbers.map((dtype) => ({
      inputs: [sample(dtype, [3, 4]), values("int32", [2, 2, 0, 1, 2, 0, 0, 0], [2, 4]), sample(dtype, [2, 4])],
      attributes: { axis: 0 },
    })),
    {
      inputs: [sample("float32", [3, 4]), values("int64", [2, 2, 1, 1, 3, 3], [3, 2]), sample("float32", [3, 2])],
      attributes: { axis: 1 },
    },
  ],
  iota: [
    ...numbers.map((dtype) => ({ inputs: [], attributes: { length: 7, dtype } })),
    { inputs: [], attributes: { length: 5000, dtype: "float32" as const } },
    { inputs: [], attributes: { length: 0, dtype: "int32" as const } },
  ],
  dimValue: (["float32", "int32", "int64"] as const).map((dtype) => ({ inputs: [], attributes: { dim: 7, dtype } })),
  oneHot: [
    ...every.map((dtype) => ({
      inputs: [values("int32", [1, -1, 3, 9, 0, 2], [2, 3])],
      attributes: { depth: 4, axis: 1, dtype },
    })),
    { inputs: [values("int64", [1, 2])], attributes: { depth: 3, axis: 0, dtype: "float32" } },
    { inputs: [values("int32", [2], [])], attributes: { depth: 3, axis: 0, dtype: "float32" } },
  ],

  cast: [
    ...[...every, "int4", "uint4", "int2"].flatMap((from) =>
      [...every, "int4", "uint4", "int2"].map((to) => ({
        inputs: [sample(from as DType, [2, 9], -300, 300)],
        attributes: { dtype: to as DType },
      })),
    ),
    ...(["int32", "int64", "int8", "uint8", "int4", "bool"] as const).map((dtype) => ({
      inputs: [values("float32", [NaN, Infinity, -Infinity, 3e9, -3e9, 1.9, -1.9, 300, -300, 1e20, -1e20, 0.4])],
      attributes: { dtype },
    })),
    { inputs: [values("float64", [NaN, 2147483647.5, -2147483649, 1e300])], attributes: { dtype: "int32" } },
    { inputs: [values("float32", [1e30, 65520, 65519, 1e-8])], attributes: { dtype: "float16" } },
  ],
  quantize: (["int8", "uint8", "int4", "uint4", "int2"] as const).flatMap((dtype) =>
    floats.flatMap((from) => quantized(dtype, from)),
  ),
  dequantize: (["int8", "uint8", "int4", "uint4", "int2", "int32"] as const).flatMap((dtype) =>
    floats.flatMap((to) => dequantized(dtype, to)),
  ),

  scan: [walk(5, false), walk(5, true), walk(0, false), walk(1, false), counted(false), counted(true)],
  customVjp: [{ inputs: [sample("float32", [4])], attributes: { primal: square, forward: square, backward: square } }],
  stopGradient: [{ inputs: [sample("float32", [2, 2])], attributes: none }],
};

/** The program of one case. */
export function programOf(op: OpName, { inputs, attributes }: Case<object>): Graph {
  const builder = new GraphBuilder(op);
  const names = inputs.map((value, i) => builder.input(`input_${i}`, { dtype: value.dtype, shape: value.shape }));
  const outputs = builder.add(op, names, attributes as OpAttributes[OpName]);
  outputs.forEach((value, i) => builder.output(`result_${i}`, value));
  return builder.build();
}

/** The inputs of one case by name. */
export function inputsOf({ inputs }: Case<object>): Record<string, HostTensor> {
  return Object.fromEntries(inputs.map((value, i) => [`input_${i}`, value]));
}
