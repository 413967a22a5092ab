import { ConformalError } from "../base/errors.ts";
import { checkAlpha, checkWhole } from "../base/checks.ts";
import type { Group } from "../base/group.ts";
import { uniformStream } from "../base/random.ts";
import {
  type CoverageTrial,
  coverageTrial,
  describeTrial,
  type TrialsVerdict,
  verdictOfTrials,
} from "./coverageTrial.ts";
import { isCovered, type TruthOptions } from "./outcome.ts";
import type { Procedure } from "./procedure.ts";
import { shuffled } from "./shuffle.ts";

/** Options of `conditionalCoverageLaw`. */
export interface ConditionalCoverageLawOptions<Example> extends TruthOptions<Example> {
  readonly procedure: Procedure<Example>;
  /** Examples to split again and again. */
  readonly examples: readonly Example[];
  /** The group of an example; its label, for label-conditional coverage. */
  readonly groupOf: (example: Example) => Group;
  /** Allowed miscoverage within each group. Default 0.1. */
  readonly alpha?: number;
  /** Calibration examples of all groups together. Default: half of the examples. */
  readonly calibrationSize?: number;
  /** Random splits for each group. Default `ceil(100 / alpha)`. */
  readonly splits?: number;
  /** Seed of the splits, a whole number >= 0. Default 0. */
  readonly seed?: number;
  /** Probability of failing a valid procedure, all groups together. Default 1e-6. */
  readonly risk?: number;
}

/** What happened to the test examples of one group. */
export interface GroupTrial extends CoverageTrial {
  readonly group: Group;
}

/**
 * Does a procedure cover with probability at least `1 - alpha` within every group? For each group the test example is
 * drawn from the group and the calibration examples from all others, which is what exchangeable data look like when the
 * test example's group is known. Exact binomial verdicts as in `marginalCoverageLaw`.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 */
export function conditionalCoverageLaw<Example>(
  options: ConditionalCoverageLawOptions<Example>,
): TrialsVerdict<GroupTrial> {
  const law = "conditionalCoverageLaw";
  const { procedure, examples, groupOf, truth, alpha = 0.1, seed = 0, risk = 1e-6 } = options;
  checkAlpha(law, alpha);
  const { calibrationSize = Math.floor(examples.length / 2), splits = Math.ceil(100 / alpha) } = options;
  checkWhole(law, "splits", splits, 1);
  checkWhole(law, "calibrationSize", calibrationSize, 1);
  if (calibrationSize >= examples.length) {
    throw new ConformalError("E_RANGE", `${law}: needs more than ${calibrationSize} examples, got ${examples.length}`);
  }
  const members = new Map<Group, number[]>();
  examples.forEach((example, i) => {
    const group = groupOf(example);
    members.set(group, [...(members.get(group) ?? []), i]);
  });
  const uniform = uniformStream(seed);
  const trials = Array.from(members, ([group, positions]): GroupTrial => {
    let covered = 0;
    for (let split = 0; split < splits; split++) {
      const chosen = positions[Math.floor(uniform() * positions.length)] as number;
      const test = examples[chosen] as Example;
      const calibration = shuffled(examples.toSpliced(chosen, 1), uniform, calibrationSize);
      if (isCovered(procedure(calibration, alpha)(test), test, truth)) covered++;
    }
    return { group, ...coverageTrial(calibrationSize, splits, covered, alpha) };
  });
  return verdictOfTrials(law, trials, risk, (trial) => `group ${trial.group}: ${describeTrial(trial, alpha)}`);
}
