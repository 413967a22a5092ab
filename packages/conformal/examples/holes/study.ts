import { clopperPearson, uniformStream } from "@parsimony/conformal";
import { binomialTailK, pruneFamily, treeErrors } from "@parsimony/conformal/tree";
import type { Prediction } from "./predictions.ts";

/** `-log` of the least probability that the kept tokens may have together. */
export const BUDGETS: readonly number[] = [
  0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2, 2.5, 3, 4, 6, 9,
];

export interface StudyOptions {
  readonly maxHoles: readonly number[];
  readonly alphas: readonly number[];
  readonly delta: number;
  /** Statements in a calibration set, and how many such sets are drawn. */
  readonly calibration: number;
  readonly draws: number;
  readonly seed: number;
  /** How many errors a calibration set may have. Default `binomialTailK`. */
  readonly allowed?: (n: number, alpha: number, delta: number) => number | null;
}

/** What happened with one number of holes and one allowed error rate. */
export interface StudyRow {
  readonly maxHoles: number;
  readonly alpha: number;
  /** Share of nodes that are kept, averaged over statements and calibration sets. */
  readonly kept: number;
  /** Error rate of the partial programs over all statements, averaged over calibration sets. */
  readonly error: number;
  /** Calibration sets after which the error rate over all statements is above alpha. */
  readonly misled: number;
  readonly draws: number;
  /** Does the exact lower bound (Clopper-Pearson, risk 1e-6) of the share of such sets lie at most at delta? */
  readonly asPromised: boolean;
}

/**
 * Draws calibration sets with replacement from all statements, so that these are the whole population and the error rate
 * of a choice is known exactly, not estimated from a test set.
 */
export function study(predictions: readonly Prediction[], options: StudyOptions): StudyRow[] {
  const { maxHoles, alphas, delta, calibration, draws, seed, allowed = binomialTailK } = options;
  const u = uniformStream(seed);
  const drawn = Array.from({ length: draws }, () =>
    Array.from({ length: calibration }, () => Math.floor(u() * predictions.length)),
  );
  return maxHoles.flatMap((holes) => {
    const errors = treeErrors(predictions, { budgets: BUDGETS, maxHoles: holes });
    const shares = predictions.map(({ predicted }) =>
      pruneFamily(predicted, BUDGETS, { maxHoles: holes }).map(({ count }) => count / predicted.nodes.length),
    );
    const error = BUDGETS.map((_, b) => mean(errors.map((row) => row[b] as number)));
    const kept = BUDGETS.map((_, b) => mean(shares.map((row) => row[b] as number)));
    return alphas.map((alpha) => {
      const k = allowed(calibration, alpha, delta) ?? -1;
      const chosen = drawn.map((sample) => {
        const fails = BUDGETS.findIndex((_, b) => sample.reduce((sum, i) => sum + (errors[i]?.[b] ?? 0), 0) > k);
        return (fails < 0 ? BUDGETS.length : fails) - 1;
      });
      const misled = chosen.filter((b) => b >= 0 && (error[b] as number) > alpha).length;
      return {
        maxHoles: holes,
        alpha,
        kept: mean(chosen.map((b) => kept[b] ?? 0)),
        error: mean(chosen.map((b) => error[b] ?? 0)),
        misled,
        draws,
        asPromised: clopperPearson(misled, draws, 1e-6).lower <= delta,
      };
    });
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
