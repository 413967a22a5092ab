// Tickets of the small digits against their controls over five seeds, in two processes: a table with confidence intervals, and
// a CSV. Stopped at any moment and started again, it goes on. This module is the sweep and its worker in one.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/sweep.ts [folder]
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type JitTrainer,
  type JobResult,
  type PlainTicketOptions,
  type Statistic,
  aggregate,
  executeJob,
  runSweep,
  sweepJobs,
  toCsv,
} from "@parsimony/lottery";
import { folderStore, jobWorker, workerPool } from "@parsimony/lottery/node";
import { digitsTrainer } from "./digits/experiment.ts";

const options: PlainTicketOptions = { rate: 0.4, outputLayer: "output.weight", outputRate: 0.2, evalEvery: 20 };

let trainer: Promise<JitTrainer> | undefined;

/** What a worker does: it compiles the trainer once, for all its jobs. */
export default jobWorker(async (job, { data, onProgress }) => {
  trainer ??= digitsTrainer();
  return executeJob(await trainer, job, folderStore(data as string), { tickets: options, onProgress });
});

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2] ?? join(tmpdir(), "digits-sweep"));

async function main(folder: string): Promise<void> {
  const probe = await digitsTrainer();
  const { description } = probe;
  await probe.dispose();
  const jobs = sweepJobs({
    seeds: [1, 2, 3, 4, 5],
    rounds: 8,
    controls: [
      { kind: "reinit", levels: [4, 6, 8] },
      { kind: "randomMask", levels: [4, 6, 8] },
    ],
  });
  const pool = workerPool<JobResult>(import.meta.url, { workers: 2, data: folder });
  let told = 0;
  const { results, failed } = await runSweep(jobs, {
    execute: pool.execute,
    store: folderStore(folder),
    concurrency: pool.workers,
    description,
    onProgress({ done, total, share }) {
      if (share < told + 0.1) return;
      told = share;
      console.log(`${(100 * share).toFixed(0)} % of the work, ${done} of ${total} jobs`);
    },
  });
  await pool.close();
  for (const { error } of failed) console.error(error);

  const summary = aggregate(results, { losses: [0.2] });
  console.log("\nnet         level  density   accuracy at early stop    ticket minus this, 95 %    steps to loss 0.2");
  for (const { net, level, measures, differences } of summary.rows) {
    const accuracy = measures["earlyStop.test.accuracy"];
    const steps = measures["stepsTo(0.2)"];
    const cells = [
      net.padEnd(11),
      String(level).padStart(5),
      `${percent(measures["density"]?.mean)} %`.padStart(9),
      `${percent(accuracy?.mean)} (${percent(accuracy?.min)}-${percent(accuracy?.max)})`.padStart(24),
      net === "ticket" ? "".padStart(26) : interval(differences["earlyStop.test.accuracy"]).padStart(26),
      `${steps?.mean?.toFixed(0) ?? "-"}${steps?.missing ? `, never in ${steps.missing}` : ""}`.padStart(20),
    ];
    console.log(cells.join(" "));
  }
  const file = join(folder, "summary.csv");
  await writeFile(file, toCsv(summary));
  console.log(`\n${file}`);
}

function percent(share: number | undefined): string {
  return share === undefined ? "-" : (100 * share).toFixed(1);
}

function interval(statistic: Statistic | undefined): string {
  const [low, high] = statistic?.interval ?? [];
  return `${percent(statistic?.mean)} (${percent(low)} to ${percent(high)})`;
}
