import { checkAlpha, checkLevel, checkUniforms } from "../base/checks.ts";
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
  /** Why no calibration point serves as one of the ends: too few for the level, or none of the point's group. */
  readonly reason?: "too-few-calibration" | "unseen-group";
}

/**
 * The predictive distribution of one new outcome Y: a step function with a jump at each
 * `C_i = prediction + scale * residual_i`, between a lower and an upper value. `cdf(Y, u)` with u uniform in [0, 1] is
 * uniform in [0, 1], exactly, for exchangeable data.
 */
export interface PredictiveDistribution {
  /** The model's prediction for this point. */
  readonly prediction: number;
  /** The factor of the residuals: that of the point plus `beta`, or 1. */
  readonly scale: number;
  /** Number of calibration points behind it: all, or those of the group. */
  readonly n: number;
  readonly guarantee: Extract<Guarantee, "marginal" | "group-conditional">;
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
  readonly guarantee: Extract<Guarantee, "marginal" | "group-conditional">;
}

/** The distribution with a given state, which is trusted to be consistent. */
export function predictiveDistribution(state: DistributionState): PredictiveDistribution {
  return new StepDistribution(state);
}

/** A class for speed: predictions come by the thousand, and a record of closures for each takes ten times as long. */
class StepDistribution implements PredictiveDistribution {
  readonly #state: DistributionState;

  constructor(state: DistributionState) {
    this.#state = state;
  }

  get prediction(): number {
    return this.#state.prediction;
  }

  get scale(): number {
    return this.#state.scale;
  }

  get n(): number {
    return this.#state.sample.residuals.length;
  }

  get guarantee(): "marginal" | "group-conditional" {
    return this.#state.guarantee;
  }

  get median(): number {
    if (this.n === 0) return this.prediction;
    return this.quantile(0.5, "lower") / 2 + this.quantile(0.5, "upper") / 2;
  }

  points(): Float64Array {
    return Float64Array.from({ length: this.n }, (_, i) => this.#point(i));
  }

  cdf(y: number, u = 0.5): number {
    checkUniforms("cdf", [u]);
    const { yMin, yMax } = this.#state;
    if (!(y >= yMin && y <= yMax)) return this.cdfBounds(y).lower;
    const below = this.#count(y, false);
    return (below + u * (this.#count(y, true) - below + 1)) / (this.n + 1);
  }

  cdfBounds(y: number): { lower: number; upper: number } {
    const { yMin, yMax } = this.#state;
    if (Number.isNaN(y)) throw new ConformalError("E_NAN", "a predictive distribution was asked about y = NaN");
    if (y < yMin) return { lower: 0, upper: 0 };
    if (y > yMax) return { lower: 1, upper: 1 };
    return { lower: this.#count(y, false) / (this.n + 1), upper: (this.#count(y, true) + 1) / (this.n + 1) };
  }

  quantile(p: number, side: "lower" | "upper"): number {
    checkLevel("quantile", "p", p);
    if (side !== "lower" && side !== "upper") {
      throw new ConformalError("E_RANGE", `quantile: side must be "lower" or "upper", got ${String(side)}`);
    }
    if (side === "lower") return this.#endOfRank(this.#lowerRank(p), -1);
    return this.#endOfRank(p < 2 ** -54 ? 1 : conformalRank(this.n, 1 - p), 1);
  }

  interval(alpha: number): PredictiveInterval {
    checkAlpha("interval", alpha);
    const from = this.#lowerRank(alpha / 2);
    const to = conformalRank(this.n, alpha / 2);
    const lower = this.#endOfRank(from, -1);
    const upper = this.#endOfRank(to, 1);
    const finite = Number.isFinite(lower) && Number.isFinite(upper);
    const result = { lower, upper, level: (to - from) / (this.n + 1), finite };
    if (from > 0 && to <= this.n) return result;
    return { ...result, reason: this.n === 0 ? "unseen-group" : "too-few-calibration" };
  }

  pValue(threshold: number, evidenceFor: "above" | "below"): number {
    if (evidenceFor !== "above" && evidenceFor !== "below") {
      throw new ConformalError("E_RANGE", `pValue: evidenceFor must be "above" or "below", got ${String(evidenceFor)}`);
    }
    const { lower, upper } = this.cdfBounds(threshold);
    return evidenceFor === "above" ? upper : 1 - lower;
  }

  crps(y: number): number {
    if (!Number.isFinite(y)) {
      throw new ConformalError(Number.isNaN(y) ? "E_NAN" : "E_RANGE", `crps: y must be finite, got ${y}`);
    }
    const { prediction, scale, sample, yMin, yMax } = this.#state;
    const inside = Math.min(yMax, Math.max(yMin, y));
    const beyond = Math.abs(y - inside);
    // Half of the mass everywhere: (1/2)^2 over the whole range.
    if (this.n === 0) return beyond + (inside - yMin + (yMax - inside)) / 4;
    const at = (inside - prediction) / scale;
    const start = yMin === -Infinity ? 0 : lowerArea(sample, (yMin - prediction) / scale);
    const end = yMax === Infinity ? 0 : upperArea(sample, (yMax - prediction) / scale);
    return beyond + scale * Math.max(0, lowerArea(sample, at) - start + (upperArea(sample, at) - end));
  }

  #point(i: number): number {
    const { prediction, scale, sample } = this.#state;
    return prediction + scale * (sample.residuals[i] as number);
  }

  #lowerRank(p: number): number {
    return this.n + 1 - conformalRank(this.n, p);
  }

  #endOfRank(rank: number, direction: -1 | 1): number {
    const { yMin, yMax } = this.#state;
    if (rank === 0) return yMin;
    return rank === this.n + 1 ? yMax : Math.min(yMax, Math.max(yMin, this.#endAt(rank - 1, direction)));
  }

  /** A point, moved outward by the few rounding errors that it may take to hold every value with its residual. */
  #endAt(i: number, direction: -1 | 1): number {
    const { prediction, scale, sample } = this.#state;
    const residual = sample.residuals[i] as number;
    let end = this.#point(i);
    let moved = false;
    for (let step = Math.max(Math.abs(end) * 2 ** -53, Number.MIN_VALUE); Number.isFinite(end); step *= 2) {
      const next = end + direction * step;
      if (direction * ((next - prediction) / scale - residual) > 0) return moved ? next : end;
      moved ||= next !== end;
      end = next;
    }
    return end;
  }

  /**
   * How many points are below y, or at most y. A point ties with y when it is y, or when y has its residual as calibration
   * computes it: the two round differently. Rounding keeps the order of both.
   */
  #count(y: number, orEqual: boolean): number {
    const { prediction, scale, sample } = this.#state;
    const { residuals } = sample;
    const own = (y - prediction) / scale;
    let low = 0;
    let high = this.n;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [point, residual] = [this.#point(middle), residuals[middle] as number];
      if (orEqual ? point <= y || residual <= own : point < y && residual < own) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
