/**
 * Random tensors from explicit keys. Every function is pure: the same key and arguments give the same bits on every
 * platform and in every engine. Draw from a key once; make more keys with `split` and `foldIn`.
 *
 * Draws happen at once, on the host, also inside a traced function, where they become constants of the program:
 * numbers that should differ from call to call are drawn outside and handed in.
 */
import type { DType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import type { HostTensor } from "../host.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { bernoulliValues } from "./bernoulli.ts";
import { betaValues } from "./beta.ts";
import { categoricalValues } from "./categorical.ts";
import { dirichletValues } from "./dirichlet.ts";
import {
  broadcastParameter,
  checkDType,
  checkFloatDType,
  checkIntegerRange,
  drawSize,
  drawn,
  numbersOf,
  type TensorParameter,
} from "./draw.ts";
import { exponentialValues } from "./exponential.ts";
import { gammaValues, logGammaValues } from "./gamma.ts";
import type { Key as KeyData } from "./key.ts";
import { normalValues } from "./normal.ts";
import { choiceIndices, permutationIndices } from "./permutation.ts";
import { type RandintOptions, randintValues } from "./randint.ts";
import { type TruncatedNormalOptions, truncatedNormalValues } from "./truncatedNormal.ts";
import { type FloatDType as FractionDType, type UniformOptions as UniformRange, uniformValues } from "./uniform.ts";

export { randomBits } from "./bits.ts";
export type { TensorParameter } from "./draw.ts";
export { foldIn, key, split } from "./key.ts";
export type { RandintOptions } from "./randint.ts";
export type { TruncatedNormalOptions } from "./truncatedNormal.ts";

// Types that other entries of the package use too are declared here and not re-exported: the bundler of declarations
// takes types of this namespace that lie in a shared file for values.

/** Names a stream of random numbers: plain data, two unsigned 32-bit words. */
export type Key = KeyData;

/** A dtype that has fractions. */
export type FloatDType = FractionDType;

export type UniformOptions = UniformRange;

/** Element type of a draw of fractions; float32 if not given. */
export interface FloatDrawOptions {
  readonly dtype?: FloatDType;
}

/**
 * Numbers spread evenly over [min, max), [0, 1) if not given: the bounds are rounded to the dtype, `max` never occurs.
 *
 * @example uniform(key(0), [2, 3], { min: -1 })
 */
export function uniform(key: Key, shape: readonly number[], options: UniformOptions = {}): HostTensor {
  const { dtype = "float32" } = options;
  checkFloatDType("uniform", dtype);
  return drawn(dtype, shape, uniformValues(key, drawSize("uniform", shape), { ...options, dtype }));
}

export interface NormalDrawOptions extends FloatDrawOptions {
  /** Expected value; 0 if not given. */
  readonly mean?: TensorParameter;
  /** Standard deviation, >= 0; 1 if not given. */
  readonly std?: TensorParameter;
}

/** Normally distributed numbers. Parameters that are tensors broadcast to `shape`. */
export function normal(key: Key, shape: readonly number[], options: NormalDrawOptions = {}): HostTensor {
  const { dtype = "float32", mean = 0, std = 1 } = options;
  checkFloatDType("normal", dtype);
  const size = drawSize("normal", shape);
  const parameters = {
    mean: broadcastParameter("normal", "mean", mean, shape),
    std: broadcastParameter("normal", "std", std, shape),
  };
  return drawn(dtype, shape, normalValues(key, size, parameters));
}

/**
 * Normally distributed numbers given that they lie in [min, max], which is two standard deviations to both sides of the
 * mean if not given. The bounds may be infinite; they are rounded to the dtype with the numbers.
 */
export function truncatedNormal(
  key: Key,
  shape: readonly number[],
  options: TruncatedNormalOptions & FloatDrawOptions = {},
): HostTensor {
  const { dtype = "float32" } = options;
  checkFloatDType("truncatedNormal", dtype);
  return drawn(dtype, shape, truncatedNormalValues(key, drawSize("truncatedNormal", shape), options));
}

export interface ExponentialDrawOptions extends FloatDrawOptions {
  /** Inverse of the mean, > 0; 1 if not given. */
  readonly rate?: TensorParameter;
}

/** Exponentially distributed numbers. */
export function exponential(key: Key, shape: readonly number[], options: ExponentialDrawOptions = {}): HostTensor {
  const { dtype = "float32", rate = 1 } = options;
  checkFloatDType("exponential", dtype);
  const size = drawSize("exponential", shape);
  const parameters = { rate: broadcastParameter("exponential", "rate", rate, shape) };
  return drawn(dtype, shape, exponentialValues(key, size, parameters));
}

export interface GammaDrawOptions extends FloatDrawOptions {
  /** Shape parameter (often alpha or k), > 0: the mean at rate 1. */
  readonly concentration: TensorParameter;
  /** Inverse scale, > 0; 1 if not given. */
  readonly rate?: TensorParameter;
}

/** Gamma distributed numbers; with small concentrations they may underflow to 0 (see `logGamma`). */
export function gamma(key: Key, shape: readonly number[], options: GammaDrawOptions): HostTensor {
  return gammaDraw("gamma", gammaValues, key, shape, options);
}

/** Natural logarithms of gamma distributed numbers: `ln` of what `gamma` draws, finite also where that underflows. */
export function logGamma(key: Key, shape: readonly number[], options: GammaDrawOptions): HostTensor {
  return gammaDraw("logGamma", logGammaValues, key, shape, options);
}

function gammaDraw(
  op: string,
  values: typeof gammaValues,
  key: Key,
  shape: readonly number[],
  { dtype = "float32", concentration, rate = 1 }: GammaDrawOptions,
): HostTensor {
  checkFloatDType(op, dtype);
  const size = drawSize(op, shape);
  const parameters = {
    concentration: broadcastParameter(op, "concentration", concentration, shape),
    rate: broadcastParameter(op, "rate", rate, shape),
  };
  return drawn(dtype, shape, values(key, size, parameters));
}

export interface BetaDrawOptions extends FloatDrawOptions {
  /** First shape parameter, > 0: pulls towards 1. */
  readonly a: TensorParameter;
  /** Second shape parameter, > 0: pulls towards 0. */
  readonly b: TensorParameter;
}

/** Beta distributed numbers in [0, 1]. */
export function beta(key: Key, shape: readonly number[], options: BetaDrawOptions): HostTensor {
  const { dtype = "float32", a, b } = options;
  checkFloatDType("beta", dtype);
  const size = drawSize("beta", shape);
  const parameters = {
    a: broadcastParameter("beta", "a", a, shape),
    b: broadcastParameter("beta", "b", b, shape),
  };
  return drawn(dtype, shape, betaValues(key, size, parameters));
}

export interface DirichletDrawOptions extends FloatDrawOptions {
  /** One number > 0 per component: an array, or a host tensor of rank 1. */
  readonly concentration: readonly number[] | Tensor;
}

/** Points of the probability simplex: a tensor `[...shape, components]` whose last axis sums to 1. */
export function dirichlet(key: Key, shape: readonly number[], options: DirichletDrawOptions): HostTensor {
  const { dtype = "float32", concentration } = options;
  checkFloatDType("dirichlet", dtype);
  const size = drawSize("dirichlet", shape);
  if ("shape" in concentration && concentration.shape.length !== 1) {
    const found = formatShape(concentration.shape);
    throw new ShapeError({ op: "dirichlet", argument: "concentration", expected: "a tensor of rank 1", found });
  }
  const numbers = "shape" in concentration ? numbersOf("dirichlet", "concentration", concentration) : concentration;
  const values = dirichletValues(key, size, { concentration: numbers });
  return drawn(dtype, [...shape, numbers.length], values);
}

export interface BernoulliDrawOptions {
  /** Chance of a 1, in [0, 1]; 1/2 if not given. */
  readonly probability?: TensorParameter;
  /** bool if not given. */
  readonly dtype?: DType;
}

/** Ones (true) with the given probability, zeros otherwise. */
export function bernoulli(key: Key, shape: readonly number[], options: BernoulliDrawOptions = {}): HostTensor {
  const { dtype = "bool", probability = 0.5 } = options;
  checkDType("bernoulli", dtype);
  const size = drawSize("bernoulli", shape);
  const parameters = { probability: broadcastParameter("bernoulli", "probability", probability, shape) };
  return drawn(dtype, shape, bernoulliValues(key, size, parameters));
}

/** Whole numbers in [min, max), each exactly equally likely; int32 if no dtype is given, which must hold the range. */
export function randint(
  key: Key,
  shape: readonly number[],
  options: RandintOptions & { readonly dtype?: DType },
): HostTensor {
  const { dtype = "int32", min = 0, max } = options;
  const size = drawSize("randint", shape);
  checkIntegerRange("randint", dtype, min, max);
  return drawn(dtype, shape, randintValues(key, size, { min, max }));
}

export interface CategoricalDrawOptions {
  /** Draws from each row, which then form a last axis; without it one draw and no such axis. */
  readonly draws?: number;
  /** What the rows hold: logits if not given. Probabilities need not sum to 1. */
  readonly from?: "logits" | "probabilities";
}

/**
 * Class numbers (int32) drawn from the rows along the last axis of `weights`, a host tensor `[..., classes]`: shape
 * `[...]`, or `[..., draws]`.
 */
export function categorical(key: Key, weights: Tensor, options: CategoricalDrawOptions = {}): HostTensor {
  const numbers = numbersOf("categorical", "weights", weights);
  const classes = weights.shape.at(-1);
  if (classes === undefined || classes === 0) {
    const found = formatShape(weights.shape);
    throw new ShapeError({ op: "categorical", argument: "weights", expected: "[..., classes], classes >= 1", found });
  }
  const { draws, from = "logits" } = options;
  const values = categoricalValues(key, numbers, { classes, draws: draws ?? 1, from });
  const rows = weights.shape.slice(0, -1);
  return drawn("int32", draws === undefined ? rows : [...rows, draws], values);
}

/** The numbers 0 … size - 1 in random order, int32 `[size]`: gathering rows by it shuffles them. */
export function permutation(key: Key, size: number): HostTensor {
  return drawn("int32", [size], permutationIndices(key, size));
}

/** `count` different numbers in [0, size) in random order, int32 `[count]`: a choice without replacement. */
export function choice(key: Key, size: number, count: number): HostTensor {
  return drawn("int32", [count], choiceIndices(key, size, count));
}
