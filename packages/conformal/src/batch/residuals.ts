import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Scores } from "../quantile/quantile.ts";

/** Outcomes less predictions, checked. */
export function residuals(where: string, predictions: Scores, outcomes: Scores): Float64Array {
  checkLength(where, "calibrationOutcomes", outcomes.length, predictions.length);
  checkNumbers(where, "calibrationPredictions", predictions);
  checkNumbers(where, "calibrationOutcomes", outcomes);
  return Float64Array.from(outcomes, (outcome, i) => outcome - (predictions[i] as number));
}

/** Throws E_NAN or E_RANGE unless every value is a finite number. */
export function checkNumbers(where: string, name: string, values: Scores): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isFinite(value)) continue;
    const code = value === Infinity || value === -Infinity ? "E_RANGE" : "E_NAN";
    throw new ConformalError(code, `${where}: ${name}[${i}] must be a finite number, got ${value}`, i);
  }
}
