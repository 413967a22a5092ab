import { checkLength, checkLevel, checkUniforms } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { uniformStream } from "../base/random.ts";
import { countBelow, countUpTo } from "../base/sortedSearch.ts";
import { type Discoveries, benjaminiHochberg } from "./benjaminiHochberg.ts";

/** How well an outcome fits a prediction: a number that never falls as y grows, for any fixed prediction. */
export interface SelectionScore {
  /** For messages. */
  readonly name: string;
  score(prediction: number, y: number, threshold: number): number;
}

/**
 * The default: `-prediction` where `y <= threshold` and Infinity elsewhere, so that only calibration points that ought
 * not to be selected stand in the way of a selection. Usually the most powerful.
 */
export const clippedScore: SelectionScore = Object.freeze({
  name: "clipped",
  score: (prediction: number, y: number, threshold: number) => (y > threshold ? Infinity : -prediction),
});

/** `y - prediction`: the plain residual. */
export const residualScore: SelectionScore = Object.freeze({
  name: "residual",
  score: (prediction: number, y: number) => y - prediction,
});

/** Options of `conformalSelection`. */
export interface ConformalSelectionOptions {
  /** Test points with an outcome above this are wanted. Where it differs from point to point, subtract it from both. */
  readonly threshold: number;
  /** Allowed false discovery rate, strictly between 0 and 1. */
  readonly q: number;
  /** `clippedScore` (default), `residualScore`, or a record of your own. */
  readonly score?: SelectionScore;
  /**
   * `"conservative"` (default): ties count against a selection. `"random"`: each test point draws a u, which selects a
   * little more; with the numbers of `uniformStream(seed)`, or `u`.
   */
  readonly ties?: "conservative" | "random";
  /** Seed of random ties, a whole number >= 0. Default 0. */
  readonly seed?: number;
  /** Uniform numbers `[m]` in [0, 1] for random ties, in place of the seeded ones. */
  readonly u?: ArrayLike<number>;
}

/** Which test points to take. */
export interface ConformalSelection {
  /** Positions of the selected test points, ascending. */
  readonly selected: readonly number[];
  /** p-value of each test point `[m]` against "its outcome is not above the threshold". */
  readonly pValues: Float64Array;
  /** For each test point `[m]`, the least q at which it would be selected; at most 1. */
  readonly adjusted: Float64Array;
  readonly q: number;
  readonly guarantee: Extract<Guarantee, "fdr">;
  /** With so few calibration points no p-value could be small enough, whatever the predictions. */
  readonly reason?: "too-few-calibration";
}

/**
 * Selects test points whose unseen outcome is above a threshold, such as candidates worth an expensive test: the
 * expected share of mistakes among the selected is at most q, in finite samples, whatever the model and the data,
 * provided that calibration and test points are exchangeable. `O((n + m) log n)`.
 *
 * @param predictions predictions `[n]` for calibration points by a model that has not seen them
 * @param targets their outcomes `[n]`
 * @param testPredictions predictions `[m]` for the test points
 * @throws ConformalError E_EMPTY_CALIBRATION, E_ALPHA, E_NAN, E_LENGTH, E_RANGE
 * @see Jin, Candès, Selection by prediction with conformal p-values (2023). Conservative ties are counted for the
 *   calibration points and the test point alike, so that p-values are never 0.
 */
export function conformalSelection(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  testPredictions: ArrayLike<number>,
  options: ConformalSelectionOptions,
): ConformalSelection {
  const {
    threshold,
    q,
    score = clippedScore,
    seed = 0,
    u,
    ties = u === undefined ? "conservative" : "random",
  } = options;
  const where = "conformalSelection";
  const n = predictions.length;
  const m = testPredictions.length;
  if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one calibration point`);
  checkLength(where, "targets", targets.length, n);
  checkLevel(where, "q", q);
  if (Number.isNaN(threshold)) throw new ConformalError("E_NAN", `${where}: threshold is NaN`);
  if (ties !== "conservative" && ties !== "random") {
    throw new ConformalError("E_RANGE", `${where}: ties must be "conservative" or "random", got ${String(ties)}`);
  }
  if (u !== undefined) {
    if (ties !== "random") throw new ConformalError("E_RANGE", `${where}: u is for random ties only`);
    checkLength(where, "u", u.length, m);
    checkUniforms(where, u);
  }
  const read = (list: ArrayLike<number>, name: string, i: number): number => {
    const value = list[i] as number;
    if (Number.isFinite(value)) return value;
    const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
    throw new ConformalError(code, `${where}: ${name}[${i}] must be finite, got ${value}`, i);
  };
  const scoreOf = (prediction: number, outcome: number, i: number): number => {
    const value = score.score(prediction, outcome, threshold) + 0;
    if (!Number.isNaN(value)) return value;
    throw new ConformalError("E_NAN", `${where}: score ${score.name} is NaN for point ${i}`, i);
  };
  const calibration = new Float64Array(n);
  for (let i = 0; i < n; i++)
    calibration[i] = scoreOf(read(predictions, "predictions", i), read(targets, "targets", i), i);
  calibration.sort();
  const uniform = ties === "random" && u === undefined ? uniformStream(seed) : undefined;
  const pValues = Float64Array.from({ length: m }, (_, j) => {
    const value = scoreOf(read(testPredictions, "testPredictions", j), threshold, j);
    const upTo = countUpTo(calibration, value);
    if (ties === "conservative") return (upTo + 1) / (n + 1);
    const below = countBelow(calibration, value);
    const uj = uniform === undefined ? (u?.[j] as number) : uniform();
    return (below + uj * (upTo - below + 1)) / (n + 1);
  });
  const { selected, adjusted }: Discoveries = benjaminiHochberg(pValues, q);
  const result = { selected, pValues, adjusted, q, guarantee: "fdr" as const };
  // All m selected is the easiest, at p <= q: not even then is the least p-value small enough.
  const tooFew = ties === "conservative" && 1 / (n + 1) > q * (1 + 1e-9);
  return Object.freeze(tooFew ? { ...result, reason: "too-few-calibration" as const } : result);
}
