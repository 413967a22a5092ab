// Trains every net of the experiment and writes the report: about 80 minutes on two cores with other work. Killed at any time and started again, it goes on.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/lenet-mnist/main.ts [folder] [workers]
import { join } from "node:path";
import { writeReport } from "../shared/report.ts";
import { sweep } from "../shared/sweep.ts";
import { lenetTrainer } from "./experiment.ts";
import { lenetJobs, settings } from "./settings.ts";

const [output = join(import.meta.dirname, "../../../../reports/lenet-mnist"), workers] = process.argv.slice(2);
const { steps } = settings;
const folder = join(output, "store");
const trainer = await lenetTrainer(steps);
const { results } = await sweep({
  jobs: lenetJobs(settings),
  worker: new URL("./worker.ts", import.meta.url),
  steps,
  description: trainer.description,
  folder,
  ...(workers === undefined ? {} : { workers: Number(workers) }),
});
await writeReport({
  folder,
  output,
  results,
  trainer,
  connect: { seed: 1, levels: [0, 7] },
  title: "LeNet-300-100 on MNIST",
  paragraphs: [
    "LeNet-300-100 on MNIST (55,000 images to train on, 5,000 for early stopping, 10,000 to test), Adam at 0.0012, batches of 60, 10,000 iterations; at each level 20 % of the surviving weights of each layer are pruned by magnitude, 10 % in the output layer, and the rest goes back to its initial values: the setting of Frankle and Carbin (2019), with a fifth of their iterations.",
  ],
  losses: [0.09],
  inputLayer: { tensor: "hidden1.weight" },
});
await trainer.dispose();
