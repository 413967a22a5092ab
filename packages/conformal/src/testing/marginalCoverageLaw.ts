import { ConformalError } from "../base/errors.ts";
import { checkAlpha, checkWhole } from "../base/checks.ts";
import { binomialLaw } from "../base/countLaw.ts";
import { uniformStream } from "../base/random.ts";
import type { LabelledExample, SetProcedure } from "./procedure.ts";
import { shuffled } from "./shuffle.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `marginalCoverageLaw`. */
export interface MarginalCoverageLawOptions<Example extends LabelledExample> {
  readonly procedure: SetProcedure<Example>;
  /** Examples to split again and again; more than the largest calibration size. */
  readonly examples: readonly Example[];
  /** Allowed miscoverage. Default 0.1. */
  readonly alpha?: number;
  /**
   * Calibration sizes to try. Default: 1, 3, `m` and `2m + 1` with `m = ceil(1/alpha) - 1`, the least size with a
   * finite threshold: there an error of one rank is as visible as it gets.
   */
  readonly calibrationSizes?: readonly number[];
  /** Random splits for each size. Default `ceil(100 / alpha)`. */
  readonly splits?: number;
  /** Seed of the splits, a whole number >= 0. Default 0. */
  readonly seed?: number;
  /** Probability of failing a valid procedure, all sizes together. Default 1e-6. */
  readonly risk?: number;
}

/** What happened at one calibration size. */
export interface CoverageTrial {
  readonly calibrationSize: number;
  readonly splits: number;
  /** Splits whose test example was covered. */
  readonly covered: number;
  /** Probability of so few covered splits, or fewer, if each were covered with probability `1 - alpha`. */
  readonly pValue: number;
}

/** Verdict of `marginalCoverageLaw`, with the counts behind it. */
export interface MarginalCoverageVerdict extends LawVerdict {
  readonly trials: readonly CoverageTrial[];
}

/**
 * Does a procedure cover with probability at least `1 - alpha`? Every split draws calibration examples and one test
 * example from the pool without replacement, so that they are exchangeable whatever the pool is; splits are independent
 * given the pool. A valid procedure therefore covers a binomial number of splits with success probability >= 1 - alpha,
 * and fails this law with probability at most `risk`: no tolerance is chosen by hand.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 */
export function marginalCoverageLaw<Example extends LabelledExample>(
  options: MarginalCoverageLawOptions<Example>,
): MarginalCoverageVerdict {
  const { procedure, examples, alpha = 0.1, seed = 0, risk = 1e-6 } = options;
  checkAlpha("marginalCoverageLaw", alpha);
  const { calibrationSizes = defaultSizes(alpha), splits = Math.ceil(100 / alpha) } = options;
  checkWhole("marginalCoverageLaw", "splits", splits, 1);
  for (const size of calibrationSizes) {
    checkWhole("marginalCoverageLaw", "calibrationSizes", size, 1);
    if (size >= examples.length) {
      const found = `${examples.length} examples`;
      throw new ConformalError("E_RANGE", `marginalCoverageLaw: needs more than ${size} examples, got ${found}`);
    }
  }
  const uniform = uniformStream(seed);
  const law = binomialLaw(splits, 1 - alpha);
  const trials = calibrationSizes.map((calibrationSize): CoverageTrial => {
    let covered = 0;
    for (let split = 0; split < splits; split++) {
      const drawn = shuffled(examples, uniform, calibrationSize + 1);
      const test = drawn.pop() as Example;
      if (procedure(drawn, alpha)(test).includes(test.label)) covered++;
    }
    return { calibrationSize, splits, covered, pValue: sumUpTo(law, covered) };
  });
  const failed = trials.filter((trial) => trial.pValue < risk / trials.length);
  return {
    law: "marginalCoverageLaw",
    holds: failed.length === 0,
    message: (failed.length === 0 ? trials : failed).map((trial) => describe(trial, alpha)).join("; "),
    trials,
  };
}

function defaultSizes(alpha: number): number[] {
  const least = Math.max(1, Math.ceil(1 / alpha) - 1);
  return [...new Set([1, 3, least, 2 * least + 1])];
}

function sumUpTo(law: Float64Array, last: number): number {
  let sum = 0;
  for (let count = 0; count <= last; count++) sum += law[count] as number;
  return Math.min(1, sum);
}

function describe({ calibrationSize, splits, covered, pValue }: CoverageTrial, alpha: number): string {
  const least = 1 - alpha;
  return (
    `with ${calibrationSize} calibration examples ${covered} of ${splits} splits were covered, ` +
    `p = ${pValue.toExponential(1)} for a coverage of ${least}`
  );
}
