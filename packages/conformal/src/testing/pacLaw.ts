import { checkLevel, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { uniformStream } from "../base/random.ts";
import {
  type CoverageTrial,
  coverageTrial,
  printPValue,
  type TrialsVerdict,
  verdictOfTrials,
} from "./coverageTrial.ts";
import { isCovered, type TruthOptions } from "./outcome.ts";
import type { Procedure } from "./procedure.ts";

/** Options of `pacLaw`. */
export interface PacLawOptions<Example> extends TruthOptions<Example> {
  /** Called with the `alpha` of the promise. */
  readonly procedure: Procedure<Example>;
  /** The population. */
  readonly examples: readonly Example[];
  /** Largest allowed share of uncovered examples. */
  readonly alpha: number;
  /** Allowed probability, over calibration sets, of a larger share. */
  readonly delta: number;
  /** Default: the least n with `(1 - alpha)^n <= delta`, where a finite threshold becomes possible, and twice it. */
  readonly calibrationSizes?: readonly number[];
  /** Calibration sets to draw for each size. Default `ceil(100 / delta)`. */
  readonly draws?: number;
  /** Seed of the draws, a whole number >= 0. Default 0. */
  readonly seed?: number;
  /** Probability of failing a valid procedure, all sizes together. Default 1e-6. */
  readonly risk?: number;
}

/**
 * Does a procedure keep a PAC promise: with probability at least `1 - delta` over calibration sets, at most a share
 * `alpha` of the population is uncovered from then on? Calibration examples are drawn from the pool with replacement,
 * so that the pool is the population, and the share is counted on all of it: no estimate. The number of bad draws is
 * binomial with probability at most `delta` for a valid procedure, which fails with probability at most `risk`.
 *
 * @throws ConformalError E_ALPHA for alpha or delta, E_RANGE
 */
export function pacLaw<Example>(options: PacLawOptions<Example>): TrialsVerdict<CoverageTrial> {
  const law = "pacLaw";
  const { procedure, examples, alpha, delta, truth, seed = 0, risk = 1e-6 } = options;
  checkLevel(law, "alpha", alpha);
  checkLevel(law, "delta", delta);
  const least = Math.max(1, Math.ceil(Math.log(delta) / Math.log1p(-alpha)));
  const { calibrationSizes = [least, 2 * least], draws = Math.ceil(100 / delta) } = options;
  checkWhole(law, "draws", draws, 1);
  if (examples.length === 0) throw new ConformalError("E_RANGE", `${law}: needs at least one example, got none`);
  const uniform = uniformStream(seed);
  const pick = (): Example => examples[Math.floor(uniform() * examples.length)] as Example;
  const allowed = alpha * examples.length * (1 + 1e-9);
  const trials = calibrationSizes.map((size) => {
    checkWhole(law, "calibrationSizes", size, 1);
    let good = 0;
    for (let draw = 0; draw < draws; draw++) {
      const regionOf = procedure(Array.from({ length: size }, pick), alpha);
      let missed = 0;
      for (const test of examples) if (!isCovered(regionOf(test), test, truth)) missed++;
      if (missed <= allowed) good++;
    }
    return coverageTrial(size, draws, good, delta);
  });
  return verdictOfTrials(law, trials, risk, ({ calibrationSize, splits, covered, pValue }) => {
    const bad = `${splits - covered} of ${splits} draws left more than a share of ${alpha} uncovered`;
    return `with ${calibrationSize} calibration examples ${bad}, ${printPValue(pValue)} for delta = ${delta}`;
  });
}
