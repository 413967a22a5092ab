import { checkAlpha, checkUniforms } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { conformalRank } from "../quantile/rank.ts";
import { type ResidualSample, lowerArea, upperArea } from "./residualSample.ts";

/** A prediction interval read off a predictive distribution. */
export interface PredictiveInterval {
  /** Lower end; the outcome's own bound (by default -Infinity) when there are too few calibration points. */
  readonly lower: number;
  /** Upper end; the outcome's own bound (by default Infinity) when there are too few calibration points. */
  readonly upper: number;
  /** The attained coverage: at least this, and exactly this when residuals have no ties. */
  readonly level: number;
  /** Are both ends finite? */
  readonly finite: boolean;
  /** Why no calibration point serves as one of the ends. */
  readonly reason?: "too-few-calibration";
}

/**
 * The predictive distribution of one new outcome Y: a step function with a jump at each
 * `C_i = prediction + scale * residual_i`, between a lower and an upper value. `cdf(Y, u)` with u uniform in [0, 1] is
 * uniform in [0, 1], exactly, for exchangeable data.
 */
export interface PredictiveDistribution {
  /** The model's prediction for this point. */
  readonly prediction: number;
  /** The factor of the residuals: `sigma + beta`, or 1. */
  readonly scale: number;
  /** Number of calibration points behind it: all, or those of the group. */
  readonly n: number;
  readonly guarantee: Guarantee;
  /** The points `C_i` `[n]`, ascending. */
  points(): Float64Array;
  /**
   * `Q(y, u) = (#{C_i < y} + u (#{C_i = y} + 1)) / (n + 1)`: nondecreasing in y and in u. Below `yMin` 0, above `yMax` 1.
   *
   * @param y a number, also an infinite one
   * @param u in [0, 1]. Default 0.5, the middle of the band; only a uniform u of its own makes `cdf(Y, u)` uniform
   * @throws ConformalError E_NAN, E_RANGE
   */
  cdf(y: number, u?: number): number;
  /** The ends of the band at y: `Q(y, 0)` and `Q(y, 1)`. The chance of an outcome below y is about between them. */
  cdfBounds(y: number): { readonly lower: number; readonly upper: number };
  /**
   * A percentile. `"lower"`: `C_(k)` with `k = floor(p (n + 1))`, below which Y falls with probability at most p;
   * `yMin` for k = 0. `"upper"`: `k = ceil(p (n + 1))`, up to which Y falls with probability at least p; `yMax` for
   * k = n + 1.
   *
   * @param p strictly between 0 and 1
   * @throws ConformalError E_ALPHA
   */
  quantile(p: number, side: "lower" | "upper"): number;
  /**
   * From the lower percentile at `alpha / 2` to the upper one at `1 - alpha / 2`, which hold Y with probability at
   * least `level >= 1 - alpha`.
   *
   * @param alpha strictly between 0 and 1
   * @throws ConformalError E_ALPHA
   */
  interval(alpha: number): PredictiveInterval;
  /** The middle of the lower and the upper percentile at 1/2; the prediction itself when n = 0. */
  readonly median: number;
  /**
   * A valid p-value for an outcome beyond a threshold. `"above"`: small values speak for `Y > threshold`; that it is at
   * most t although Y isn't above the threshold has probability at most t. `"below"`: the same for `Y < threshold`.
   *
   * @throws ConformalError E_NAN
   */
  pValue(threshold: number, evidenceFor: "above" | "below"): number;
  /**
   * The continuous ranked probability score `integral of (F(z) - 1{y <= z})^2 dz`, in units of y; smaller is better.
   *
   * F puts the mass 1/n on each of the points: the mass `1/(n + 1)` that the new point itself has could be anywhere,
   * and on an infinite range every score would be infinite. When the outcome has two finite bounds, F is the middle
   * of the band, with the masses `1/(n + 1)` on the points and half of that on either bound. Points beyond a bound
   * count at the bound. `O(log n)`. Infinity when n = 0 and the range is infinite.
   *
   * @param y the outcome, finite
   * @throws ConformalError E_NAN, E_RANGE
   */
  crps(y: number): number;
}

/** What a distribution is made of. */
export interface DistributionState {
  readonly prediction: number;
  readonly scale: number;
  readonly sample: ResidualSample;
  readonly yMin: number;
  readonly yMax: number;
  readonly guarantee: Guarantee;
}

/** The distribution with a given state, which is trusted to be consistent. */
export function predictiveDistribution(state: DistributionState): PredictiveDistribution {
  const { prediction, scale, sample, yMin, yMax, guarantee } = state;
  const { residuals } = sample;
  const n = residuals.length;
  const clip = (y: number): number => Math.min(yMax, Math.max(yMin, y));
  const point = (i: number): number => prediction + scale * (residuals[i] as number);
  // The points themselves are compared, not residuals with (y - prediction) / scale, which rounds differently: a
  // threshold at a point must count as a tie. Rounding keeps the order of the residuals.
  const count = (before: (c: number) => boolean): number => {
    let low = 0;
    let high = n;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(point(middle))) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const band = (y: number): { lower: number; upper: number } => {
    if (Number.isNaN(y)) throw new ConformalError("E_NAN", "a predictive distribution was asked about y = NaN");
    if (y < yMin) return { lower: 0, upper: 0 };
    if (y > yMax) return { lower: 1, upper: 1 };
    return { lower: count((c) => c < y) / (n + 1), upper: (count((c) => c <= y) + 1) / (n + 1) };
  };
  const pointAt = (rank: number): number => (rank === 0 ? yMin : rank === n + 1 ? yMax : clip(point(rank - 1)));
  const lowerRank = (p: number): number => n + 1 - conformalRank(n, p);
  const upperRank = (p: number): number => conformalRank(n, 1 - p);

  return Object.freeze({
    prediction,
    scale,
    n,
    guarantee,
    points: (): Float64Array => Float64Array.from({ length: n }, (_, i) => point(i)),

    cdf(y: number, u = 0.5): number {
      checkUniforms("cdf", [u]);
      if (!(y >= yMin && y <= yMax)) return band(y).lower;
      const below = count((c) => c < y);
      return (below + u * (count((c) => c <= y) - below + 1)) / (n + 1);
    },

    cdfBounds: band,

    quantile(p: number, side: "lower" | "upper"): number {
      checkAlpha("quantile (p)", p);
      if (side !== "lower" && side !== "upper") {
        throw new ConformalError("E_RANGE", `quantile: side must be "lower" or "upper", got ${String(side)}`);
      }
      return pointAt(side === "lower" ? lowerRank(p) : upperRank(p));
    },

    interval(alpha: number): PredictiveInterval {
      checkAlpha("interval", alpha);
      const from = lowerRank(alpha / 2);
      const to = conformalRank(n, alpha / 2);
      const lower = pointAt(from);
      const upper = pointAt(to);
      const finite = Number.isFinite(lower) && Number.isFinite(upper);
      const result = { lower, upper, level: (to - from) / (n + 1), finite };
      return Object.freeze(from === 0 || to === n + 1 ? { ...result, reason: "too-few-calibration" as const } : result);
    },

    get median(): number {
      if (n === 0) return prediction;
      return pointAt(lowerRank(0.5)) / 2 + pointAt(upperRank(0.5)) / 2;
    },

    pValue(threshold: number, evidenceFor: "above" | "below"): number {
      if (evidenceFor !== "above" && evidenceFor !== "below") {
        throw new ConformalError(
          "E_RANGE",
          `pValue: evidenceFor must be "above" or "below", got ${String(evidenceFor)}`,
        );
      }
      const { lower, upper } = band(threshold);
      return evidenceFor === "above" ? upper : 1 - lower;
    },

    crps(y: number): number {
      if (!Number.isFinite(y)) {
        throw new ConformalError(Number.isNaN(y) ? "E_NAN" : "E_RANGE", `crps: y must be finite, got ${y}`);
      }
      const inside = clip(y);
      const beyond = Math.abs(y - inside);
      if (n === 0) return beyond + (inside - yMin + (yMax - inside)) / 4;
      const at = (inside - prediction) / scale;
      const start = yMin === -Infinity ? 0 : lowerArea(sample, (yMin - prediction) / scale);
      const end = yMax === Infinity ? 0 : upperArea(sample, (yMax - prediction) / scale);
      return beyond + scale * Math.max(0, lowerArea(sample, at) - start + (upperArea(sample, at) - end));
    },
  });
}
