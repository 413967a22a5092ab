import { binomialCdf } from "../base/binomial.ts";
import type { LawVerdict } from "./verdict.ts";

/** A count of independent repetitions, of which at least a share of `1 - alpha` should be covered. */
export interface CoverageTrial {
  readonly calibrationSize: number;
  readonly splits: number;
  /** Splits whose test example was covered (for other laws: in which the statement was true). */
  readonly covered: number;
  /** Probability of so few covered splits, or fewer, if each were covered with probability `1 - alpha`. */
  readonly pValue: number;
}

/** Verdict of a law that repeats an experiment, with the counts behind it. */
export interface TrialsVerdict<Trial extends CoverageTrial> extends LawVerdict {
  readonly trials: readonly Trial[];
}

/** A trial with its exact binomial p-value. */
export function coverageTrial(calibrationSize: number, splits: number, covered: number, alpha: number): CoverageTrial {
  return { calibrationSize, splits, covered, pValue: binomialCdf(covered, splits, 1 - alpha) };
}

/** The law holds unless a trial's p-value is below its share of the risk. */
export function verdictOfTrials<Trial extends CoverageTrial>(
  law: string,
  trials: readonly Trial[],
  risk: number,
  describe: (trial: Trial) => string,
): TrialsVerdict<Trial> {
  const failed = trials.filter((trial) => trial.pValue < risk / trials.length);
  const holds = failed.length === 0;
  return { law, holds, message: (holds ? trials : failed).map(describe).join("; "), trials };
}

/** What a trial saw, in words. */
export function describeTrial({ splits, covered, pValue, calibrationSize }: CoverageTrial, alpha: number): string {
  const least = Number((1 - alpha).toPrecision(12));
  return (
    `with ${calibrationSize} calibration examples ${covered} of ${splits} splits were covered, ` +
    `${printPValue(pValue)} for a coverage of ${least}`
  );
}

/** The least calibration size with a finite threshold at level alpha. */
export function leastFiniteSize(alpha: number): number {
  return Math.max(1, Math.ceil(1 / alpha - 1e-9) - 1);
}

/** A p-value in words; those that underflow are only known to be small. */
export function printPValue(pValue: number): string {
  return pValue < 1e-300 ? "p < 1e-300" : `p = ${pValue.toExponential(1)}`;
}
