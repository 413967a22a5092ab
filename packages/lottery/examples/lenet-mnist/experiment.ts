import type { Tensor } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { adam } from "@parsimony/core-tensor/optim";
import { type JitTrainer, classification, jitTrainer, type PlainTicketOptions } from "@parsimony/lottery";
import { examples, loadMnist, select, shuffled } from "../shared/images.ts";
import { type LeNet, initLeNet, lenetLogits } from "../shared/lenet.ts";

/** Rates of the paper: 20 % of the survivors of each layer go at each level, 10 % in the connections to the output. */
export const tickets: PlainTicketOptions = {
  rate: 0.2,
  outputLayer: "output.weight",
  outputRate: 0.1,
  evalEvery: 100,
  testEvery: 500,
};

/** LeNet-300-100 on all of MNIST: 55,000 to train on, 5,000 for early stopping, 10,000 to test; Adam at 0.0012, batches of 60. */
export async function lenetTrainer(steps: number): Promise<JitTrainer> {
  const { train, test } = await loadMnist();
  const order = shuffled(train.count);
  return jitTrainer({
    // One thread: a sweep runs as many nets side by side as there are cores.
    backend: await onnxruntime({ intraOpNumThreads: 1 }),
    init: (key) => initLeNet(key, train.pixels),
    objective: classification((params: LeNet, images: Tensor) => lenetLogits(params, images, 255)),
    optimizer: adam(1.2e-3),
    data: {
      train: examples(select(train, order.subarray(5000))),
      validation: examples(select(train, order.subarray(0, 5000))),
      test: examples(test),
    },
    steps,
    batch: 60,
  });
}
