import { checkAllFinite, checkLength } from "../base/checks.ts";
import type { Scores } from "../quantile/quantile.ts";

/** Targets less predictions, checked. */
export function residuals(where: string, predictions: Scores, targets: Scores): Float64Array {
  checkLength(where, "calibrationTargets", targets.length, predictions.length);
  checkAllFinite(where, "calibrationPredictions", predictions);
  checkAllFinite(where, "calibrationTargets", targets);
  return Float64Array.from(targets, (target, i) => target - (predictions[i] as number));
}
