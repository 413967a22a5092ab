import { checkFinite } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";

/** Throws E_NAN or E_RANGE unless a true value is a finite number. */
export function checkTarget(where: string, target: unknown, index: number): void {
  checkFinite(where, `targets[${index}]`, target as number, index);
}

/** A checked copy of true values; E_EMPTY_CALIBRATION for none at all. */
export function readTargets(where: string, targets: ArrayLike<number>): Float64Array {
  if (targets.length === 0) {
    throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one calibration point, got none`);
  }
  return Float64Array.from(targets, (target, i) => {
    checkTarget(where, target, i);
    return target + 0;
  });
}

/** Throws unless something is a function: a call in its place is the usual slip. */
export function checkFunction(where: string, name: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new ConformalError("E_RANGE", `${where}: ${name} must be a function, got ${String(value)}`);
}
