import { ConformalError } from "../../base/errors.ts";
import { checkFinite } from "../../base/checks.ts";
import type { RegressionScore } from "./score.ts";

/**
 * Relative error `|y - mu| / mu` of a positive prediction: widths in proportion to the prediction, for positive targets
 * whose spread grows with their size (prices, durations). Predictions must be positive (E_RANGE); ends may be negative
 * when thresholds exceed 1.
 */
export const relative: RegressionScore<number> = Object.freeze<RegressionScore<number>>({
  name: "relative",
  tails: "joint",
  check: (mu: number, where: string, index?: number): void => {
    checkFinite(where, "the value", mu, index);
    if (!(mu > 0)) {
      throw new ConformalError("E_RANGE", `${where}: score relative needs predictions > 0, got ${mu}`, index);
    }
  },
  below: (mu: number, y: number): number => (mu - y) / mu,
  above: (mu: number, y: number): number => (y - mu) / mu,
  lower: (mu: number, threshold: number): number => mu - threshold * mu,
  upper: (mu: number, threshold: number): number => mu + threshold * mu,
});
