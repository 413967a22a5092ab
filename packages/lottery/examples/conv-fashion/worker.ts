import { executeJob, type Job, type JitTrainer } from "@parsimony/lottery";
import { folderStore, jobWorker } from "@parsimony/lottery/node";
import { convTrainer, tickets } from "./experiment.ts";

let trainer: Promise<JitTrainer> | undefined;

/** Reads the clothes once per worker, then runs one job after the other. */
export default jobWorker(async (job: Job, { data, onProgress }) => {
  const { folder, steps } = data as { folder: string; steps: number };
  trainer ??= convTrainer(steps);
  return executeJob(await trainer, job, await folderStore(folder), { tickets, onProgress });
});
