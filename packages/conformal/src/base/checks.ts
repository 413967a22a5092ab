import { ConformalError } from "./errors.ts";

/** Throws E_ALPHA unless `alpha` is strictly between 0 and 1. */
export function checkAlpha(where: string, alpha: number): void {
  checkLevel(where, "alpha", alpha);
}

/** Throws E_ALPHA unless a level (alpha, delta, a confidence) is strictly between 0 and 1. */
export function checkLevel(where: string, name: string, level: number): void {
  if (typeof level === "number" && level > 0 && level < 1) return;
  throw new ConformalError("E_ALPHA", `${where}: ${name} must be strictly between 0 and 1, got ${level}`);
}

/** Throws E_RANGE (E_NAN for NaN) unless a number is finite. */
export function checkFinite(where: string, name: string, value: number, index?: number): void {
  if (!Number.isFinite(value)) throw outside(where, name, "finite", value, index);
}

/** Throws E_RANGE (E_NAN for NaN) unless every number of a list is finite. */
export function checkAllFinite(where: string, name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw outside(where, `${name}[${i}]`, "finite", values[i], i);
  }
}

/** Throws E_RANGE (E_NAN for NaN) unless a number is positive and finite. */
export function checkPositive(where: string, name: string, value: number, index?: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw outside(where, name, "positive and finite", value, index);
}

/** Throws E_RANGE (E_NAN for NaN) unless a number is finite and at least `least`. */
export function checkAtLeast(where: string, name: string, value: number, least: number): void {
  if (!(Number.isFinite(value) && value >= least)) throw outside(where, name, `finite and >= ${least}`, value);
}

/** Throws E_RANGE (E_NAN for NaN) unless a number is in [0, 1]. */
export function checkUnit(where: string, name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0 && value <= 1)) throw outside(where, name, "in [0, 1]", value);
}

function outside(where: string, name: string, rule: string, value: unknown, index?: number): ConformalError {
  const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
  return new ConformalError(code, `${where}: ${name} must be ${rule}, got ${String(value)}`, index);
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
