import { add, cast, div, expm1, mul, neg, sqrt } from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDecay, checkPositive } from "./check.ts";
import { mapLeaves, perDType, wideZeros, widen } from "./leaves.ts";
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
  /** Running means of gradients: a tree like the parameters; float32 where they are float16 or bfloat16. */
  readonly mean: State;
  /** Running means of squared gradients, likewise. */
  readonly square: State;
};

/** Mean over root of mean square, both corrected for their start at zero (Kingma and Ba 2015, algorithm 1). */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: AdamOptions = {}): Transform<AdamState> {
  const op = "scaleByAdam";
  checkDecay(op, "beta1", beta1);
  checkDecay(op, "beta2", beta2);
  checkPositive(op, "eps", eps);
  const follow = (beta: number) => (before: Tensor, value: Tensor) => add(mul(before, beta), mul(value, 1 - beta));
  return {
    init: (params) => ({
      count: tensor(0, { dtype: "int32" }),
      mean: wideZeros<unknown>(op, params) as State,
      square: wideZeros<unknown>(op, params) as State,
    }),
    update(updates, state) {
      const [followMean, followSquare] = [follow(beta1), follow(beta2)];
      const count = add(state.count, 1);
      const mean = mapLeaves(op, (m, g) => followMean(m, widen(g)), state.mean, updates);
      const square = mapLeaves(op, (v, g) => followSquare(v, mul(widen(g), widen(g))), state.square, updates);
      // With c1 = 1 - beta1^t and c2 = 1 - beta2^t the step (m / c1) / (sqrt(v / c2) + eps) is
      // m / (sqrt(v) c1 / sqrt(c2) + eps c1), which touches each parameter once less.
      const c1 = perDType((dtype) => correction(beta1, cast(count, dtype)));
      const rootFactor = perDType((dtype) => div(c1(dtype), sqrt(correction(beta2, cast(count, dtype)))));
      const floor = perDType((dtype) => mul(c1(dtype), eps));
      const result = mapLeaves(
        op,
        (g, m, v) => cast(div(m, add(mul(sqrt(v), rootFactor(m.dtype)), floor(m.dtype))), g.dtype),
        updates,
        mean,
        square,
      );
      return [result, { count, mean, square }];
    },
  };
}

/** `1 - beta^steps`, without the cancellation that beta near 1 would suffer in float32. */
function correction(beta: number, steps: Tensor): Tensor {
  return neg(expm1(mul(steps, Math.log(beta))));
}
