import type { Tensor } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { adam } from "@parsimony/core-tensor/optim";
import { type FindTicketsOptions, type JitTrainer, classification, jitTrainer } from "@parsimony/lottery";
import { examples, loadDigits, select, shuffled } from "../shared/images.ts";
import { type LeNet, initLeNet, lenetLogits } from "../shared/lenet.ts";

/** A net of 64-300-100-10 on the 1,797 digits of 8 x 8 pixels: 1,000 to train on, 297 for early stopping, 500 to test. */
export async function digitsTrainer(): Promise<JitTrainer> {
  const digits = await loadDigits();
  const order = shuffled(digits.count);
  const part = (from: number, to: number) => examples(select(digits, order.subarray(from, to)));
  return jitTrainer({
    backend: await onnxruntime({ intraOpNumThreads: 1 }),
    init: (key) => initLeNet(key, digits.pixels),
    objective: classification((params: LeNet, images: Tensor) => lenetLogits(params, images, 16)),
    optimizer: adam(1.2e-3),
    data: { train: part(0, 1000), validation: part(1000, 1297), test: part(1297, 1797) },
    steps: 400,
    batch: 60,
  });
}

/** About two of the paper's rounds at once, so that 8 rounds lead to 2 % of the weights. */
export const tickets: Omit<FindTicketsOptions, "seed"> = {
  rounds: 8,
  rate: 0.4,
  outputLayer: "output.weight",
  outputRate: 0.2,
  evalEvery: 20,
  controls: [
    { kind: "reinit", levels: [2, 6, 8] },
    { kind: "randomMask", scope: "layer", levels: [8] },
  ],
};

/** Validation loss whose first step says how fast a net learns. */
export const goodLoss = 0.2;
