import { checkFinite } from "../../base/checks.ts";
import { asymmetric, type RegressionScore } from "./score.ts";

/**
 * Absolute error `|y - mu|` of a point prediction `mu`: intervals `mu - q` to `mu + q`, of one width everywhere.
 *
 * @see Papadopoulos et al., Inductive confidence machines for regression (2002)
 */
export const absolute: RegressionScore<number> = Object.freeze<RegressionScore<number>>({
  name: "absolute",
  tails: "joint",
  check: (mu: number, where: string, index?: number): void => checkFinite(where, "the value", mu, index),
  below: (mu: number, y: number): number => mu - y,
  above: (mu: number, y: number): number => y - mu,
  lower: (mu: number, threshold: number): number => mu - threshold,
  upper: (mu: number, threshold: number): number => mu + threshold,
});

/** Signed error: `asymmetric(absolute)`, a threshold for errors in each direction. */
export const signed: RegressionScore<number> = asymmetric(absolute);
