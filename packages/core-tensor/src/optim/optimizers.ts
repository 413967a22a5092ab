import { ArgumentError } from "../tensor/errors.ts";
import { checkDecay, checkNonNegative } from "./check.ts";
import { type ParameterFilter, addDecayedWeights } from "./decay.ts";
import { momentum as momentumTransform } from "./momentum.ts";
import { type AdamOptions, scaleByAdam, scaledAdam } from "./scaleByAdam.ts";
import { descent, scaleByLearningRate } from "./scaling.ts";
import type { Schedule } from "./schedules.ts";
import { type State, type Transform, chain } from "./transform.ts";
import { scaleByTrustRatio } from "./trustRatio.ts";

/**
 * An optimiser is a transformation whose updates are ready for `applyUpdates`.
 *
 * @example
 * const optimizer = adam(1e-3);
 * let state = optimizer.init(params);
 * const [updates, next] = optimizer.update(gradients, state, params);
 * params = applyUpdates(params, updates);
 */
export type Optimizer = Transform<readonly State[]>;

export interface SgdOptions {
  /** Share of the velocity that is kept at a step, in [0, 1). Default 0: none. */
  readonly momentum?: number;
  /** Look ahead by one step; needs momentum. Default false. */
  readonly nesterov?: boolean;
  /** Factor of the parameters that is added to their gradients: an L2 penalty. Default 0. */
  readonly weightDecay?: number;
  /** Which parameters decay; default: all. `isWeight` leaves out biases and scales. */
  readonly decays?: ParameterFilter;
}

/** Stochastic gradient descent, with momentum if wanted (Sutskever et al. 2013). */
export function sgd(learningRate: number | Schedule, options: SgdOptions = {}): Optimizer {
  const { momentum = 0, nesterov = false, weightDecay = 0, decays } = options;
  checkDecay("sgd", "momentum", momentum);
  checkNonNegative("sgd", "weightDecay", weightDecay);
  if (nesterov && momentum === 0) {
    throw new ArgumentError({
      op: "sgd",
      argument: "nesterov",
      expected: "momentum > 0 beside it",
      found: "momentum 0",
    });
  }
  const transforms: Transform[] = [];
  if (weightDecay > 0) transforms.push(addDecayedWeights(weightDecay, decays));
  if (momentum > 0) transforms.push(momentumTransform(momentum, { nesterov }));
  return chain(...transforms, scaleByLearningRate(learningRate));
}

/** Adam (Kingma and Ba 2015). */
export function adam(learningRate: number | Schedule = 1e-3, options: AdamOptions = {}): Optimizer {
  return chain(scaledAdam("adam", options, descent("adam", learningRate)));
}

export interface AdamWOptions extends AdamOptions {
  /** Share of a parameter that is taken off at a step of rate 1. Default 0.01. */
  readonly weightDecay?: number;
  /** Which parameters decay; default: all. `isWeight` leaves out biases and scales. */
  readonly decays?: ParameterFilter;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2, with the decay scaled by the rate). */
export function adamw(learningRate: number | Schedule = 1e-3, options: AdamWOptions = {}): Optimizer {
  const { weightDecay = 0.01, decays, ...rest } = options;
  return chain(scaleByAdam(rest), addDecayedWeights(weightDecay, decays), scaleByLearningRate(learningRate));
}

export interface LarsOptions {
  /** Share of the velocity that is kept at a step, in [0, 1). Default 0.9. */
  readonly momentum?: number;
  /** Factor of the parameters that is added to their gradients. Default 0. */
  readonly weightDecay?: number;
  /** Share of its own length that a parameter moves by at rate 1, > 0. Default 0.001. */
  readonly trustCoefficient?: number;
  /** Which parameters get a rate of their own; default: all. */
  readonly adapts?: ParameterFilter;
  /** Which parameters decay; default: all. */
  readonly decays?: ParameterFilter;
}

/**
 * Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017, algorithm 1), for large batches. The paper
 * lets the rate fall by `polynomialSchedule(rate, 0, steps, 2)`.
 */
export function lars(learningRate: number | Schedule, options: LarsOptions = {}): Optimizer {
  const { momentum = 0.9, trustCoefficient: coefficient = 0.001, ...rest } = options;
  return chain(
    scaleByTrustRatio({ coefficient, ...rest }),
    scaleByLearningRate(learningRate),
    momentumTransform(momentum),
  );
}
