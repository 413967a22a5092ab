import { ConformalError } from "../base/errors.ts";

/** Throws E_RANGE (E_NAN for NaN) unless a number is finite. */
export function checkFinite(where: string, name: string, value: number): void {
  if (typeof value === "number" && Number.isFinite(value)) return;
  const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
  throw new ConformalError(code, `${where}: ${name} must be finite, got ${value}`);
}

/** Throws E_RANGE (E_NAN for NaN) unless a number is positive and finite. */
export function checkPositive(where: string, name: string, value: number, index?: number): void {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
  throw new ConformalError(code, `${where}: ${name} must be positive and finite, got ${value}`, index);
}

/** Throws E_RANGE (E_NAN for NaN) unless a number is finite and at least `least`. */
export function checkAtLeast(where: string, name: string, value: number, least: number): void {
  if (typeof value === "number" && value >= least && value < Infinity) return;
  const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
  throw new ConformalError(code, `${where}: ${name} must be finite and >= ${least}, got ${value}`);
}

/** Throws E_RANGE (E_NAN for NaN) unless a number is in [0, 1]. */
export function checkUnit(where: string, name: string, value: number): void {
  if (typeof value === "number" && value >= 0 && value <= 1) return;
  const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
  throw new ConformalError(code, `${where}: ${name} must be in [0, 1], got ${value}`);
}
