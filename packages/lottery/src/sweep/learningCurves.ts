import { checkOpenShare } from "../base/checks.ts";
import type { CurvePoint } from "../train/run.ts";
import type { JobResult } from "./executeJob.ts";
import { groupRuns, type Measure, valuesOf } from "./groups.ts";
import type { SweepResult } from "./runSweep.ts";
import { type Statistic, statisticOf } from "./statistics.ts";

/** A point of a learning curve, over all runs of one net. */
export interface LearningPoint {
  readonly experiment: string;
  readonly net: string;
  readonly level: number;
  readonly step: number;
  readonly statistic: Statistic;
}

export interface LearningCurvesOptions {
  /** What is drawn. Default: the validation loss. */
  readonly measure?: (point: CurvePoint) => number | undefined;
  /** Default: 0.95. */
  readonly confidence?: number;
}

/** How runs learn: a number of the net at every step at which it was looked at, over the seeds that were. As `aggregate` otherwise. */
export function learningCurves(
  results: readonly SweepResult<JobResult>[],
  { measure = ({ validation }) => validation.loss, confidence = 0.95 }: LearningCurvesOptions = {},
): LearningPoint[] {
  checkOpenShare("learningCurves", "confidence", confidence);
  return groupRuns("learningCurves", results).flatMap((group) => {
    const { experiment, net, level, seeds } = group;
    const looks = [...seeds.values()].flatMap((runs) => runs.flatMap(({ curve }) => curve.map(({ step }) => step)));
    const steps = [...new Set(looks)].sort((a, b) => a - b);
    return steps.map((step): LearningPoint => {
      const at: Measure = ({ curve }) => {
        const point = curve.find((each) => each.step === step);
        return point === undefined ? undefined : measure(point);
      };
      return { experiment, net, level, step, statistic: statisticOf(valuesOf(group, at), confidence) };
    });
  });
}
