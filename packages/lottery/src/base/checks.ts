import { LotteryError } from "./errors.ts";

/** Throws E_RATE unless a share is in (0, 1). */
export function checkOpenShare(where: string, name: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new LotteryError("E_RATE", `${where}: ${name} must be in (0, 1), got ${value}`);
}

/** Throws E_RATE unless a share is in [0, 1]. */
export function checkShare(where: string, name: string, value: number): void {
  if (!(value >= 0 && value <= 1))
    throw new LotteryError("E_RATE", `${where}: ${name} must be in [0, 1], got ${value}`);
}

/** Throws E_OPTION unless a number is whole and at least `least`. */
export function checkWhole(where: string, name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new LotteryError("E_OPTION", `${where}: ${name} must be a whole number >= ${least}, got ${value}`);
}

/** Throws E_OPTION unless a number is finite and above 0. */
export function checkPositive(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new LotteryError("E_OPTION", `${where}: ${name} must be finite and > 0, got ${value}`);
}

/** Throws E_OPTION when an option is none of the words that are allowed. */
export function checkChoice<T extends string>(where: string, name: string, value: T, choices: readonly T[]): void {
  if (choices.includes(value)) return;
  throw new LotteryError("E_OPTION", `${where}: ${name} must be one of ${choices.join(", ")}, got ${String(value)}`);
}
