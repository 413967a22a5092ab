import type { Schedule } from "./schedules.ts";
import { type State, type Transform, chain } from "./transform.ts";
import {
  type AdamOptions,
  type ParameterFilter,
  addDecayedWeights,
  momentum as momentumTransform,
  scaleByAdam,
  scaleByLearningRate,
  scaleByTrustRatio,
} from "./transforms.ts";

/** An optimiser is a transformation whose updates are ready for `applyUpdates`. */
export type Optimizer = Transform<readonly State[]>;

export interface SgdOptions {
  /** Default 0: none. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** L2 penalty added to the gradient of weights. Default 0. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent, with momentum if wanted. */
export function sgd(learningRate: number | Schedule, { momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  const steps: Transform[] = [];
  if (weightDecay > 0) steps.push(addDecayedWeights(weightDecay) as Transform);
  if (momentum > 0) steps.push(momentumTransform(momentum, { nesterov }) as Transform);
  return chain(...steps, scaleByLearningRate(learningRate) as Transform);
}

/** Adam (Kingma and Ba 2015). */
export function adam(learningRate: number | Schedule = 1e-3, options: AdamOptions = {}): Optimizer {
  return chain(scaleByAdam(options) as Transform, scaleByLearningRate(learningRate) as Transform);
}

export interface AdamWOptions extends AdamOptions {
  /** Default 0.01. */
  readonly weightDecay?: number;
  /** Which parameters decay; default: those with two axes or more. */
  readonly decays?: ParameterFilter;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2). */
export function adamw(learningRate: number | Schedule = 1e-3, { weightDecay = 0.01, decays, ...options }: AdamWOptions = {}): Optimizer {
  return chain(scaleByAdam(options) as Transform, addDecayedWeights(weightDecay, decays) as Transform, scaleByLearningRate(learningRate) as Transform);
}

export interface LarsOptions {
  /** Default 0.9. */
  readonly momentum?: number;
  /** Default 0. */
  readonly weightDecay?: number;
  /** Default 0.001. */
  readonly trustCoefficient?: number;
}

/** Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017, algorithm 1). */
export function lars(learningRate: number | Schedule, { momentum = 0.9, weightDecay = 0, trustCoefficient = 0.001 }: LarsOptions = {}): Optimizer {
  return chain(
    addDecayedWeights(weightDecay) as Transform,
    scaleByTrustRatio(trustCoefficient) as Transform,
    scaleByLearningRate(learningRate) as Transform,
    momentumTransform(momentum) as Transform,
  );
}
