import fc from "fast-check";
import type { NoAttributes } from "../../ops/primitive.ts";
import type { ElementwiseOps } from "../../ops/elementwise/primitives.ts";
import type { UnaryName } from "../../ops/elementwise/unaryPrimitives.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { shapes } from "../arbitraries/shapes.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import type { ValueRange } from "../arbitraries/values.ts";
import { type OpCase, type OpCases, type OpCaseTable, floatDTypes, numberDTypes } from "./case.ts";

type NoAttributeName = Exclude<UnaryName, "polygamma">;

/** Where an op is tried. */
interface Domain {
  /** Where it is defined and well-conditioned. */
  readonly range: readonly [min: number, max: number];
  /** Ends of its domain, poles, kinks, places where formulas overflow or cancel. */
  readonly edges?: readonly number[];
  /** Intervals on which it is smooth; default the range. */
  readonly smooth?: readonly (readonly [min: number, max: number])[];
  readonly dtypes?: readonly DType[];
  /** Multiples of this only: for steps, where a result must not hang on a rounding. */
  readonly step?: number;
}

const tiny = [0, -0, 1e-4, -1e-4, 2 ** -12, NaN];
const infinite = [Infinity, -Infinity];
const everywhere = [...tiny, ...infinite];
const sides: Domain["smooth"] = [
  [-3, -0.25],
  [0.25, 3],
];

/** The domain of every op with one input. Values at edges whose result is infinite or NaN must be exactly that. */
const domains: { readonly [Name in NoAttributeName]: Domain } = {
  neg: { range: [-8, 8], edges: everywhere, dtypes: numberDTypes },
  abs: { range: [-8, 8], edges: everywhere, dtypes: numberDTypes, smooth: sides },
  sign: { range: [-8, 8], edges: everywhere, dtypes: numberDTypes, smooth: sides },
  exp: { range: [-8, 8], edges: [...everywhere, 1000, -1000], smooth: [[-3, 3]] },
  expm1: { range: [-8, 8], edges: [...everywhere, 1000, -1000], smooth: [[-3, 3]] },
  log: { range: [0.01, 100], edges: [0, 1, -1, ...infinite, NaN], smooth: [[0.3, 8]] },
  log1p: { range: [-0.9, 50], edges: [...tiny, -1, -2, Infinity], smooth: [[-0.7, 8]] },
  sqrt: { range: [0.01, 100], edges: [0, 4, -1, Infinity, NaN], smooth: [[0.3, 8]] },
  rsqrt: { range: [0.01, 100], edges: [0, 4, -1, Infinity, NaN], smooth: [[0.3, 8]] },
  reciprocal: { range: [0.05, 8], edges: [-0.5, -3, 0, ...infinite, NaN], smooth: sides },
  sin: { range: [-8, 8], edges: everywhere },
  cos: { range: [-8, 8], edges: everywhere },
  tan: { range: [-1.4, 1.4], edges: everywhere, smooth: [[-1.2, 1.2]] },
  asin: { range: [-1, 1], edges: [...tiny, 1, -1, 1.5], smooth: [[-0.8, 0.8]] },
  acos: { range: [-1, 1], edges: [...tiny, 1, -1, 1.5], smooth: [[-0.8, 0.8]] },
  atan: { range: [-8, 8], edges: everywhere },
  sinh: { range: [-8, 8], edges: everywhere, smooth: [[-3, 3]] },
  cosh: { range: [-8, 8], edges: everywhere, smooth: [[-3, 3]] },
  tanh: { range: [-8, 8], edges: [...everywhere, 100, -100], smooth: [[-3, 3]] },
  asinh: { range: [-8, 8], edges: tiny },
  acosh: { range: [1, 50], edges: [1, 0.5, NaN], smooth: [[1.5, 8]] },
  atanh: { range: [-0.97, 0.97], edges: [...tiny, 1, -1, 1.5], smooth: [[-0.8, 0.8]] },
  sigmoid: { range: [-8, 8], edges: [...everywhere, 100, -100] },
  relu: { range: [-8, 8], edges: everywhere, dtypes: numberDTypes, smooth: sides },
  softplus: { range: [-8, 8], edges: [...everywhere, 100, -100] },
  erf: { range: [-3, 3], edges: [...everywhere, 10, -10], smooth: [[-2, 2]] },
  erfInv: { range: [-0.97, 0.97], edges: [...tiny, 1, -1, 1.5], smooth: [[-0.8, 0.8]] },
  lgamma: {
    range: [0.1, 30],
    edges: [1, 2, -0.5, -2.25, 0, -3, Infinity, NaN],
    smooth: [
      [0.5, 8],
      [-1.7, -1.3],
    ],
  },
  floor: { range: [-8, 8], edges: [...everywhere, 0.5, -0.5], step: 1 / 4, smooth: [[0.25, 0.75]] },
  ceil: { range: [-8, 8], edges: [...everywhere, 0.5, -0.5], step: 1 / 4, smooth: [[0.25, 0.75]] },
  round: { range: [-8, 8], edges: [...everywhere, 0.5, 1.5, 2.5, -0.5, -1.5], step: 1 / 4, smooth: [[-0.25, 0.25]] },
  isNan: { range: [-8, 8], edges: everywhere, dtypes: numberDTypes },
  isInf: { range: [-8, 8], edges: everywhere, dtypes: numberDTypes },
  logicalNot: { range: [0, 1], dtypes: ["bool"] },
};

function rangeFor(dtype: DType, { range: [min, max], edges = [], step }: Domain): ValueRange {
  if (!isFloat(dtype)) return { min: -128, max: 127, special: true };
  return { min, max, edges, ...(step === undefined ? {} : { step }) };
}

/** One tensor whose elements are all in one of some intervals. */
function smoothTensor(intervals: readonly (readonly [number, number])[]): fc.Arbitrary<HostTensor> {
  return fc
    .tuple(shapes({ maxRank: 2, maxDim: 3 }), fc.constantFrom(...intervals))
    .chain(([shape, [min, max]]) => tensorOf("float64", shape, { min, max }));
}

function unary<A extends object>(domain: Domain, attributes: fc.Arbitrary<A>, fixed: readonly A[]): OpCases<A> {
  const { dtypes = floatDTypes, edges = [], range } = domain;
  const edgeValues = dtypes === numberDTypes || dtypes === floatDTypes ? [...edges, ...range] : [0, 1, 1];
  const atEdges = (dtype: DType): OpCase<A>[] =>
    fixed.flatMap((own) => [
      { label: `${dtype} at the edges`, inputs: [fromLanes(dtype, [edgeValues.length], edgeValues)], attributes: own },
      { label: `${dtype} without elements`, inputs: [fromLanes(dtype, [2, 0], [])], attributes: own },
    ]);
  return {
    dtypes,
    examples: dtypes.filter((dtype) => isFloat(dtype) || dtype === "bool").flatMap(atEdges),
    arbitrary: (dtype) =>
      fc
        .tuple(shapes(), attributes)
        .chain(([shape, own]) =>
          tensorOf(dtype, shape, rangeFor(dtype, domain)).map((x) => ({ label: dtype, inputs: [x], attributes: own })),
        ),
    smooth: dtypes.includes("float64")
      ? fc
          .tuple(smoothTensor(domain.smooth ?? [range]), attributes)
          .map(([x, own]) => ({ label: "smooth", inputs: [x], attributes: own }))
      : null,
  };
}

const none: NoAttributes = {};

const plain = Object.fromEntries(
  Object.entries(domains).map(([name, domain]) => [name, unary(domain, fc.constant(none), [none])]),
) as { readonly [Name in NoAttributeName]: OpCases<NoAttributes> };

/** Cases of the ops with one input that work element by element. */
export const unaryCases: OpCaseTable<Pick<ElementwiseOps, UnaryName>> = {
  ...plain,
  polygamma: unary(
    { range: [0.5, 20], edges: [1, 2, -0.5, -2.25, -1, Infinity, NaN], smooth: [[0.8, 8]] },
    fc.integer({ min: 0, max: 3 }).map((order) => ({ order })),
    [{ order: 0 }, { order: 1 }, { order: 2 }],
  ),
};
