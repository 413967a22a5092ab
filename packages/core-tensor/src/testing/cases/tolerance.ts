import type { OpAttributes, OpName } from "../../ops/vocabulary.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { largestFinite } from "./magnitude.ts";

/**
 * How far a float result may be from the reference, which is the exact value rounded once:
 * `|actual - expected| <= ulps * epsilon(dtype) * max(|expected|, scale)`. Whole numbers, bool, infinities and NaN must
 * be the same.
 */
export interface Tolerance {
  /** In units of the dtype's epsilon, the distance between 1 and the next number. */
  readonly ulps: number;
  /** Size of the numbers that meet on the way to the result: what cancels in them is lost. */
  readonly scale: number;
}

/** The tolerance for one call. */
export type ToleranceRule<A> = (inputs: readonly HostTensor[], attributes: A) => Tolerance;

/** The distance between 1 and the next larger number. */
export const epsilons: Readonly<Partial<Record<DType, number>>> = {
  float32: 2 ** -23,
  float64: 2 ** -52,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};

/** Smallest normal numbers: engines may flush what lies below to zero. */
const smallestNormal: Readonly<Partial<Record<DType, number>>> = {
  float32: 2 ** -126,
  float64: 2 ** -1022,
  float16: 2 ** -14,
  bfloat16: 2 ** -126,
};

/** Does a result agree with the reference? Zeros of both signs are the same. */
export function agrees(dtype: DType, { ulps, scale }: Tolerance): (actual: number, expected: number) => boolean {
  if (!isFloat(dtype)) return (actual, expected) => actual === expected;
  const epsilon = epsilons[dtype] as number;
  const least = Math.max(scale, smallestNormal[dtype] as number);
  return (actual, expected) => {
    if (actual === expected || (actual !== actual && expected !== expected)) return true;
    if (ulps === 0 || Math.abs(expected) === Infinity) return false;
    return Math.abs(actual - expected) <= ulps * epsilon * Math.max(Math.abs(expected), least);
  };
}

/** Elements are moved, compared or counted, or the operation is rounded once by IEEE 754: no freedom at all. */
const exact: ToleranceRule<unknown> = () => ({ ulps: 0, scale: 0 });

/** Correctly rounded on CPUs; GPUs and reciprocal estimates may be off by a unit or two. */
const rounded: ToleranceRule<unknown> = () => ({ ulps: 2, scale: 0 });

/** Accurate for small arguments too: why the op exists. Elementary functions of engines are good to a few units. */
const relative: ToleranceRule<unknown> = () => ({ ulps: 16, scale: 0 });

/** Elementary functions whose values pass through zero or saturate: a few units of the size of their range. */
const elementary: ToleranceRule<unknown> = () => ({ ulps: 16, scale: 1 });

/** Functions that most engines lack, composed of several of theirs: some 20 roundings. */
const composed: ToleranceRule<unknown> = () => ({ ulps: 64, scale: 1 });

/** `exp(y log x)`: the rounding of `y log x`, up to 6 on our cases, is an error of the exponent. */
const power: ToleranceRule<unknown> = () => ({ ulps: 64, scale: 0 });

/** A remainder is found from a quotient: what is rounded has the size of the operands. */
const remainder: ToleranceRule<unknown> = ([a, b]) => ({
  ulps: 4,
  scale: Math.max(largestFinite(a), largestFinite(b)),
});

/**
 * Sums of `terms(…)` products of elements: however they are ordered and blocked, the roundings (a random walk of at
 * most some hundred steps) stay below 8 units of the sum of absolute values.
 */
const sums =
  <A>(
    terms: (inputs: readonly HostTensor[], attributes: A) => number,
    factors: readonly number[] = [0],
  ): ToleranceRule<A> =>
  (inputs, attributes) => ({
    ulps: 8,
    scale: Math.max(terms(inputs, attributes), 1) * factors.reduce((size, at) => size * largestFinite(inputs[at]), 1),
  });

const dim = (x: HostTensor | undefined, axis: number): number => x?.shape.at(axis) ?? 1;
const along = (inputs: readonly HostTensor[], { axis }: { readonly axis: number }): number => dim(inputs[0], axis);
const over = (inputs: readonly HostTensor[], { axes }: { readonly axes: readonly number[] }): number =>
  sizeOf(axes.map((axis) => dim(inputs[0], axis)));
/** Products per element of a convolution: at most a kernel's cells times all channels. */
const window = ([x, weight]: readonly HostTensor[]): number => dim(x, 1) * sizeOf(weight?.shape.slice(2) ?? []);

/** Products of n factors: a rounding each. */
const products: ToleranceRule<{ readonly axes: readonly number[] }> = (inputs, attributes) => ({
  ulps: 2 + over(inputs, attributes),
  scale: 0,
});

/** Averages: sums divided by their number of terms, so of the size of one term. */
const averages: ToleranceRule<unknown> = ([x]) => ({ ulps: 8, scale: largestFinite(x) });

/** Weights of neighbours come from coordinates that engines compute in float32: some ten units for images of ours. */
const resampled: ToleranceRule<{ readonly mode: string }> = ([x], { mode }) => ({
  ulps: mode === "nearest" ? 0 : 64,
  scale: largestFinite(x),
});

/** Shifted exponentials, a sum and a quotient or logarithm; the shift cancels numbers of the size of x. */
const normalized: ToleranceRule<unknown> = ([x]) => ({ ulps: 16, scale: Math.max(1, 2 * largestFinite(x)) });

/** One product, of numbers that are exact. */
const scaled: ToleranceRule<unknown> = () => ({ ulps: 2, scale: 0 });

/** Programs of a few nodes on numbers below 8, unrolled some steps. */
const loops: ToleranceRule<unknown> = () => ({ ulps: 64, scale: 8 });

/** The tolerance of every op, each with its reason at the rule's name above. */
export const opTolerances: { readonly [Name in OpName]: ToleranceRule<OpAttributes[Name]> } = {
  neg: exact,
  abs: exact,
  sign: exact,
  relu: exact,
  floor: exact,
  ceil: exact,
  round: exact,
  isNan: exact,
  isInf: exact,
  logicalNot: exact,
  sqrt: rounded,
  rsqrt: rounded,
  reciprocal: rounded,
  exp: relative,
  expm1: relative,
  log1p: relative,
  log: elementary,
  sin: elementary,
  cos: elementary,
  tan: elementary,
  asin: elementary,
  acos: elementary,
  atan: elementary,
  sinh: elementary,
  cosh: elementary,
  tanh: elementary,
  asinh: elementary,
  acosh: elementary,
  atanh: elementary,
  sigmoid: elementary,
  softplus: elementary,
  erf: elementary,
  atan2: elementary,
  erfInv: composed,
  lgamma: composed,
  polygamma: composed,
  add: exact,
  sub: exact,
  mul: exact,
  div: rounded,
  pow: power,
  rem: remainder,
  minimum: exact,
  maximum: exact,
  equal: exact,
  notEqual: exact,
  less: exact,
  lessEqual: exact,
  greater: exact,
  greaterEqual: exact,
  logicalAnd: exact,
  logicalOr: exact,
  logicalXor: exact,
  where: exact,
  sum: sums(over),
  mean: averages,
  prod: products,
  max: exact,
  min: exact,
  any: exact,
  all: exact,
  argMax: exact,
  argMin: exact,
  topK: exact,
  sort: exact,
  cumsum: sums(along),
  softmax: normalized,
  logSoftmax: normalized,
  matmul: sums(([a]) => dim(a, -1), [0, 1]),
  conv2d: sums(window, [0, 1]),
  convTranspose2d: sums(window, [0, 1]),
  conv2dWeightGrad: sums(([, dy]) => dim(dy, 0) * dim(dy, 2) * dim(dy, 3), [0, 1]),
  maxPool2d: exact,
  avgPool2d: averages,
  resize2d: resampled,
  reshape: exact,
  transpose: exact,
  broadcastTo: exact,
  concat: exact,
  slice: exact,
  pad: exact,
  reverse: exact,
  gather: exact,
  gatherElements: exact,
  scatterAdd: (inputs) => ({
    ulps: 8,
    scale: largestFinite(inputs[0]) + (1 + sizeOf(inputs[1]?.shape ?? [])) * largestFinite(inputs[2]),
  }),
  scatterAddElements: (inputs, attributes) => ({
    ulps: 8,
    scale: largestFinite(inputs[0]) + (1 + dim(inputs[1], attributes.axis)) * largestFinite(inputs[2]),
  }),
  iota: exact,
  dimValue: exact,
  oneHot: exact,
  cast: exact,
  quantize: exact,
  dequantize: scaled,
  scan: loops,
  customVjp: loops,
  stopGradient: exact,
};
