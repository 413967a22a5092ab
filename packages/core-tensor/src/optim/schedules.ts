import { add, clip, cos, div, less, minimum, mul, pow, sub, where } from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A value that depends on the step: takes the step (float32 scalar, from 0) and gives a float32 scalar; traced. */
export type Schedule = (step: Tensor) => Tensor;

/** Is this a schedule and not a number? */
export function isSchedule(value: number | Schedule): value is Schedule {
  return typeof value === "function";
}

function checkSteps(op: string, steps: number): void {
  if (!(steps > 0)) throw new ArgumentError({ op, argument: "steps", expected: "a number > 0", found: String(steps) });
}

/** From `from` to `to` along a straight line, constant afterwards. */
export function linearSchedule(from: number, to: number, steps: number): Schedule {
  checkSteps("linearSchedule", steps);
  return (step) => add(mul(div(minimum(step, steps), steps), to - from), from);
}

/** `initial * rate ^ (step / steps)`. */
export function exponentialSchedule(initial: number, rate: number, steps: number): Schedule {
  checkSteps("exponentialSchedule", steps);
  return (step) => mul(pow(tensor(rate), div(step, steps)), initial);
}

/** Half a cosine wave from `initial` to `final` (Loshchilov and Hutter 2017, equation 5 without restarts), constant afterwards. */
export function cosineSchedule(initial: number, steps: number, final = 0): Schedule {
  checkSteps("cosineSchedule", steps);
  return (step) => {
    const progress = clip(div(step, steps), 0, 1);
    return add(mul(add(cos(mul(progress, Math.PI)), 1), (initial - final) / 2), final);
  };
}

/** A straight line from 0 up to the schedule's start in `warmup` steps (Goyal et al. 2017), then the schedule from its step 0. */
export function warmupSchedule(warmup: number, after: Schedule): Schedule {
  checkSteps("warmupSchedule", warmup);
  return (step) => {
    const start = after(mul(step, 0));
    return where(less(step, warmup), mul(start, div(step, warmup)), after(sub(step, warmup)));
  };
}

/** `initial`, multiplied by each factor from the step on that it is given for: `[[30, 0.1], [60, 0.1]]`. */
export function piecewiseSchedule(initial: number, boundaries: readonly (readonly [step: number, factor: number])[]): Schedule {
  return (step) =>
    boundaries.reduce<Tensor>((value, [at, factor]) => mul(value, where(less(step, at), tensor(1), tensor(factor))), add(mul(step, 0), initial));
}
