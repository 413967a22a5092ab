// Trains every net of the experiment: about an hour on two cores. Killed at any time and started again, it goes on.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/lenet-mnist/sweep.ts [folder]
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type JobResult, runSweep } from "@parsimony/lottery";
import { folderStore, workerPool } from "@parsimony/lottery/node";
import { lenetTrainer } from "./experiment.ts";
import { lenetJobs, settings } from "./settings.ts";

const folder = process.argv[2] ?? join(import.meta.dirname, "../../../../reports/lenet-mnist/store");
const probe = await lenetTrainer(settings.steps);
const { description } = probe;
await probe.dispose();
const jobs = lenetJobs(settings);
const workers = availableParallelism();
const pool = workerPool<JobResult>(new URL("./worker.ts", import.meta.url), {
  workers,
  data: { folder, steps: settings.steps },
});
const started = performance.now();
let told = -Infinity;
const { results, failed, skipped } = await runSweep(jobs, {
  execute: pool.execute,
  store: await folderStore(folder),
  concurrency: workers,
  description,
  onProgress({ done, total, share, running }) {
    const minutes = (performance.now() - started) / 60_000;
    if (minutes < told + 1) return;
    told = minutes;
    const now = running.map(({ id, level, step }) => `${id} level ${level} step ${step}`).join(", ");
    console.log(
      `${minutes.toFixed(0)} min: ${done} of ${total} jobs, ${(100 * share).toFixed(1)} % of the steps; ${now}`,
    );
  },
});
await pool.close();
const minutes = (performance.now() - started) / 60_000;
console.log(
  `${results.length} jobs done, ${failed.length} failed, ${skipped.length} skipped in ${minutes.toFixed(1)} minutes`,
);
for (const { job, error } of failed) console.error(job.id, error);
