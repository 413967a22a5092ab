import { checkAlpha } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { reaches } from "../quantile/rank.ts";
import { isCovered, type TruthOptions } from "./outcome.ts";
import type { Procedure } from "./procedure.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `enumeratedCoverage`. */
export interface EnumeratedCoverageOptions<Example> extends TruthOptions<Example> {
  /** Levels to check. Default: all multiples of `1 / (2 (n + 1))`, where every rank and every rounding is met. */
  readonly alphas?: readonly number[];
  /**
   * `"all"`: every order of the examples, `(n + 1)!` of them, for at most 8 examples. `"leave-one-out"`: each example
   * is the test example once, with the others in their order, which is the same for a procedure that ignores the order
   * of its calibration examples. Default `"all"` up to 6 examples.
   */
  readonly orders?: "all" | "leave-one-out";
  /**
   * Demand `coverage < 1 - alpha + 1 / (n + 1)` too, which split conformal prediction keeps for distinct scores: a rank
   * that is one too high wastes labels and is no error of validity. Default false.
   */
  readonly tight?: boolean;
}

/** Exact coverage at one level: `covered` of `total` orders. */
export interface EnumeratedLevel {
  readonly alpha: number;
  readonly covered: number;
  readonly total: number;
}

/** Verdict of `enumeratedCoverage`, with the counts behind it. */
export interface EnumeratedCoverageVerdict extends LawVerdict {
  readonly levels: readonly EnumeratedLevel[];
}

/**
 * A proof in place of a simulation. Given which `n + 1` examples were drawn, exchangeability makes every order equally
 * probable, so the coverage is a count: in how many orders is the last example covered by the procedure calibrated on
 * the others? The law holds when the count reaches `1 - alpha` at every level.
 *
 * For a procedure on scores (examples that are numbers) which looks at their ranks only, one vector of distinct scores
 * decides for all continuous distributions, and `tiePatterns` for all others.
 *
 * @param examples `n + 1` of them, at least 2
 * @throws ConformalError E_ALPHA; E_RANGE for too few, or for all orders of more than 8
 */
export function enumeratedCoverage<Example>(
  procedure: Procedure<Example>,
  examples: readonly Example[],
  options: EnumeratedCoverageOptions<Example> = {},
): EnumeratedCoverageVerdict {
  const law = "enumeratedCoverage";
  const size = examples.length;
  if (size < 2) throw new ConformalError("E_RANGE", `${law}: needs at least 2 examples, got ${size}`);
  const {
    truth,
    tight = false,
    orders = size <= 6 ? "all" : "leave-one-out",
    alphas = Array.from({ length: 2 * size - 1 }, (_, i) => (i + 1) / (2 * size)),
  } = options;
  if (orders === "all" && size > 8) {
    throw new ConformalError("E_RANGE", `${law}: ${size} examples have too many orders; ask for "leave-one-out"`);
  }
  const drawn = orders === "all" ? permutations(examples) : examples.map((_, i) => toLast(examples, i));
  const levels = alphas.map((alpha): EnumeratedLevel => {
    checkAlpha(law, alpha);
    let covered = 0;
    for (const order of drawn) {
      const test = order[size - 1] as Example;
      if (isCovered(procedure(order.slice(0, -1), alpha)(test), test, truth)) covered++;
    }
    return { alpha, covered, total: drawn.length };
  });
  const tooFew = levels.find(({ alpha, covered, total }) => !reaches(covered, total, alpha));
  const tooMany = levels.find(({ alpha, covered, total }) => reaches(covered - total / size, total, alpha));
  const failed = tooFew ?? (tight ? tooMany : undefined);
  const print = ({ alpha, covered, total }: EnumeratedLevel): string =>
    `${covered} of ${total} orders are covered at alpha = ${Number(alpha.toPrecision(6))}`;
  if (failed !== undefined) {
    const bound = failed === tooFew ? "too few" : "one rank too many";
    return { law, holds: false, message: `${print(failed)}: ${bound}`, levels };
  }
  return { law, holds: true, message: `${levels.length} levels, ${drawn.length} orders each: proved`, levels };
}

/**
 * Every pattern of ties that `count` scores can have, as ascending ranks from 1: `[1, 1]` and `[1, 2]` for two. For
 * `enumeratedCoverage`: `2 ** (count - 1)` patterns.
 *
 * @throws ConformalError E_RANGE for a count outside 1..16
 */
export function tiePatterns(count: number): number[][] {
  if (!Number.isInteger(count) || count < 1 || count > 16) {
    throw new ConformalError("E_RANGE", `tiePatterns: count must be a whole number in 1..16, got ${count}`);
  }
  return Array.from({ length: 2 ** (count - 1) }, (_, pattern) => {
    const ranks = [1];
    for (let i = 1; i < count; i++) ranks.push((ranks[i - 1] as number) + ((pattern >> (i - 1)) & 1));
    return ranks;
  });
}

function permutations<T>(values: readonly T[]): T[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, i) => permutations(values.toSpliced(i, 1)).map((rest) => [...rest, value]));
}

function toLast<T>(values: readonly T[], i: number): T[] {
  return [...values.slice(0, i), ...values.slice(i + 1), values[i] as T];
}
