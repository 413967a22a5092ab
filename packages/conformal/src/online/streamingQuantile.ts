import { checkAlpha, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { orderStatistics } from "../quantile/orderStatistics.ts";
import type { Quantile, Scores } from "../quantile/quantile.ts";
import { conformalRank } from "../quantile/rank.ts";

/** Options of `streamingQuantile`. */
export interface StreamingQuantileOptions {
  /** Allowed miscoverage, strictly between 0 and 1. */
  readonly alpha: number;
  /** Keep the last `window` scores only, a whole number >= 1. Default: keep all. */
  readonly window?: number;
  /** Scores to start with, in order of arrival. */
  readonly scores?: Scores;
}

/** A calibration set that grows or slides one score at a time. */
export interface StreamingQuantile {
  readonly alpha: number;
  /** How many scores it holds. */
  readonly size: number;
  /** Adds a score, and lets the oldest go when the window is full. @throws ConformalError E_NAN */
  insert(score: number): void;
  /** The conformal quantile of the held scores, at `alpha` unless another level is given. @throws ConformalError E_ALPHA */
  quantile(alpha?: number): Quantile;
  /** How many held scores are < `score`. @throws ConformalError E_NAN */
  countBelow(score: number): number;
  /** The conformal p-value of a score, `(1 + #{held >= score}) / (size + 1)`. @throws ConformalError E_NAN */
  pValue(score: number): number;
  /** The held scores: in order of arrival with a window, else ascending. */
  scores(): Float64Array;
}

/**
 * The conformal quantile of a calibration set that grows or slides, in O(log n) for each new score: at every moment the
 * same, bit for bit, as `conformalQuantile` of the held scores. Without scores it is infinite.
 *
 * Fresh quantiles of exchangeable scores keep the marginal guarantee of split conformal prediction at each step; after
 * a shift a window forgets what no longer holds, but promises nothing: see `aci`.
 *
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 */
export function streamingQuantile(options: StreamingQuantileOptions): StreamingQuantile {
  const { alpha, window, scores = [] } = options;
  checkAlpha("streamingQuantile", alpha);
  if (window !== undefined) checkWhole("streamingQuantile", "window", window, 1);
  for (let i = 0; i < scores.length; i++) checkScore(scores[i] as number, i);
  const recent = window === undefined ? scores : scores.slice(-window);
  const held = orderStatistics(recent);
  // The last `window` scores as a ring: `oldest` is overwritten next once it is full.
  const ring = window === undefined ? undefined : Array.from(recent, (score) => score + 0);
  let oldest = 0;
  return Object.freeze({
    alpha,
    get size() {
      return held.size;
    },
    insert(score: number): void {
      checkScore(score);
      held.insert(score);
      if (ring === undefined) return;
      if (ring.length < (window as number)) {
        ring.push(score + 0);
        return;
      }
      held.delete(ring[oldest] as number);
      ring[oldest] = score + 0;
      oldest = (oldest + 1) % ring.length;
    },
    quantile(at: number = alpha): Quantile {
      const n = held.size;
      const rank = conformalRank(n, at);
      if (rank > n) {
        return Object.freeze({ value: Infinity, rank, n, finite: false, level: 1, reason: "too-few-calibration" });
      }
      const value = held.select(rank);
      return Object.freeze({ value, rank, n, finite: Number.isFinite(value), level: rank / (n + 1) });
    },
    countBelow: (score: number) => held.countBelow(score),
    pValue: (score: number) => (1 + held.size - held.countBelow(score)) / (held.size + 1),
    scores: () =>
      ring === undefined ? held.values() : Float64Array.from([...ring.slice(oldest), ...ring.slice(0, oldest)]),
  });
}

function checkScore(score: number, index?: number): void {
  if (typeof score === "number" && !Number.isNaN(score)) return;
  const name = index === undefined ? "the score" : `scores[${index}]`;
  throw new ConformalError("E_NAN", `streamingQuantile: ${name} is not a number, got ${score}`, index);
}
