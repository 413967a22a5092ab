import { ConformalError } from "./errors.ts";

/** Throws E_ALPHA unless `alpha` is strictly between 0 and 1. */
export function checkAlpha(where: string, alpha: number): void {
  if (typeof alpha !== "number" || !(alpha > 0 && alpha < 1)) {
    throw new ConformalError("E_ALPHA", `${where}: alpha must be strictly between 0 and 1, got ${alpha}`);
  }
}

/** Throws E_RANGE unless `value` is a whole number of at least `least` that a double holds exactly. */
export function checkWhole(where: string, name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ConformalError("E_RANGE", `${where}: ${name} must be a whole number >= ${least}, got ${value}`);
  }
}

/** Throws E_LENGTH unless the two lengths agree. */
export function checkLength(where: string, name: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new ConformalError("E_LENGTH", `${where}: ${name} must have ${expected} elements, got ${found}`);
  }
}

/** Throws E_RANGE (E_NAN for NaN) unless every label is a whole number in 0..classes-1. */
export function checkLabels(where: string, labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      const message = `${where}: labels[${i}] must be a class in 0..${classes - 1}, got ${label}`;
      throw new ConformalError(Number.isNaN(label) ? "E_NAN" : "E_RANGE", message, i);
    }
  }
}

/** Throws E_NAN or E_RANGE unless every uniform number is in [0, 1]. */
export function checkUniforms(where: string, uniforms: ArrayLike<number>): void {
  for (let i = 0; i < uniforms.length; i++) {
    const u = uniforms[i] as number;
    if (Number.isNaN(u)) throw new ConformalError("E_NAN", `${where}: u[${i}] is NaN`, i);
    if (!(u >= 0 && u <= 1)) throw new ConformalError("E_RANGE", `${where}: u[${i}] must be in [0, 1], got ${u}`, i);
  }
}
