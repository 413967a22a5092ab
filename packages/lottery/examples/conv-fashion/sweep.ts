// Trains every net of the experiment: about twenty minutes on two quiet cores. Killed at any time and started again, it goes on.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/conv-fashion/sweep.ts [folder] [workers]
import { join } from "node:path";
import { sweep } from "../shared/sweep.ts";
import { convTrainer } from "./experiment.ts";
import { convJobs, settings } from "./settings.ts";

const [folder = join(import.meta.dirname, "../../../../reports/conv-fashion/store"), workers] = process.argv.slice(2);
const { steps } = settings;
const { description, dispose } = await convTrainer(steps);
await dispose();
await sweep({
  jobs: convJobs(settings),
  worker: new URL("./worker.ts", import.meta.url),
  steps,
  description,
  folder,
  ...(workers === undefined ? {} : { workers: Number(workers) }),
});
