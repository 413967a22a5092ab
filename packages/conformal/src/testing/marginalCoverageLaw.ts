import { ConformalError } from "../base/errors.ts";
import { checkAlpha, checkWhole } from "../base/checks.ts";
import { uniformStream } from "../base/random.ts";
import {
  type CoverageTrial,
  coverageTrial,
  describeTrial,
  leastFiniteSize,
  type TrialsVerdict,
  verdictOfTrials,
} from "./coverageTrial.ts";
import { isCovered, type TruthOptions } from "./outcome.ts";
import type { Procedure } from "./procedure.ts";
import { shuffled } from "./shuffle.ts";

/** Options of `marginalCoverageLaw`. */
export interface MarginalCoverageLawOptions<Example> extends TruthOptions<Example> {
  readonly procedure: Procedure<Example>;
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

/** Verdict of `marginalCoverageLaw`, with the counts behind it. */
export type MarginalCoverageVerdict = TrialsVerdict<CoverageTrial>;

/**
 * Does a procedure cover with probability at least `1 - alpha`? For sets of labels, intervals, or anything that can say
 * whether it covers an example. Every split draws calibration examples and one test example from the pool without
 * replacement, so that they are exchangeable whatever the pool is; splits are independent given the pool. A valid
 * procedure therefore covers a binomial number of splits with success probability >= 1 - alpha, and fails this law with
 * probability at most `risk`: no tolerance is chosen by hand.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 */
export function marginalCoverageLaw<Example>(options: MarginalCoverageLawOptions<Example>): MarginalCoverageVerdict {
  const law = "marginalCoverageLaw";
  const { procedure, examples, truth, alpha = 0.1, seed = 0, risk = 1e-6 } = options;
  checkAlpha(law, alpha);
  const { calibrationSizes = defaultSizes(alpha), splits = Math.ceil(100 / alpha) } = options;
  checkWhole(law, "splits", splits, 1);
  for (const size of calibrationSizes) {
    checkWhole(law, "calibrationSizes", size, 1);
    if (size >= examples.length) {
      throw new ConformalError("E_RANGE", `${law}: needs more than ${size} examples, got ${examples.length} examples`);
    }
  }
  const uniform = uniformStream(seed);
  const trials = calibrationSizes.map((size) => {
    let covered = 0;
    for (let split = 0; split < splits; split++) {
      const drawn = shuffled(examples, uniform, size + 1);
      const test = drawn.pop() as Example;
      if (isCovered(procedure(drawn, alpha)(test), test, truth)) covered++;
    }
    return coverageTrial(size, splits, covered, alpha);
  });
  return verdictOfTrials(law, trials, risk, (trial) => describeTrial(trial, alpha));
}

function defaultSizes(alpha: number): number[] {
  const least = leastFiniteSize(alpha);
  return [...new Set([1, 3, least, 2 * least + 1])];
}
