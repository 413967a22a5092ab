import { clopperPearson } from "../base/binomial.ts";
import { checkLabels, checkLength, checkLevel } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type ConceptBounds, readBounds } from "./concepts.ts";
import type { RuleSetPredictor } from "./ruleSetPredictor.ts";
import { worstScore } from "./ruleSets.ts";

/** Options of `certifiedCoverage`. */
export interface CertifiedCoverageOptions {
  /** Allowed probability, over the sample, that the statement is wrong. Strictly between 0 and 1. Default 0.05. */
  readonly delta?: number;
  /**
   * `"holdout"`: points that played no part in calibration; exact Clopper-Pearson bounds. `"calibration"`: the very
   * points of the calibration; the Dvoretzky-Kiefer-Wolfowitz bound (with Massart's constant) holds for all thresholds
   * at once, so also for one chosen on the same points. Default `"holdout"`.
   */
  readonly sample?: "holdout" | "calibration";
  /** Probability that a new point's certificate, or its estimated probabilities at prediction, are wrong. Default 0. */
  readonly failure?: number;
}

/** A certified share. */
export interface CertifiedShare {
  /** Points that were looked at. */
  readonly count: number;
  /** Of these, points whose class stays in the set whatever an attacker does within the bounds. */
  readonly covered: number;
  /** Lower bound on the probability that an attacked input's set holds its class, failures of certificates taken off. */
  readonly lower: number;
}

/** What is certified about a predictor under attack. */
export interface CertifiedCoverage extends CertifiedShare {
  /** The same within each class; together they hold with probability `1 - delta`. */
  readonly byClass: readonly CertifiedShare[];
  readonly delta: number;
  readonly failure: number;
  readonly guarantee: "pac";
}

/**
 * How well sets cover under any attack that the bounds allow for: a lower bound on the coverage of an already
 * calibrated predictor, ordinary or robust, that holds with probability `1 - delta` over the sample.
 *
 * `lower` is about all classes mixed as in the sample (with `sample: "calibration"`, about the worst class, and part of
 * the statement by class). For an ordinary predictor this is what is left of `1 - alpha` under attack.
 *
 * @param bounds for each point of the sample, bounds `[concepts]` over everything an attacker may do to it
 * @param labels true classes
 * @throws ConformalError E_ALPHA, E_RANGE, E_LENGTH, E_NAN; E_EMPTY_CALIBRATION for no points
 */
export function certifiedCoverage(
  predictor: RuleSetPredictor,
  bounds: readonly ConceptBounds[],
  labels: ArrayLike<number>,
  options: CertifiedCoverageOptions = {},
): CertifiedCoverage {
  const where = "certifiedCoverage";
  const { delta = 0.05, sample = "holdout", failure = 0 } = options;
  const { classes, score, quantiles } = predictor;
  checkLevel(where, "delta", delta);
  if (!(failure >= 0 && failure <= 1)) {
    throw new ConformalError("E_RANGE", `${where}: failure must be in [0, 1], got ${failure}`);
  }
  if (sample !== "holdout" && sample !== "calibration") {
    throw new ConformalError("E_RANGE", `${where}: sample must be holdout or calibration, got ${String(sample)}`);
  }
  if (bounds.length === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one point`);
  checkLength(where, "labels", labels.length, bounds.length);
  checkLabels(where, labels, classes);
  const counts = Array.from({ length: classes }, () => ({ count: 0, covered: 0 }));
  bounds.forEach((row, i) => {
    const label = labels[i] as number;
    const { lower, upper } = readBounds(where, row, row.lower.length, i);
    const tally = counts[label] as (typeof counts)[number];
    tally.count++;
    const worst = worstScore(score, lower[label] as number, upper[label] as number, true);
    if (worst <= (quantiles[label] as (typeof quantiles)[number]).value) tally.covered++;
  });
  const share = (count: number, covered: number, allowed: number): CertifiedShare => {
    const lower = count === 0 ? 0 : lowerBound(sample, covered, count, allowed);
    return { count, covered, lower: Math.max(0, lower - failure) };
  };
  const byClass = counts.map(({ count, covered }, label): CertifiedShare => {
    // A class without a finite threshold is in every set, seen or not.
    if ((quantiles[label] as (typeof quantiles)[number]).value === Infinity) return { count, covered, lower: 1 };
    return share(count, covered, delta / classes);
  });
  const covered = counts.reduce((sum, tally) => sum + tally.covered, 0);
  const lower =
    sample === "holdout"
      ? share(bounds.length, covered, delta).lower
      : byClass.reduce((least, own) => Math.min(least, own.lower), 1);
  return { count: bounds.length, covered, lower, byClass, delta, failure, guarantee: "pac" };
}

function lowerBound(sample: "holdout" | "calibration", covered: number, count: number, delta: number): number {
  if (sample === "holdout") return clopperPearson(covered, count, delta).lower;
  // Massart's one-sided form is for error probabilities of at most 1/2.
  return covered / count - Math.sqrt(Math.log(1 / Math.min(0.5, delta)) / (2 * count));
}
