import { add, cast, clip, div, equal, fullLike, maximum, mul, pow, sqrt, sub, sum, where, zerosLike } from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Schedule, isSchedule } from "./schedules.ts";
import { type Transform, leavesOf, mapLeaves, stateless } from "./transform.ts";

function checkRange(op: string, argument: string, value: number, fits: boolean, expected: string): void {
  if (!fits) throw new ArgumentError({ op, argument, expected, found: String(value) });
}

/** Number of steps taken, int32. */
type Count = Tensor;

/** `factor * update`. */
export function scale(factor: number): Transform<readonly Tensor[]> {
  return stateless((update) => mul(update, factor));
}

/**
 * `-rate * update`: the sign turns a gradient into a descent. A schedule is asked for the rate of the current
 * step, counted from 0.
 */
export function scaleByLearningRate(rate: number | Schedule): Transform<readonly Tensor[]> {
  if (!isSchedule(rate)) {
    checkRange("scaleByLearningRate", "rate", rate, Number.isFinite(rate), "a finite number");
    return scale(-rate);
  }
  return {
    init: () => [tensor(0, { dtype: "int32" })],
    update(updates, [count], _params) {
      const factor = rate(cast(count as Count, "float32"));
      return [mapLeaves((update) => mul(update, mul(cast(factor, update.dtype), -1)), updates), [add(count as Count, 1)]];
    },
  };
}

export interface MomentumOptions {
  /** Look ahead by one step (Nesterov 1983, in the form of Sutskever et al. 2013). Default false. */
  readonly nesterov?: boolean;
}

/** A running sum of updates that forgets by `decay`: `v = decay * v + update`. */
export function momentum(decay: number, { nesterov = false }: MomentumOptions = {}): Transform<{ readonly velocity: Tensor[] }> {
  checkRange("momentum", "decay", decay, decay >= 0 && decay < 1, "a number in [0, 1)");
  return {
    init: (params) => ({ velocity: leavesOf(params).map((param) => zerosLike(param)) }),
    update(updates, state, _params) {
      const gradients = leavesOf(updates);
      const velocity = gradients.map((gradient, i) => add(mul(state.velocity[i] as Tensor, decay), gradient));
      const results = nesterov ? gradients.map((gradient, i) => add(gradient, mul(velocity[i] as Tensor, decay))) : velocity;
      let at = 0;
      return [mapLeaves(() => results[at++] as Tensor, updates), { velocity }];
    },
  };
}

export interface AdamOptions {
  /** Forgetting of the mean of gradients. Default 0.9. */
  readonly beta1?: number;
  /** Forgetting of the mean of squared gradients. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root. Default 1e-8. */
  readonly eps?: number;
}

/** Mean over root of mean square, both corrected for their start at zero (Kingma and Ba 2015, algorithm 1). */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: AdamOptions = {}): Transform<{
  readonly count: Tensor;
  readonly mean: Tensor[];
  readonly square: Tensor[];
}> {
  checkRange("scaleByAdam", "beta1", beta1, beta1 >= 0 && beta1 < 1, "a number in [0, 1)");
  checkRange("scaleByAdam", "beta2", beta2, beta2 >= 0 && beta2 < 1, "a number in [0, 1)");
  checkRange("scaleByAdam", "eps", eps, eps > 0, "a number > 0");
  return {
    init(params) {
      const zeros = (): Tensor[] => leavesOf(params).map((param) => zerosLike(param));
      return { count: tensor(0, { dtype: "int32" }), mean: zeros(), square: zeros() };
    },
    update(updates, state, _params) {
      const gradients = leavesOf(updates);
      const count = add(state.count, 1);
      const mean = gradients.map((gradient, i) => add(mul(state.mean[i] as Tensor, beta1), mul(gradient, 1 - beta1)));
      const square = gradients.map((gradient, i) => add(mul(state.square[i] as Tensor, beta2), mul(mul(gradient, gradient), 1 - beta2)));
      const step = cast(count, "float32");
      const meanFactor = div(1, sub(1, pow(beta1, step)));
      const squareFactor = div(1, sub(1, pow(beta2, step)));
      let at = 0;
      const result = mapLeaves((gradient) => {
        const m = mul(mean[at] as Tensor, cast(meanFactor, gradient.dtype));
        const v = mul(square[at++] as Tensor, cast(squareFactor, gradient.dtype));
        return div(m, add(sqrt(v), eps));
      }, updates);
      return [result, { count, mean, square }];
    },
  };
}

/** Which parameters a rule is for, by path and value; by default those with two axes or more (weights, not biases or scales). */
export type ParameterFilter = (param: Tensor) => boolean;
const isMatrix: ParameterFilter = (param) => param.rank >= 2;

/** `update + decay * param`: weight decay; placed after the adaptive scaling it is the decoupled one of AdamW. */
export function addDecayedWeights(decay: number, applies: ParameterFilter = isMatrix): Transform<readonly Tensor[]> {
  checkRange("addDecayedWeights", "decay", decay, decay >= 0, "a number >= 0");
  return stateless((update, param) => (decay > 0 && applies(param) ? add(update, mul(param, decay)) : update));
}

/** Euclidean norm over all leaves of a tree, a float32 scalar. */
export function globalNorm(tree: unknown): Tensor {
  const squares = leavesOf(tree).map((leaf) => cast(sum(mul(leaf, leaf)), "float32"));
  return sqrt(squares.reduce((total, square) => add(total, square), tensor(0)));
}

/** Shrinks all updates by one factor so that their global norm is at most `maximumNorm` (Pascanu et al. 2013). */
export function clipByGlobalNorm(maximumNorm: number): Transform<readonly Tensor[]> {
  checkRange("clipByGlobalNorm", "maximumNorm", maximumNorm, maximumNorm > 0, "a number > 0");
  return {
    init: () => [],
    update(updates, state, _params) {
      const factor = div(maximumNorm, maximum(globalNorm(updates), maximumNorm));
      return [mapLeaves((update) => mul(update, cast(factor, update.dtype)), updates), state];
    },
  };
}

/** Clips every element to [-limit, limit]. */
export function clipByValue(limit: number): Transform<readonly Tensor[]> {
  checkRange("clipByValue", "limit", limit, limit > 0, "a number > 0");
  return stateless((update) => clip(update, -limit, limit));
}

/**
 * Gives each layer a rate of its own: `update * coefficient * |param| / |update|` (You, Gitman and Ginsburg 2017,
 * equation 6); 1 where one of the norms is zero.
 */
export function scaleByTrustRatio(coefficient = 0.001, applies: ParameterFilter = isMatrix): Transform<readonly Tensor[]> {
  checkRange("scaleByTrustRatio", "coefficient", coefficient, coefficient > 0, "a number > 0");
  return stateless((update, param) => {
    if (!applies(param)) return update;
    const paramNorm = sqrt(sum(mul(param, param)));
    const updateNorm = sqrt(sum(mul(update, update)));
    const product = mul(paramNorm, updateNorm);
    const one = fullLike(product, 1);
    const degenerate = equal(product, 0);
    const ratio = where(degenerate, one, div(mul(paramNorm, coefficient), where(degenerate, one, updateNorm)));
    return mul(update, ratio);
  });
}
