import { ArgumentError } from "../tensor/errors.ts";

/** Refuses a hyper-parameter outside its range. NaN is outside of every range. */
export function checkRange(op: string, argument: string, value: number, fits: boolean, expected: string): void {
  if (!fits) throw new ArgumentError({ op, argument, expected, found: String(value) });
}

/** Refuses what is no share that a running mean keeps: a number in [0, 1). */
export function checkDecay(op: string, argument: string, value: number): void {
  checkRange(op, argument, value, value >= 0 && value < 1, "a number in [0, 1)");
}

/** Refuses negative and infinite numbers. */
export function checkNonNegative(op: string, argument: string, value: number): void {
  checkRange(op, argument, value, value >= 0 && value < Infinity, "a finite number >= 0");
}

/** Refuses what is not above zero and finite. */
export function checkPositive(op: string, argument: string, value: number): void {
  checkRange(op, argument, value, value > 0 && value < Infinity, "a finite number > 0");
}
