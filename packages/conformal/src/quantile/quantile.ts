import { checkAlpha } from "../base/checks.ts";
import { selectInPlace } from "../base/select.ts";
import { ConformalError } from "../base/errors.ts";
import { conformalRank } from "./rank.ts";
import { type WeightedMass, checkWeight, reachingPosition, weightedMass } from "./weightedMass.ts";

/** Nonconformity scores: one number per point, larger = stranger. */
export type Scores = Float64Array | Float32Array | readonly number[];

/**
 * The conformal quantile of calibration scores, with what is needed to say how much it promises. It has no `guarantee`:
 * that depends on which points it is calibrated on (all, those of a class, of a group), and so belongs to the predictor.
 */
export interface Quantile {
  /** The threshold: a new score is covered when it is <= `value`. `sMax` (by default Infinity) at rank n + 1. */
  readonly value: number;
  /** Which calibration score it is, 1 = the smallest; n + 1 when none of them is large enough. */
  readonly rank: number;
  /** Number of calibration scores. */
  readonly n: number;
  /** Is `value` a finite number? */
  readonly finite: boolean;
  /**
   * The attained coverage: at least this, and exactly this when scores have no ties. `rank / (n + 1)`; with weights,
   * the share of the total weight up to `value`; 1 at rank n + 1.
   */
  readonly level: number;
  /** Set when calibration weights were given; `level` is then no function of `rank`. */
  readonly weighted?: true;
  /** Why no calibration score serves as threshold. */
  readonly reason?: "too-few-calibration";
}

/** Options of `conformalQuantile`. */
export interface ConformalQuantileOptions {
  /** Weights of the calibration points, >= 0, up to a common factor: density ratios under covariate shift. */
  readonly weights?: Scores;
  /** Weight of the test point, >= 0, on the scale of `weights`. Default 1; only together with `weights`. */
  readonly testWeight?: number;
  /** The largest value that a score can take, used as threshold at rank n + 1. Default Infinity. */
  readonly sMax?: number;
}

/**
 * The threshold of split conformal prediction: the `ceil((n + 1)(1 - alpha))`-th smallest calibration score. A new
 * score that is exchangeable with them is at most `value` with probability >= `level` >= `1 - alpha`.
 *
 * With `weights`, the smallest score whose cumulative weight reaches `1 - alpha` of the total, where the test point
 * puts its own weight at `sMax` (Tibshirani et al., Conformal prediction under covariate shift, 2019). Equal weights
 * give the unweighted answer. The scores are not modified; their order doesn't matter.
 *
 * @param scores calibration scores; infinite ones are allowed, NaN is not
 * @param alpha allowed miscoverage, strictly between 0 and 1
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_NAN, E_LENGTH, E_WEIGHTS, E_RANGE
 */
export function conformalQuantile(scores: Scores, alpha: number, options: ConformalQuantileOptions = {}): Quantile {
  const { weights, testWeight, sMax = Infinity } = options;
  checkAlpha("conformalQuantile", alpha);
  if (scores.length === 0) {
    throw new ConformalError("E_EMPTY_CALIBRATION", "conformalQuantile: needs at least one score, got none");
  }
  if (weights === undefined && testWeight !== undefined) {
    throw new ConformalError("E_WEIGHTS", "conformalQuantile: testWeight needs weights for the calibration points too");
  }
  const copy = checkedCopy("conformalQuantile", scores, sMax);
  return weights === undefined
    ? quantileOfCopy(copy, alpha, sMax)
    : weightedQuantile(copy, weights, testWeight ?? 1, alpha, sMax);
}

/** The unweighted quantile of scores that are already checked and may be reordered; none at all gives `sMax`. */
export function quantileOfCopy(scores: Float64Array, alpha: number, sMax: number): Quantile {
  const n = scores.length;
  const rank = conformalRank(n, alpha);
  if (rank > n) return tooFew(n, sMax);
  const value = selectInPlace(scores, rank);
  return Object.freeze({ value, rank, n, finite: Number.isFinite(value), level: rank / (n + 1) });
}

function weightedQuantile(
  scores: Float64Array,
  weights: Scores,
  testWeight: number,
  alpha: number,
  sMax: number,
): Quantile {
  const prefix = weightedMass("conformalQuantile", scores, weights);
  checkWeight("conformalQuantile", "testWeight", testWeight);
  return quantileAtPosition(prefix, reachingPosition(prefix, testWeight, alpha), testWeight, sMax);
}

/** The weighted quantile at a position of the sorted scores; at the end of them, `sMax`. */
export function quantileAtPosition(
  { scores, mass, total }: WeightedMass,
  position: number,
  testWeight: number,
  sMax: number,
): Quantile {
  const n = scores.length;
  if (position === n) return Object.freeze({ ...tooFew(n, sMax), weighted: true });
  const value = scores[position] as number;
  const level = Math.min(1, (mass[position] as number) / (total + testWeight));
  return Object.freeze({ value, rank: position + 1, n, finite: Number.isFinite(value), level, weighted: true });
}

function tooFew(n: number, sMax: number): Quantile {
  const finite = Number.isFinite(sMax);
  return Object.freeze({ value: sMax, rank: n + 1, n, finite, level: 1, reason: "too-few-calibration" });
}

/** The scores as doubles that may be reordered; E_NAN for what is no number, E_RANGE for what is above `sMax`. */
export function checkedCopy(where: string, scores: Scores, sMax: number): Float64Array {
  if (Number.isNaN(sMax)) throw new ConformalError("E_NAN", `${where}: sMax is NaN`);
  const copy = new Float64Array(scores.length);
  for (let i = 0; i < copy.length; i++) {
    const score = scores[i] as number;
    if (typeof score !== "number" || Number.isNaN(score)) {
      throw new ConformalError("E_NAN", `${where}: scores[${i}] is not a number, got ${score}`, i);
    }
    if (score > sMax) {
      throw new ConformalError("E_RANGE", `${where}: scores[${i}] is ${score}, above sMax = ${sMax}`, i);
    }
    copy[i] = score + 0; // -0 becomes 0: which of the two is selected must not depend on the order of the scores.
  }
  return copy;
}
