import { checkAlpha, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { uniformStream } from "../base/random.ts";
import {
  type CoverageTrial,
  coverageTrial,
  printPValue,
  type TrialsVerdict,
  verdictOfTrials,
} from "./coverageTrial.ts";
import { shuffled } from "./shuffle.ts";

/**
 * A procedure that makes one statement about a whole batch of test examples: calibrates, then says whether its
 * statement about the batch is true ("at least 90 of these 100 are covered", "their mean is below the bound").
 */
export type BatchProcedure<Example> = (
  calibration: readonly Example[],
  alpha: number,
) => (batch: readonly Example[]) => boolean;

/** Options of `batchLaw`. */
export interface BatchLawOptions<Example> {
  readonly procedure: BatchProcedure<Example>;
  /** Examples to split again and again. */
  readonly examples: readonly Example[];
  readonly calibrationSize: number;
  readonly batchSize: number;
  /** Allowed probability that the statement is false. Default 0.1. */
  readonly alpha?: number;
  /** Random splits. Default `ceil(100 / alpha)`. */
  readonly splits?: number;
  /** Seed of the splits, a whole number >= 0. Default 0. */
  readonly seed?: number;
  /** Probability of failing a valid procedure. Default 1e-6. */
  readonly risk?: number;
}

/**
 * Is a statement about a batch true with probability at least `1 - alpha`? Calibration examples and batch are drawn
 * from the pool without replacement, so that they are exchangeable; the verdict is exactly binomial.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 */
export function batchLaw<Example>(options: BatchLawOptions<Example>): TrialsVerdict<CoverageTrial> {
  const law = "batchLaw";
  const { procedure, examples, calibrationSize, batchSize, alpha = 0.1, seed = 0, risk = 1e-6 } = options;
  checkAlpha(law, alpha);
  const { splits = Math.ceil(100 / alpha) } = options;
  checkWhole(law, "splits", splits, 1);
  checkWhole(law, "calibrationSize", calibrationSize, 1);
  checkWhole(law, "batchSize", batchSize, 1);
  const size = calibrationSize + batchSize;
  if (size > examples.length) {
    throw new ConformalError("E_RANGE", `${law}: needs ${size} examples, got ${examples.length}`);
  }
  const uniform = uniformStream(seed);
  let kept = 0;
  for (let split = 0; split < splits; split++) {
    const drawn = shuffled(examples, uniform, size);
    if (procedure(drawn.slice(0, calibrationSize), alpha)(drawn.slice(calibrationSize))) kept++;
  }
  const trials = [coverageTrial(calibrationSize, splits, kept, alpha)];
  return verdictOfTrials(law, trials, risk, ({ covered, pValue }) => {
    const seen = `the statement was true for ${covered} of ${splits} batches of ${batchSize}`;
    return `with ${calibrationSize} calibration examples ${seen}, ${printPValue(pValue)} for ${1 - alpha}`;
  });
}
