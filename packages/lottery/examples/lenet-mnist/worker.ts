import { executeJob, type Job, type JitTrainer } from "@parsimony/lottery";
import { folderStore, jobWorker } from "@parsimony/lottery/node";
import { lenetTrainer, tickets } from "./experiment.ts";

let trainer: Promise<JitTrainer> | undefined;

/** Loads the data once per worker, then runs one job after the other. */
export default jobWorker(async (job: Job, { data, onProgress }) => {
  const { folder, steps } = data as { folder: string; steps: number };
  trainer ??= lenetTrainer(steps);
  return executeJob(await trainer, job, await folderStore(folder), { tickets, onProgress });
});
