// Trains every net of the experiment: about an hour on two quiet cores. Killed at any time and started again, it goes on.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/lenet-mnist/sweep.ts [folder] [workers]
import { join } from "node:path";
import { sweep } from "../shared/sweep.ts";
import { lenetTrainer } from "./experiment.ts";
import { lenetJobs, settings } from "./settings.ts";

const [folder = join(import.meta.dirname, "../../../../reports/lenet-mnist/store"), workers] = process.argv.slice(2);
const { steps } = settings;
const { description, dispose } = await lenetTrainer(steps);
await dispose();
await sweep({
  jobs: lenetJobs(settings),
  worker: new URL("./worker.ts", import.meta.url),
  steps,
  description,
  folder,
  ...(workers === undefined ? {} : { workers: Number(workers) }),
});
