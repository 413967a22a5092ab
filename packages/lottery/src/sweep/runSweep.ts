import { LotteryError } from "../base/errors.ts";
import { checkWhole } from "../base/checks.ts";
import type { Store } from "../tickets/store.ts";
import type { Json } from "../train/trainer.ts";
import type { Job } from "./job.ts";
import { type JobProgress, type RunningJob, shareDone, type SweepProgress } from "./progress.ts";
import { checkJobs, readiness } from "./queue.ts";
import { jobFingerprint, readResult, writeResult } from "./record.ts";

/** What a job is handed besides itself. */
export interface JobContext {
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
}

/** Runs one job and gives its result as plain data: `executeJob` in this process, or `execute` of a worker pool. */
export type Execute<R = unknown> = (job: Job, context: JobContext) => Promise<R>;

/** A finished job and what came out. */
export interface SweepResult<R = unknown> {
  readonly job: Job;
  readonly result: R;
}

/** A job that failed at every try. */
export interface FailedJob {
  readonly job: Job;
  /** E_WORKER; the message names the job, `cause` is what its last try threw. */
  readonly error: LotteryError;
}

/** A job that could not start because what it waits for will not come. */
export interface SkippedJob {
  readonly job: Job;
  /** Id of the job that failed or was itself skipped. */
  readonly because: string;
}

/** What became of every job, each list in the order of the jobs. */
export interface SweepReport<R = unknown> {
  readonly results: readonly SweepResult<R>[];
  readonly failed: readonly FailedJob[];
  readonly skipped: readonly SkippedJob[];
}

export interface RunSweepOptions<R = unknown> {
  readonly execute: Execute<R>;
  /** Where results are kept, and found when the sweep is started again. Jobs keep their own files in it under `jobs/<id>/`. */
  readonly store: Store;
  /** Jobs at one time. Default: 1. */
  readonly concurrency?: number;
  /** All that decides about results besides the jobs: the trainer's description, say. A store is resumed only under an equal one. */
  readonly description?: Json;
  /** How often a failing job is tried again before it counts as failed. Default: 0. */
  readonly retries?: number;
  /** Called when a job starts, says where it stands, or ends. What it throws stops the sweep, which rejects with it. */
  readonly onProgress?: (progress: SweepProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs the jobs of a sweep, at most `concurrency` at a time, each as soon as what it waits for is there.
 *
 * Results are written one by one, whole or not at all. Killed at any moment and started again with the same store, jobs, and
 * description, it skips what is finished and ends with the same bytes; the order in which jobs end decides about nothing. A job that
 * fails loses only itself and the jobs that wait for it; all others go on, and the report says what happened. Run again, failed
 * and skipped jobs are tried again.
 *
 * @throws LotteryError E_RESUME before anything runs when the store holds a result of another job or description; E_OPTION for
 *   a list of jobs or numbers that cannot be. Rejects with the signal's reason when it is aborted, after running jobs have stopped.
 */
export async function runSweep<R>(jobs: readonly Job[], options: RunSweepOptions<R>): Promise<SweepReport<R>> {
  const { store, concurrency = 1, retries = 0 } = options;
  checkWhole("runSweep", "concurrency", concurrency, 1);
  checkWhole("runSweep", "retries", retries, 0);
  checkJobs("runSweep", jobs);
  const unlock = await store.lock?.("sweep");
  try {
    return await new Sweep(jobs, options).run(concurrency, retries);
  } finally {
    await unlock?.();
  }
}

/** One run of the jobs: what is waiting, running and over. */
class Sweep<R> {
  private readonly results = new Map<string, R>();
  private readonly failed = new Map<string, LotteryError>();
  private readonly skipped = new Map<string, string>();
  private readonly levels = new Map<string, number>();
  private readonly running = new Map<string, RunningJob>();
  private readonly tasks = new Map<string, Promise<void>>();
  private readonly stop = new AbortController();
  private wake: () => void = () => {};

  constructor(
    private readonly jobs: readonly Job[],
    private readonly options: RunSweepOptions<R>,
  ) {}

  async run(concurrency: number, retries: number): Promise<SweepReport<R>> {
    const { signal } = this.options;
    const stop = (): void => this.stop.abort(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    try {
      return await this.runAll(concurrency, retries);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  private async runAll(concurrency: number, retries: number): Promise<SweepReport<R>> {
    const { store } = this.options;
    const { signal } = this.stop;
    for (const job of this.jobs) {
      const found = await readResult(store, job, this.fingerprint(job));
      if (found !== undefined) this.results.set(job.id, found.result as R);
    }
    this.report();
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.startReady(concurrency, retries);
      if (this.tasks.size === 0) break;
      await Promise.race([woken, ...this.tasks.values()]);
    }
    await Promise.all(this.tasks.values());
    signal.throwIfAborted();
    return {
      results: this.pick(this.results, (job, result) => ({ job, result })),
      failed: this.pick(this.failed, (job, error) => ({ job, error })),
      skipped: this.pick(this.skipped, (job, because) => ({ job, because })),
    };
  }

  private startReady(concurrency: number, retries: number): void {
    const lost = { has: (id: string) => this.failed.has(id) || this.skipped.has(id) };
    for (const job of this.jobs) {
      if (this.results.has(job.id) || lost.has(job.id) || this.tasks.has(job.id)) continue;
      const state = readiness(job, { done: this.results, lost, levels: this.levels });
      if (typeof state === "object") {
        this.skipped.set(job.id, state.lost);
        this.report();
      } else if (state === "ready" && this.tasks.size < concurrency) {
        const task = this.attempt(job, retries).finally(() => this.tasks.delete(job.id));
        this.tasks.set(job.id, task);
      }
    }
  }

  /** Never rejects: what goes wrong is kept as the job's failure. */
  private async attempt(job: Job, retries: number): Promise<void> {
    const { store } = this.options;
    const { signal } = this.stop;
    for (let attempt = 1; ; attempt++) {
      try {
        this.running.set(job.id, { id: job.id, attempt, level: levelOf(job), levels: 0, step: 0, share: 0 });
        this.report();
        signal.throwIfAborted();
        const result = await this.options.execute(job, {
          signal,
          onProgress: (progress) => this.onJobProgress(job, attempt, progress),
        });
        this.results.set(job.id, (await writeResult(store, job, this.fingerprint(job), result)) as R);
      } catch (cause) {
        if (attempt <= retries && !signal.aborted) continue;
        // A job that was stopped did not fail.
        if (!signal.aborted) {
          const reason = cause instanceof Error ? cause.message : String(cause);
          this.failed.set(job.id, new LotteryError("E_WORKER", `job ${job.id} failed: ${reason}`, { cause }));
        }
      }
      this.running.delete(job.id);
      this.report();
      return;
    }
  }

  private onJobProgress(job: Job, attempt: number, progress: JobProgress): void {
    if (this.running.get(job.id)?.attempt !== attempt) return;
    this.running.set(job.id, { ...progress, id: job.id, attempt });
    if (progress.levels > (this.levels.get(job.id) ?? 0)) {
      this.levels.set(job.id, progress.levels);
      this.wake();
    }
    this.report();
  }

  private report(): void {
    const running = [...this.running.values()];
    const over = new Set([...this.results.keys(), ...this.failed.keys(), ...this.skipped.keys()]);
    try {
      this.options.onProgress?.({
        done: this.results.size,
        failed: this.failed.size,
        skipped: this.skipped.size,
        total: this.jobs.length,
        running,
        share: shareDone(this.jobs, over, running),
      });
    } catch (error) {
      // It is no job's failure, and must not end the sweep while jobs still run.
      this.stop.abort(error);
    }
  }

  private fingerprint(job: Job): string {
    return jobFingerprint(job, this.options.description ?? null);
  }

  private pick<V, T>(values: ReadonlyMap<string, V>, make: (job: Job, value: V) => T): T[] {
    return this.jobs.flatMap((job) => (values.has(job.id) ? [make(job, values.get(job.id) as V)] : []));
  }
}

function levelOf(job: Job): number {
  return job.kind === "control" ? job.level : 0;
}
