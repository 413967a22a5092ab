import type { Clamp } from "../../../network/layer.ts";

/** `value` moved into `[min, max]`. NaN stays NaN, and -0 stays -0 if `min` is 0. */
export function clamped(value: number, { min, max }: Clamp): number {
  const raised = value < min ? min : value;
  return raised > max ? max : raised;
}

/** What a convolution does with its sum: clamp it; if it adds to its output, add that and clamp again. */
export function finished(sum: number, clamp: Clamp, before: number, add: Clamp | null): number {
  const value = clamped(sum, clamp);
  return add === null ? value : clamped(Math.fround(Math.fround(value) + before), add);
}
