// Trains every net of the experiment and writes the report: about ten minutes on two cores. Killed at any time and started again, it goes on.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/conv-fashion/main.ts [folder] [workers]
import { join } from "node:path";
import { writeReport } from "../shared/report.ts";
import { sweep } from "../shared/sweep.ts";
import { convTrainer } from "./experiment.ts";
import { convJobs, settings } from "./settings.ts";

const [output = join(import.meta.dirname, "../../../../reports/conv-fashion"), workers] = process.argv.slice(2);
const { steps } = settings;
const folder = join(output, "store");
const trainer = await convTrainer(steps);
const { results } = await sweep({
  jobs: convJobs(settings),
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
  connect: { seed: 1, levels: [0, 4] },
  title: "A small Conv-2 on Fashion-MNIST",
  paragraphs: [
    "Two 3 x 3 convolutions of 8 and 16 channels, a pooling and two hidden layers of 128 units on Fashion-MNIST at half resolution (20,000 images to train on, 3,000 for early stopping, 10,000 to test), Adam at 0.001, batches of 60, 1,500 iterations; two of the paper's rounds of pruning at once. The shape of the paper's Conv-2, sized for two cores.",
  ],
  losses: [0.4],
});
await trainer.dispose();
