import { add, clip, cos, div, fullLike, less, maximum, minimum, mul, pow, sub, where } from "../ops/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkPositive, checkRange } from "./check.ts";

/**
 * A value that depends on the step: takes the number of steps taken (a float scalar, from 0) and gives a scalar.
 * Written in ops, so that it becomes part of a traced step.
 *
 * @example cosineSchedule(0.1, 100)(tensor(50)).item() // 0.05
 */
export type Schedule = (step: Tensor) => Tensor;

/** Is this a schedule and not a number? */
export function isSchedule(value: number | Schedule): value is Schedule {
  return typeof value === "function";
}

function checkFinite(op: string, values: Readonly<Record<string, number>>): void {
  for (const [argument, value] of Object.entries(values)) {
    checkRange(op, argument, value, Number.isFinite(value), "a finite number");
  }
}

/** Share of the steps that are done, 0 to 1. */
function progress(step: Tensor, steps: number): Tensor {
  return clip(div(step, steps), 0, 1);
}

/** The same value at every step. */
export function constantSchedule(value: number): Schedule {
  checkFinite("constantSchedule", { value });
  return (step) => fullLike(step, value);
}

/** From `from` to `to` along a straight line in `steps` steps, constant afterwards. */
export function linearSchedule(from: number, to: number, steps: number): Schedule {
  checkFinite("linearSchedule", { from, to });
  checkPositive("linearSchedule", "steps", steps);
  return (step) => add(mul(progress(step, steps), to - from), from);
}

/** `(from - to) * (1 - step / steps)^power + to`, constant afterwards; the paper of LARS has power 2. */
export function polynomialSchedule(from: number, to: number, steps: number, power: number): Schedule {
  checkFinite("polynomialSchedule", { from, to });
  checkPositive("polynomialSchedule", "steps", steps);
  checkPositive("polynomialSchedule", "power", power);
  return (step) => add(mul(pow(sub(1, progress(step, steps)), power), from - to), to);
}

/** `initial * rate^(step / steps)`. */
export function exponentialSchedule(initial: number, rate: number, steps: number): Schedule {
  checkFinite("exponentialSchedule", { initial });
  checkPositive("exponentialSchedule", "rate", rate);
  checkPositive("exponentialSchedule", "steps", steps);
  return (step) => mul(pow(rate, div(step, steps)), initial);
}

/**
 * Half a cosine wave from `initial` to `final` (Loshchilov and Hutter 2017, equation 5 without restarts),
 * constant afterwards.
 */
export function cosineSchedule(initial: number, steps: number, final = 0): Schedule {
  checkFinite("cosineSchedule", { initial, final });
  checkPositive("cosineSchedule", "steps", steps);
  return (step) => add(mul(add(cos(mul(progress(step, steps), Math.PI)), 1), (initial - final) / 2), final);
}

/**
 * A straight line from 0 at step 0 up to the start of `after` at step `warmup` (gradual warm-up: Goyal et al.
 * 2017, section 2.2), then `after` from its step 0.
 */
export function warmupSchedule(warmup: number, after: Schedule): Schedule {
  checkPositive("warmupSchedule", "warmup", warmup);
  return (step) => mul(after(maximum(sub(step, warmup), 0)), minimum(div(step, warmup), 1));
}

/** `initial`, multiplied by each factor from its step on: `[[30, 0.1], [60, 0.1]]`. */
export function piecewiseSchedule(
  initial: number,
  boundaries: readonly (readonly [step: number, factor: number])[],
): Schedule {
  checkFinite("piecewiseSchedule", { initial });
  for (const [step, factor] of boundaries) checkFinite("piecewiseSchedule", { "step of a boundary": step, factor });
  return (step) =>
    boundaries.reduce<Tensor>(
      (value, [at, factor]) => where(less(step, at), value, mul(value, factor)),
      fullLike(step, initial),
    );
}
