import { add, cast, mul, neg } from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import type { DType } from "../tensor/dtype.ts";
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

/** A scalar factor of this dtype (or a number) from the count of the steps taken before, int32. */
export type StepFactor = (count: Tensor, dtype: DType) => Tensor | number;

/** `-rate`: the sign turns a gradient into a descent. */
export function descent(op: string, rate: number | Schedule): StepFactor {
  if (isSchedule(rate)) return (count, dtype) => neg(cast(rate(cast(count, dtype)), dtype));
  checkNonNegative(op, "rate", rate);
  return () => -rate;
}

/**
 * `-rate * update`: the sign turns a gradient into a descent. A schedule is asked for the rate of the current
 * step, counted from 0.
 */
export function scaleByLearningRate(rate: number | Schedule): Transform {
  const op = "scaleByLearningRate";
  const factor = descent(op, rate);
  return isSchedule(rate) ? scheduled(op, factor) : stateless((update) => mul(update, -rate), op);
}

/** The state counts the steps taken, int32. */
function scheduled(op: string, factor: StepFactor): Transform<{ readonly count: Tensor }> {
  return {
    init: () => ({ count: tensor(0, { dtype: "int32" }) }),
    update(updates, { count }) {
      const current = perDType((dtype) => factor(count, dtype) as Tensor);
      const change = (update: Tensor): Tensor =>
        cast(mul(widen(update), current(wideDType(update.dtype))), update.dtype);
      return [mapLeaves(op, change, updates), { count: add(count, 1) }];
    },
  };
}
