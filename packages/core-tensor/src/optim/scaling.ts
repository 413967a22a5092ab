import { add, cast, mul, neg } from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkNonNegative, checkRange } from "./check.ts";
import { mapLeaves, perDType, wideDType, widen } from "./leaves.ts";
import { type Schedule, isSchedule } from "./schedules.ts";
import { type Transform, stateless } from "./transform.ts";

/** `factor * update`. */
export function scale(factor: number): Transform<readonly []> {
  checkRange("scale", "factor", factor, Number.isFinite(factor), "a finite number");
  return stateless((update) => mul(update, factor), "scale");
}

/**
 * `-rate * update`: the sign turns a gradient into a descent. A schedule is asked for the rate of the current
 * step, counted from 0.
 */
export function scaleByLearningRate(rate: number | Schedule): Transform {
  const op = "scaleByLearningRate";
  if (!isSchedule(rate)) {
    checkNonNegative(op, "rate", rate);
    return stateless((update) => mul(update, -rate), op);
  }
  return scheduled(op, rate);
}

/** The state counts the steps taken, int32. */
function scheduled(op: string, rate: Schedule): Transform<{ readonly count: Tensor }> {
  return {
    init: () => ({ count: tensor(0, { dtype: "int32" }) }),
    update(updates, { count }) {
      const factor = perDType((dtype) => neg(cast(rate(cast(count, dtype)), dtype)));
      const change = (update: Tensor): Tensor =>
        cast(mul(widen(update), factor(wideDType(update.dtype))), update.dtype);
      return [mapLeaves(op, change, updates), { count: add(count, 1) }];
    },
  };
}
