import { ConformalError } from "../../base/errors.ts";
import { checkWhole } from "../../base/checks.ts";
import { uniformStream } from "../../base/random.ts";
import { conformalRank } from "../../quantile/rank.ts";
import { type CrossMethod, type CrossRegressor, type CrossRegressorOptions, crossRegressor } from "./crossRegressor.ts";
import { plusEnds, plusLevel } from "./ends.ts";

/** Options of `cvPlus`. */
export interface CvPlusOptions<Row> extends CrossRegressorOptions<Row> {
  /** Number of folds, a whole number from 2 to the number of points. Default 10. */
  readonly folds?: number;
  /** Seed of the folds, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/**
 * CV+: the jackknife+ with K models, each fitted without one fold. Coverage is guaranteed to be `level`, which is
 * `1 - 2 alpha` less at most about `sqrt(2 / n)`; what is seen is close to `1 - alpha`, or above it when models fitted
 * to fewer points are worse. Points are dealt to folds at random, sizes differ by at most one.
 *
 * @throws ConformalError E_ALPHA, E_RANGE; on calibration E_RANGE for more folds than points
 * @see Barber, Candès, Ramdas, Tibshirani, Predictive inference with the jackknife+ (2021), section 3, theorem 4
 */
export function cvPlus<Row>(options: CvPlusOptions<Row>): CrossRegressor<Row> {
  const { alpha, folds = 10, seed = 0 } = options;
  checkWhole("cvPlus", "folds", folds, 2);
  checkWhole("cvPlus", "seed", seed, 0);
  return crossRegressor("cvPlus", options, (n): CrossMethod => {
    if (folds > n)
      throw new ConformalError("E_RANGE", `cvPlus: needs at least ${folds} points for as many folds, got ${n}`);
    const foldOf = dealFolds(n, folds, seed);
    const level = cvPlusLevel(n, folds, alpha);
    return {
      sets: Array.from({ length: folds }, (_, fold) => () => {
        const positions = Int32Array.from(foldOf, (_, i) => i);
        return positions.filter((i) => foldOf[i] !== fold);
      }),
      unseenBy: (i) => [foldOf[i] as number],
      combine: (values) => values[0] as number,
      rule: (residuals) => (predictions) =>
        plusEnds((i) => predictions[foldOf[i] as number] as number, residuals, alpha, level),
      guarantee: "marginal",
      level,
    };
  });
}

/** The fold of each point: a random order, dealt round. */
function dealFolds(n: number, folds: number, seed: number): Int32Array {
  const uniform = uniformStream(seed);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const foldOf = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const j = i + Math.floor(uniform() * (n - i));
    const drawn = order[j] as number;
    order[j] = order[i] as number;
    foldOf[drawn] = i % folds;
  }
  return foldOf;
}

/**
 * The larger of the two bounds of theorem 4, of which the second needs folds of one size. The first comes from averages
 * of p-values: fold j has a valid p-value, each weighs its size plus one, and a weighted mean of p-values is below t
 * with probability at most 2t (Vovk, Wang, Combining p-values via averaging, 2020), so it holds for unequal folds too.
 */
function cvPlusLevel(n: number, folds: number, alpha: number): number {
  const rank = conformalRank(n, alpha);
  if (rank > n) return 1;
  const byPValues = 1 - (2 * (n - rank + folds)) / (n + folds);
  const twice = (2 * (n + 1 - rank)) / (n + 1);
  const byComparison = n % folds === 0 ? 1 - twice - (1 - folds / n) / (folds + 1) : 0;
  return Math.max(0, byPValues, byComparison, folds === n ? plusLevel(n, alpha) : 0);
}
