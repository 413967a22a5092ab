import { checkLevel, checkPositive } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { type FamilywiseProcedure, holm } from "./familywise.ts";
import { checkRisk, type LossMatrix, readLosses, sumOf } from "./losses.ts";
import { type RiskPValue, hoeffdingBentkusPValue } from "./pValues.ts";

/** What a p-value of a risk needs. */
export interface RiskPValuesOptions {
  /** The largest expected loss that is allowed, above 0 and below `bound`. */
  readonly alpha: number;
  /** Losses are in [0, bound]. Default 1. */
  readonly bound?: number;
  /** The p-value of "the expected loss is above alpha". Default `hoeffdingBentkusPValue`. */
  readonly pValue?: RiskPValue;
}

/** Options of `learnThenTest`. */
export interface LearnThenTestOptions extends RiskPValuesOptions {
  /** The probability with which any selected setting may have a larger risk; strictly between 0 and 1. */
  readonly delta: number;
  /** The multiple test. Default `holm`. */
  readonly procedure?: FamilywiseProcedure;
}

/** The settings that were found safe. */
export interface SafeSettings {
  /** Positions of the safe settings, ascending; possibly none. */
  readonly selected: readonly number[];
  /** The p-value of each setting. */
  readonly pValues: readonly number[];
  /** The mean loss of each setting. */
  readonly risks: readonly number[];
  /** Number of calibration points. */
  readonly n: number;
  readonly alpha: number;
  readonly delta: number;
  readonly guarantee: Extract<Guarantee, "pac">;
  /** Set when no setting was found safe. */
  readonly reason?: "none-certified";
}

/**
 * Learn then test: all settings of a decision rule whose expected loss is at most alpha, with probability at least
 * `1 - delta` for all of them together. The loss need not be monotone and a setting can be anything: a threshold, a
 * pair of thresholds, a model. Any of the selected may be used, also the one that looks best.
 *
 * For several risks at once take the largest of their `riskPValues` for each setting and call the procedure yourself.
 *
 * @param losses losses of the calibration points `[n, settings]`, in [0, bound]
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 * @see Angelopoulos, Bates, Candès, Jordan, Lei, Learn then test: calibrating predictive algorithms to achieve risk
 *   control (2021), theorem 1
 */
export function learnThenTest(losses: LossMatrix, options: LearnThenTestOptions): SafeSettings {
  const { alpha, delta, procedure = holm } = options;
  checkLevel("learnThenTest", "delta", delta);
  const { pValues, risks, n } = testRisks("learnThenTest", losses, options);
  const selected = procedure(pValues, delta);
  return Object.freeze({
    selected: Object.freeze(selected),
    pValues: Object.freeze(pValues),
    risks: Object.freeze(risks),
    n,
    alpha,
    delta,
    guarantee: "pac",
    ...(selected.length === 0 ? { reason: "none-certified" as const } : {}),
  });
}

/**
 * The p-value of "the expected loss is above alpha" for each setting.
 *
 * @param losses losses of the calibration points `[n, settings]`, in [0, bound]
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 */
export function riskPValues(losses: LossMatrix, options: RiskPValuesOptions): number[] {
  return testRisks("riskPValues", losses, options).pValues;
}

function testRisks(
  where: string,
  losses: LossMatrix,
  { alpha, bound = 1, pValue = hoeffdingBentkusPValue }: RiskPValuesOptions,
): { pValues: number[]; risks: number[]; n: number } {
  checkPositive(where, "bound", bound);
  checkRisk(where, alpha, bound);
  const { points: n, columns } = readLosses(where, losses, { least: 0, largest: bound });
  const pValues = columns.map((column, j) => {
    const p = pValue(bound === 1 ? column : column.map((x) => x / bound), alpha / bound);
    if (!(p >= 0)) throw new ConformalError("E_NAN", `${where}: the p-value of setting ${j} is ${p}`, j);
    return p;
  });
  return { pValues, risks: columns.map((column) => sumOf(column) / n), n };
}
