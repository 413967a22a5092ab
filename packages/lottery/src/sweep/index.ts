export {
  aggregate,
  type AggregateOptions,
  type SummaryRow,
  type SweepSummary,
} from "./aggregate.ts";
export { toCsv } from "./csv.ts";
export type { Measure } from "./groups.ts";
export { learningCurves, type LearningCurvesOptions, type LearningPoint } from "./learningCurves.ts";
export { executeJob, type ExecuteJobOptions, type JobLevel, type JobResult } from "./executeJob.ts";
export type {
  ControlJob,
  Dependency,
  ExperimentOptions,
  Job,
  JobBase,
  PlainControl,
  PlainTicketOptions,
  TicketJob,
} from "./job.ts";
export { sweepJobs, type SweepJobsOptions } from "./jobs.ts";
export type { JobProgress, RunningJob, SweepProgress } from "./progress.ts";
export {
  type Execute,
  type FailedJob,
  type JobContext,
  runSweep,
  type RunSweepOptions,
  type SkippedJob,
  type SweepReport,
  type SweepResult,
} from "./runSweep.ts";
export type { Statistic } from "./statistics.ts";
