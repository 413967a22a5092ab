import { type AggregateOptions, type SweepSummary, aggregate } from "../sweep/aggregate.ts";
import type { JobResult } from "../sweep/executeJob.ts";
import { type LearningPoint, learningCurves } from "../sweep/learningCurves.ts";
import type { SweepResult } from "../sweep/runSweep.ts";

/** The numbers behind the charts: plain data, ready for `JSON.stringify`; each part is a table for `toCsv`. */
export interface TicketData {
  readonly summary: SweepSummary;
  /** What of a net's output is reported besides the loss: "accuracy", or "loss" where there is none. */
  readonly metric: string;
  readonly validationLoss: readonly LearningPoint[];
  /** The metric during training, on the test set where runs looked at that (`testEvery`), else on the validation set. */
  readonly metricCurves: readonly LearningPoint[];
  readonly metricPart: "test" | "validation";
}

export interface TicketDataOptions extends AggregateOptions {
  /** Default "accuracy", or "loss" where runs have no accuracy. */
  readonly metric?: string;
}

/**
 * Aggregates a sweep for charts: statistics by level and learning curves.
 *
 * @param results those of `runSweep`, or what `sweepResultsOf` makes of reports of `findTickets`
 * @throws LotteryError as `aggregate`
 */
export function ticketData(results: readonly SweepResult<JobResult>[], options: TicketDataOptions = {}): TicketData {
  const { confidence } = options;
  const runs = results.flatMap(({ result }) => result.levels);
  const { metric = runs.some(({ final }) => "accuracy" in final.test) ? "accuracy" : "loss" } = options;
  const looks = runs.flatMap(({ curve }) => curve.filter(({ test }) => test !== undefined));
  const metricPart = looks.length > 0 ? "test" : "validation";
  const shared = confidence === undefined ? {} : { confidence };
  const curves = learningCurves(results, { ...shared, measure: (point) => point[metricPart]?.[metric] });
  return {
    summary: aggregate(results, options),
    metric,
    validationLoss: learningCurves(results, shared),
    // Most looks are not at the test set.
    metricCurves: curves.filter(({ statistic }) => statistic.n > 0),
    metricPart,
  };
}
