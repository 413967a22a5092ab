export { executeJob, type ExecuteJobOptions, type JobLevel, type JobResult } from "./executeJob.ts";
export {
  type ControlJob,
  type Dependency,
  type ExperimentOptions,
  type Job,
  type PlainControl,
  type PlainTicketOptions,
  sweepJobs,
  type SweepJobsOptions,
  type TicketJob,
} from "./jobs.ts";
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
