import { add, cast, div, expm1, mul, neg, sqrt } from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDecay, checkPositive } from "./check.ts";
import { mapLeaves, perDType, wideZeros, widen } from "./leaves.ts";
import type { StepFactor } from "./scaling.ts";
import type { State, Transform } from "./transform.ts";

export interface AdamOptions {
  /** Share of the mean of gradients that is kept at a step, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** Share of the mean of squared gradients that is kept at a step, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Added to the root, > 0. Default 1e-8. */
  readonly eps?: number;
}

export type AdamState = {
  /** Steps taken, int32. */
  readonly count: Tensor;
  /**
   * Decayed sums of gradients, the running mean over `1 - beta1`: a tree like the parameters; float32 where they are
   * float16 or bfloat16.
   */
  readonly gradients: State;
  /** Decayed sums of squared gradients, the running mean over `1 - beta2`, likewise. */
  readonly squares: State;
};

/** Mean over root of mean square, both corrected for their start at zero (Kingma and Ba 2015, algorithm 1). */
export function scaleByAdam(options: AdamOptions = {}): Transform<AdamState> {
  return scaledAdam("scaleByAdam", options);
}

/**
 * As `scaleByAdam`, times a factor, which costs nothing more here.
 *
 * @param factor of the steps taken before, as a scalar of the dtype; default 1.
 */
export function scaledAdam(
  op: string,
  { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: AdamOptions,
  factor: StepFactor = () => 1,
): Transform<AdamState> {
  checkDecay(op, "beta1", beta1);
  checkDecay(op, "beta2", beta2);
  checkPositive(op, "eps", eps);
  return {
    init: (params) => ({
      count: tensor(0, { dtype: "int32" }),
      gradients: wideZeros<unknown>(op, params) as State,
      squares: wideZeros<unknown>(op, params) as State,
    }),
    update(updates, state) {
      const count = add(state.count, 1);
      const gradients = mapLeaves(op, (sum, g) => add(mul(sum, beta1), widen(g)), state.gradients, updates);
      const squares = mapLeaves(op, (sum, g) => add(mul(sum, beta2), mul(widen(g), widen(g))), state.squares, updates);
      // With k = sqrt((1 - beta2) / (1 - beta2^t)) the root of the corrected mean square is k sqrt(squares). All scalar
      // factors are gathered in one, so that each parameter is touched as few times as can be:
      // (1 - beta1) / (1 - beta1^t) / k * gradients / (sqrt(squares) + eps / k).
      const root = perDType((dtype) => sqrt(div(1 - beta2, correction(beta2, cast(count, dtype)))));
      const floor = perDType((dtype) => div(eps, root(dtype)));
      const scale = perDType((dtype) => {
        const mean = div(1 - beta1, mul(correction(beta1, cast(count, dtype)), root(dtype)));
        return mul(mean, factor(state.count, dtype));
      });
      const result = mapLeaves(
        op,
        (g, sum, square) => cast(mul(div(sum, add(sqrt(square), floor(sum.dtype))), scale(sum.dtype)), g.dtype),
        updates,
        gradients,
        squares,
      );
      return [result, { count, gradients, squares }];
    },
  };
}

/** `1 - beta^steps`, without the cancellation that beta near 1 would suffer in float32. */
function correction(beta: number, steps: Tensor): Tensor {
  return neg(expm1(mul(steps, Math.log(beta))));
}
