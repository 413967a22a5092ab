import { availableParallelism } from "node:os";
import { type Job, type JobResult, type Json, runSweep, type SweepReport } from "@parsimony/lottery";
import { folderStore, workerPool } from "@parsimony/lottery/node";

export interface ExperimentSweep {
  readonly jobs: readonly Job[];
  /** File of the worker, which is handed `{ folder, steps }`. */
  readonly worker: URL;
  readonly steps: number;
  /** The trainer's: a folder is resumed only by the same experiment. */
  readonly description: Json;
  /** Where everything is kept. */
  readonly folder: string;
  readonly workers?: number;
}

/** Runs a sweep in processes side by side and tells once a minute where it stands. */
export async function sweep(experiment: ExperimentSweep): Promise<SweepReport<JobResult>> {
  const { jobs, worker, steps, description, folder, workers = availableParallelism() } = experiment;
  const pool = workerPool<JobResult>(worker, { workers, data: { folder, steps } });
  const started = performance.now();
  const minutes = (): number => (performance.now() - started) / 60_000;
  let told = -Infinity;
  const report = await runSweep(jobs, {
    execute: pool.execute,
    store: folderStore(folder),
    concurrency: workers,
    description,
    onProgress({ done, total, share, running }) {
      if (minutes() < told + 1) return;
      told = minutes();
      const now = running.map(({ id, level, step }) => `${id} level ${level} step ${step}`).join(", ");
      console.log(
        `${told.toFixed(0)} min: ${done} of ${total} jobs, ${(100 * share).toFixed(1)} % of the steps; ${now}`,
      );
    },
  });
  await pool.close();
  const { results, failed, skipped } = report;
  console.log(
    `${results.length} jobs done, ${failed.length} failed, ${skipped.length} skipped in ${minutes().toFixed(1)} minutes`,
  );
  for (const { job, error } of failed) console.error(job.id, error);
  return report;
}
