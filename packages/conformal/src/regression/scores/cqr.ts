import { ConformalError } from "../../base/errors.ts";
import { checkAtLeast, checkFinite } from "../../base/checks.ts";
import type { RegressionScore } from "./score.ts";

/** Two predicted quantiles of y, such as those at alpha / 2 and 1 - alpha / 2. */
export interface QuantilePrediction {
  readonly lower: number;
  readonly upper: number;
}

/** Two predicted quantiles with the predicted median between them. */
export interface MedianQuantilePrediction extends QuantilePrediction {
  readonly median: number;
}

/** Options of `cqr`. */
export interface CqrOptions {
  /** Put quantiles that cross in order, in place of the error E_MONOTONE. Default false. */
  readonly sortQuantiles?: boolean;
}

/** Options of `cqrR` and `cqrM`. */
export interface ScaledCqrOptions extends CqrOptions {
  /** Added to every width, >= 0, in the units of y: tames widths near 0. Default 0; a width of 0 is then E_SIGMA. */
  readonly beta?: number;
}

/** A reading of predictions that puts quantiles in order, or trusts that they are. */
interface Reader<Prediction extends QuantilePrediction> {
  readonly suffix: string;
  check(prediction: Prediction, where: string, index?: number): void;
  ends(prediction: Prediction): readonly [lower: number, median: number, upper: number];
}

/**
 * Conformalised quantile regression: the score is `max(lower - y, y - upper)` for predicted quantiles, intervals are
 * `lower - q` to `upper + q`. A negative `q` narrows quantiles that were too wide; when the ends then cross, the
 * interval is empty and says so.
 *
 * @see Romano, Patterson, Candès, Conformalized quantile regression (2019)
 */
export function cqr(options: CqrOptions = {}): RegressionScore<QuantilePrediction> {
  const { suffix, check, ends } = reader<QuantilePrediction>(options, false);
  return Object.freeze<RegressionScore<QuantilePrediction>>({
    name: `cqr${suffix}`,
    tails: "joint",
    check,
    below: (p, y): number => ends(p)[0] - y,
    above: (p, y): number => y - ends(p)[2],
    lower: (p, threshold): number => ends(p)[0] - threshold,
    upper: (p, threshold): number => ends(p)[2] + threshold,
  });
}

/**
 * CQR-r: the errors of `cqr` over the predicted width, so that wide intervals are moved more than narrow ones.
 *
 * @throws ConformalError E_RANGE, E_NAN for beta
 * @see Sesia, Candès, A comparison of some conformal quantile regression methods (2020)
 */
export function cqrR(options: ScaledCqrOptions = {}): RegressionScore<QuantilePrediction> {
  const { beta = 0 } = options;
  checkAtLeast("cqrR", "beta", beta, 0);
  const { suffix, check, ends } = reader<QuantilePrediction>(options, false);
  const width = (p: QuantilePrediction): number => {
    const [lower, , upper] = ends(p);
    return upper - lower + beta;
  };
  return Object.freeze<RegressionScore<QuantilePrediction>>({
    name: `cqr-r${suffix}${beta === 0 ? "" : `, beta ${beta}`}`,
    tails: "joint",
    check: (p, where, index): void => {
      check(p, where, index);
      checkWidth(where, width(p), index);
    },
    below: (p, y): number => (ends(p)[0] - y) / width(p),
    above: (p, y): number => (y - ends(p)[2]) / width(p),
    lower: (p, threshold): number => ends(p)[0] - threshold * width(p),
    upper: (p, threshold): number => ends(p)[2] + threshold * width(p),
  });
}

/**
 * CQR-m: the errors of `cqr` over the distance of each quantile from the predicted median, so that each side moves in
 * proportion to its own spread.
 *
 * @throws ConformalError E_RANGE, E_NAN for beta
 * @see Kivaranovic, Johnson, Leeb, Adaptive, distribution-free prediction intervals for deep networks (2020); the name
 *   is of Sesia, Candès (2020)
 */
export function cqrM(options: ScaledCqrOptions = {}): RegressionScore<MedianQuantilePrediction> {
  const { beta = 0 } = options;
  checkAtLeast("cqrM", "beta", beta, 0);
  const { suffix, check, ends } = reader<MedianQuantilePrediction>(options, true);
  const left = (p: MedianQuantilePrediction): number => {
    const [lower, median] = ends(p);
    return median - lower + beta;
  };
  const right = (p: MedianQuantilePrediction): number => {
    const [, median, upper] = ends(p);
    return upper - median + beta;
  };
  return Object.freeze<RegressionScore<MedianQuantilePrediction>>({
    name: `cqr-m${suffix}${beta === 0 ? "" : `, beta ${beta}`}`,
    tails: "joint",
    check: (p, where, index): void => {
      check(p, where, index);
      checkWidth(where, left(p), index);
      checkWidth(where, right(p), index);
    },
    below: (p, y): number => (ends(p)[0] - y) / left(p),
    above: (p, y): number => (y - ends(p)[2]) / right(p),
    lower: (p, threshold): number => ends(p)[0] - threshold * left(p),
    upper: (p, threshold): number => ends(p)[2] + threshold * right(p),
  });
}

function reader<Prediction extends QuantilePrediction & { readonly median?: number }>(
  { sortQuantiles = false }: CqrOptions,
  withMedian: boolean,
): Reader<Prediction> {
  // Without a median the lower quantile stands in for it, which keeps the order and is not used.
  const given = (p: Prediction): [number, number, number] => [
    p.lower,
    withMedian ? (p.median as number) : p.lower,
    p.upper,
  ];
  return {
    suffix: sortQuantiles ? ", sorted" : "",
    ends: sortQuantiles ? (p): [number, number, number] => sorted(given(p)) : given,
    check: (p, where, index): void => {
      const [lower, median, upper] = given(p);
      checkFinite(where, "lower", lower, index);
      checkFinite(where, "upper", upper, index);
      if (withMedian) checkFinite(where, "median", median, index);
      if (sortQuantiles || (lower <= median && median <= upper)) return;
      const found = withMedian ? `${lower}, ${median}, ${upper}` : `${lower}, ${upper}`;
      const hint = "pass sortQuantiles: true to put them in order";
      throw new ConformalError("E_MONOTONE", `${where}: quantiles must not cross, got ${found}; ${hint}`, index);
    },
  };
}

function sorted([a, b, c]: readonly [number, number, number]): [number, number, number] {
  const least = Math.min(a, b, c);
  const most = Math.max(a, b, c);
  return [least, Math.max(Math.min(a, b), Math.min(Math.max(a, b), c)), most];
}

function checkWidth(where: string, width: number, index?: number): void {
  if (width > 0 && width < Infinity) return;
  const rule = "predicted quantiles must differ (or give a beta) by a finite width";
  throw new ConformalError("E_SIGMA", `${where}: ${rule}, got width ${width}`, index);
}
