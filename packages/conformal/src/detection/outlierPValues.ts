import { checkLength, checkUniforms } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { checkGroup, type Group } from "../base/group.ts";
import { uniformStream } from "../base/random.ts";
import { countBelow, countUpTo } from "../base/sortedSearch.ts";
import { type Scores, checkedCopy } from "../quantile/quantile.ts";
import { checkWeight, weightedMass } from "../quantile/weightedMass.ts";

/** Options of `outlierPValues`. */
export interface OutlierPValuesOptions {
  /**
   * `true`: smoothed p-values, exactly uniform for inliers, with the numbers of `uniformStream(seed)` in the order of
   * the test points. Default false: conservative ones, which are never 0.
   */
  readonly smoothed?: boolean;
  /** Seed of smoothed p-values, a whole number >= 0. Default 0. */
  readonly seed?: number;
  /** Uniform numbers `[m]` in [0, 1] for smoothed p-values, in place of the seeded ones. */
  readonly u?: ArrayLike<number>;
  /** Weights `[n]` of the calibration points, >= 0: density ratios under covariate shift. */
  readonly weights?: ArrayLike<number>;
  /** Weights `[m]` of the test points on the same scale. Default all 1; only together with `weights`. */
  readonly testWeights?: ArrayLike<number>;
  /** Group (a class, say) of each calibration point `[n]`: test points are compared with those of their own. */
  readonly groups?: ArrayLike<Group>;
  /** Group of each test point `[m]`; needed with `groups`. A group without calibration points gives p = 1 (or u). */
  readonly testGroups?: ArrayLike<Group>;
}

/** Counts, or weights, of the calibration points of one group. */
interface Comparison {
  /** Mass of the points that are at least as strange. */
  atLeast(score: number): number;
  /** Mass of the points that are stranger. */
  above(score: number): number;
  readonly total: number;
}

const NOTHING: Comparison = { atLeast: () => 0, above: () => 0, total: 0 };

/**
 * Conformal p-values `[m]` of test points: how many calibration points, which are inliers, look at least as strange.
 * For a test point that is exchangeable with them, `P(p <= t) <= t` for every t. All together `O((n + m) log n)`.
 *
 * Conservative: `(#{S_i >= s} + 1) / (n + 1)`. Smoothed: `(#{S_i > s} + u (#{S_i = s} + 1)) / (n + 1)`. With weights,
 * sums of weights in place of counts, and the test point's own in place of 1. Given to `benjaminiHochberg`,
 * unweighted conservative p-values keep the false discovery rate.
 *
 * @param calibration scores `[n]` of inliers that the scoring model has not seen; larger = stranger
 * @param test scores `[m]`
 * @throws ConformalError E_EMPTY_CALIBRATION, E_NAN, E_LENGTH, E_RANGE, E_WEIGHTS
 * @see Bates, Candès, Lei, Romano, Sesia, Testing for outliers with conformal p-values (2023)
 */
export function outlierPValues(calibration: Scores, test: Scores, options: OutlierPValuesOptions = {}): Float64Array {
  const { u, seed = 0, smoothed = u !== undefined, weights, testWeights, groups, testGroups } = options;
  const where = "outlierPValues";
  const n = calibration.length;
  const m = test.length;
  if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one calibration score`);
  const scores = checkedCopy(where, calibration, Infinity);
  for (let j = 0; j < m; j++) {
    if (Number.isNaN(test[j])) throw new ConformalError("E_NAN", `${where}: test[${j}] is NaN`, j);
  }
  if (u !== undefined) {
    checkLength(where, "u", u.length, m);
    checkUniforms(where, u);
    if (!smoothed) throw new ConformalError("E_RANGE", `${where}: u is for smoothed p-values only`);
  }
  if (testWeights !== undefined) {
    if (weights === undefined) throw new ConformalError("E_WEIGHTS", `${where}: testWeights needs weights too`);
    checkLength(where, "testWeights", testWeights.length, m);
    for (let j = 0; j < m; j++) checkWeight(where, `testWeights[${j}]`, testWeights[j] as number, j);
  }
  if (weights !== undefined) {
    checkLength(where, "weights", weights.length, n);
    for (let i = 0; i < n; i++) checkWeight(where, `weights[${i}]`, weights[i] as number, i);
  }
  if ((groups === undefined) !== (testGroups === undefined)) {
    throw new ConformalError("E_LENGTH", `${where}: groups and testGroups go together`);
  }
  if (groups !== undefined) checkLength(where, "groups", groups.length, n);
  if (testGroups !== undefined) checkLength(where, "testGroups", testGroups.length, m);

  const members = new Map<Group, number[]>();
  for (let i = 0; i < n; i++) {
    const group = groups === undefined ? "" : checkGroup(where, groups[i], i);
    const list = members.get(group);
    if (list === undefined) members.set(group, [i]);
    else list.push(i);
  }
  const comparisons = new Map<Group, Comparison>();
  for (const [group, list] of members) {
    const own = Float64Array.from(list, (i) => scores[i] as number);
    const mass = weights === undefined ? undefined : list.map((i) => weights[i] as number);
    comparisons.set(group, mass === undefined ? countsOf(own) : massesOf(where, own, mass));
  }

  const uniform = smoothed && u === undefined ? uniformStream(seed) : undefined;
  return Float64Array.from({ length: m }, (_, j) => {
    const { atLeast, above, total } =
      comparisons.get(testGroups === undefined ? "" : checkGroup(where, testGroups[j], j)) ?? NOTHING;
    const score = test[j] as number;
    const self = testWeights === undefined ? 1 : (testWeights[j] as number);
    // Nothing to compare with, not even itself: no evidence.
    if (total + self === 0) return 1;
    // Halves of sums that doubles cannot hold.
    const unit = total + self < Infinity ? 1 : 0.5;
    const whole = total * unit + self * unit;
    if (!smoothed) return (atLeast(score) * unit + self * unit) / whole;
    const stranger = above(score);
    const uj = uniform === undefined ? (u?.[j] as number) : uniform();
    return (stranger * unit + uj * ((atLeast(score) - stranger) * unit + self * unit)) / whole;
  });
}

function countsOf(scores: Float64Array): Comparison {
  scores.sort();
  const n = scores.length;
  return { atLeast: (s) => n - countBelow(scores, s), above: (s) => n - countUpTo(scores, s), total: n };
}

function massesOf(where: string, scores: Float64Array, weights: readonly number[]): Comparison {
  if (weights.every((weight) => weight === 0)) return NOTHING;
  const { scores: sorted, mass, total } = weightedMass(where, scores, weights);
  const after = (count: number): number => (count === 0 ? total : total - (mass[count - 1] as number));
  return { atLeast: (s) => after(countBelow(sorted, s)), above: (s) => after(countUpTo(sorted, s)), total };
}
