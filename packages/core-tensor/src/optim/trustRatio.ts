import { add, cast, div, equal, logicalOr, mul, sqrt, sum, where } from "../ops/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkNonNegative, checkPositive } from "./check.ts";
import { type ParameterFilter, isAny } from "./decay.ts";
import { widen } from "./leaves.ts";
import { type Transform, stateless } from "./transform.ts";

export interface TrustRatioOptions {
  /** Share of its own length that a parameter moves by at rate 1 and without decay, > 0. Default 0.001. */
  readonly coefficient?: number;
  /** Factor of the parameter that is added to its gradient, >= 0. Default 0. */
  readonly weightDecay?: number;
  /** Which parameters get a rate of their own; default: all. */
  readonly adapts?: ParameterFilter;
  /** Which parameters decay; default: all. */
  readonly decays?: ParameterFilter;
}

/**
 * Gives each parameter a rate of its own, by the lengths of parameter and gradient (You, Gitman and Ginsburg 2017,
 * equation 6): `ratio * (update + weightDecay * param)` with
 * `ratio = coefficient * |param| / (|update| + weightDecay * |param|)`. Where one of the lengths is 0 the ratio
 * is 1: a parameter that starts at zero could not leave it otherwise.
 */
export function scaleByTrustRatio(options: TrustRatioOptions = {}): Transform<readonly []> {
  const op = "scaleByTrustRatio";
  const { coefficient = 0.001, weightDecay = 0, adapts = isAny, decays = isAny } = options;
  checkPositive(op, "coefficient", coefficient);
  checkNonNegative(op, "weightDecay", weightDecay);
  return stateless((update, param, path) => {
    const decay = decays(param, path) ? weightDecay : 0;
    const [gradient, weight] = [widen(update), widen(param)];
    const decayed = decay === 0 ? gradient : add(gradient, mul(weight, decay));
    return cast(
      adapts(param, path) ? mul(decayed, trustRatio(gradient, weight, coefficient, decay)) : decayed,
      update.dtype,
    );
  }, op);
}

function trustRatio(gradient: Tensor, weight: Tensor, coefficient: number, decay: number): Tensor {
  const weightNorm = sqrt(sum(mul(weight, weight)));
  const gradientNorm = sqrt(sum(mul(gradient, gradient)));
  const degenerate = logicalOr(equal(weightNorm, 0), equal(gradientNorm, 0));
  const divisor = where(degenerate, 1, add(gradientNorm, mul(weightNorm, decay)));
  return where(degenerate, 1, div(mul(weightNorm, coefficient), divisor));
}
