import { checkAlpha, checkLabels, checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { ProbabilityMatrix } from "../base/matrix.ts";
import { rowUniform } from "../base/random.ts";
import type { BinaryScore } from "./binaryScores.ts";
import { readConceptRows } from "./concepts.ts";
import type { Rule } from "./rule.ts";
import { type RuleCircuit, ruleCircuit } from "./ruleCircuit.ts";
import type { RuleSetMode } from "./ruleSetPredictor.ts";
import { ruleSets } from "./ruleSets.ts";

/** Options of `diagnoseRules`. */
export interface DiagnoseRulesOptions {
  /** Number of classes: they are the first concepts. */
  readonly classes: number;
  /** Allowed miscoverage of the sets that are compared. Default 0.1. */
  readonly alpha?: number;
  readonly mode?: RuleSetMode;
  readonly score?: BinaryScore;
  /** Folds: sets for a fold are calibrated on the others. Default 5. */
  readonly folds?: number;
  /** Seed of the division into folds, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/** How a set of rules does on held-out folds. */
export interface RuleQuality {
  /** Share of rows whose most probable class is the true one. */
  readonly accuracy: number;
  /** Share of rows whose set holds the true class. */
  readonly coverage: number;
  readonly meanSetSize: number;
}

/** What rules contribute, all together and one by one. */
export interface RuleDiagnosis {
  readonly withoutRules: RuleQuality;
  readonly withRules: RuleQuality;
  /** For each rule: the quality when that rule alone is taken away, and what it had added with the others in place. */
  readonly rules: readonly {
    readonly rule: Rule;
    readonly without: RuleQuality;
    /** Accuracy with all rules less accuracy without this one: positive for a rule that helps. */
    readonly accuracyGain: number;
    /** Mean set size with all rules less that without this one: negative for a rule that helps. */
    readonly setSizeChange: number;
  }[];
}

/**
 * Accuracy, coverage and mean set size with all rules, without any, and without each one, on folds that took no part in
 * the calibration. A help for choosing rules, not a guarantee: after a choice, calibrate on other points than these.
 * Rows go to folds by a hash of their values, so the result does not depend on their order.
 *
 * @param probabilities raw concept probabilities `[n, concepts]`, the classes first
 * @param labels true classes `[n]`
 * @throws ConformalError E_RANGE, E_ALPHA, E_LENGTH, E_NAN, E_PROBS; E_EMPTY_CALIBRATION when a fold leaves no others
 */
export function diagnoseRules(
  circuit: RuleCircuit,
  probabilities: ProbabilityMatrix,
  labels: ArrayLike<number>,
  options: DiagnoseRulesOptions,
): RuleDiagnosis {
  const where = "diagnoseRules";
  const { classes, alpha = 0.1, mode, score, folds = 5, seed = 0 } = options;
  checkWhole(where, "classes", classes, 1);
  checkWhole(where, "folds", folds, 2);
  checkAlpha(where, alpha);
  const { concepts } = circuit;
  if (classes > concepts.length) {
    throw new ConformalError("E_RANGE", `${where}: there are ${concepts.length} concepts, got ${classes} classes`);
  }
  const rows = readConceptRows(where, probabilities, concepts.length);
  checkLength(where, "labels", labels.length, rows.length);
  checkLabels(where, labels, classes);
  const foldOf = rows.map((row) => Math.floor(folds * rowUniform(seed, row)));
  const method = ruleSets({ classes, alpha, ...(mode && { mode }), ...(score && { score }) });

  const qualityOf = (model: RuleCircuit): RuleQuality => {
    const corrected = model.inferRows(rows);
    let [right, covered, size] = [0, 0, 0];
    for (let fold = 0; fold < folds; fold++) {
      const inside = rows.flatMap((_, i) => (foldOf[i] === fold ? [i] : []));
      if (inside.length === 0) continue;
      const others = rows.flatMap((_, i) => (foldOf[i] === fold ? [] : [i]));
      const predictor = method.calibrate(
        others.map((i) => corrected[i] as Float64Array),
        others.map((i) => labels[i] as number),
      );
      for (const i of inside) {
        const row = corrected[i] as Float64Array;
        const label = labels[i] as number;
        const set = predictor.predictSet(row).labels;
        if (mostProbable(row, classes) === label) right++;
        if (set.includes(label)) covered++;
        size += set.length;
      }
    }
    const count = rows.length;
    return { accuracy: right / count, coverage: covered / count, meanSetSize: size / count };
  };

  const withRules = qualityOf(circuit);
  return {
    withoutRules: qualityOf(ruleCircuit({ concepts, rules: [] })),
    withRules,
    rules: circuit.rules.map((rule, i) => {
      const without = qualityOf(circuit.withoutRule(i));
      return {
        rule,
        without,
        accuracyGain: withRules.accuracy - without.accuracy,
        setSizeChange: withRules.meanSetSize - without.meanSetSize,
      };
    }),
  };
}

/** The first of the largest. */
function mostProbable(row: Float64Array, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) if ((row[k] as number) > (row[best] as number)) best = k;
  return best;
}
