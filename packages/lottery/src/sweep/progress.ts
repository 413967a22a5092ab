import type { Job } from "./job.ts";

/** Where a running job stands, as it says itself. */
export interface JobProgress {
  /** Level that is being trained. */
  readonly level: number;
  /** Number of levels whose tickets are in the store: jobs that wait for one of them may start. */
  readonly levels: number;
  /** Step of the schedule. */
  readonly step: number;
  /** Share of the job that is done, in [0, 1]. */
  readonly share: number;
}

/** A job that is running. */
export interface RunningJob extends JobProgress {
  readonly id: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** Where a sweep stands. */
export interface SweepProgress {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly total: number;
  readonly running: readonly RunningJob[];
  /** Estimated share of the work that is done, in [0, 1]: training runs behind us over all training runs. */
  readonly share: number;
}

/** How many training runs a job is. */
function runs(job: Job): number {
  return job.kind === "tickets" ? job.rounds + 1 : 1;
}

/** Share of the training runs that are behind us; jobs that are `over` count whole, running ones by their share. */
export function shareDone(jobs: readonly Job[], over: ReadonlySet<string>, running: readonly RunningJob[]): number {
  const shares = new Map(running.map(({ id, share }) => [id, share]));
  const total = jobs.reduce((sum, job) => sum + runs(job), 0);
  const behind = jobs.reduce((sum, job) => sum + runs(job) * (over.has(job.id) ? 1 : (shares.get(job.id) ?? 0)), 0);
  return total === 0 ? 1 : behind / total;
}
