import { conformalRank } from "../../quantile/rank.ts";
import { selectInPlace } from "../../base/select.ts";
import { type CrossMethod, type CrossRegressor, type CrossRegressorOptions, crossRegressor } from "./crossRegressor.ts";
import { minmaxEnds, plusEnds, plusLevel } from "./ends.ts";
import type { TrainingSets } from "./fits.ts";

/** Options of `jackknifePlus`. */
export type JackknifePlusOptions<Row> = CrossRegressorOptions<Row>;

/** Options of `jackknifeMinmax`. */
export type JackknifeMinmaxOptions<Row> = CrossRegressorOptions<Row>;

/**
 * The jackknife+: intervals from n models, each fitted without one point. All points serve both for fitting and for
 * calibration, at the price of n fits and of a guarantee of only `1 - 2 alpha` (the `level` of the predictor); coverage
 * is close to `1 - alpha` for models that don't hang on single points.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Barber, Candès, Ramdas, Tibshirani, Predictive inference with the jackknife+ (2021), theorem 1
 */
export function jackknifePlus<Row>(options: JackknifePlusOptions<Row>): CrossRegressor<Row> {
  const { alpha } = options;
  return crossRegressor("jackknifePlus", options, (n): CrossMethod => {
    const level = plusLevel(n, alpha);
    return {
      ...leaveOneOut(n),
      rule: (residuals) => (predictions) => plusEnds((i) => predictions[i] as number, residuals, alpha, level),
      guarantee: "marginal",
      level,
    };
  });
}

/**
 * The jackknife-minmax: from the least of n leave-one-out predictions less a quantile of the residuals to the largest
 * plus it. Coverage is guaranteed to be `1 - alpha`, and intervals are wider than those of the jackknife+.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Barber et al. (2021), theorem 3
 */
export function jackknifeMinmax<Row>(options: JackknifeMinmaxOptions<Row>): CrossRegressor<Row> {
  const { alpha } = options;
  return crossRegressor("jackknifeMinmax", options, (n): CrossMethod => {
    const rank = conformalRank(n, alpha);
    const level = rank / (n + 1);
    return {
      ...leaveOneOut(n),
      rule: (residuals) => {
        const threshold = rank > n ? Infinity : selectInPlace(residuals.slice(), rank);
        return (predictions) => minmaxEnds(predictions, threshold, level);
      },
      guarantee: "marginal",
      level,
    };
  });
}

function leaveOneOut(n: number): Pick<CrossMethod, "sets" | "unseenBy" | "combine"> {
  const sets: TrainingSets = Array.from({ length: n }, (_, i) => () => {
    const others = new Int32Array(n - 1);
    for (let j = 0; j < n - 1; j++) others[j] = j < i ? j : j + 1;
    return others;
  });
  return { sets, unseenBy: (i) => [i], combine: (values) => values[0] as number };
}
