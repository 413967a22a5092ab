import { type Tensor, avgPool2d, cast, div, maxPool2d, random, relu, reshape } from "@parsimony/core-tensor";
import {
  type ConvParams,
  type DenseParams,
  conv,
  dense,
  glorotNormal,
  initConv,
  initDense,
} from "@parsimony/core-tensor/nn";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { adam } from "@parsimony/core-tensor/optim";
import { type JitTrainer, classification, jitTrainer, type PlainTicketOptions } from "@parsimony/lottery";
import { examples, loadFashion, select, shuffled } from "../shared/images.ts";

/** The shape of the paper's Conv-2 (two 3 x 3 convolutions, a pooling, two hidden layers), sized for two cores: 8 and 16
 * channels instead of 64, 128 units instead of 256. */
export interface SmallConv2 {
  readonly conv1: ConvParams;
  readonly conv2: ConvParams;
  readonly hidden1: DenseParams;
  readonly hidden2: DenseParams;
  readonly output: DenseParams;
}

export function initConv2(key: random.Key): SmallConv2 {
  const [a, b, c, d, e] = random.split(key, 5) as [random.Key, random.Key, random.Key, random.Key, random.Key];
  const weight = { weight: glorotNormal };
  return {
    conv1: initConv(a, 1, 8, 3, weight),
    conv2: initConv(b, 8, 16, 3, weight),
    hidden1: initDense(c, 16 * 7 * 7, 128, weight),
    hidden2: initDense(d, 128, 128, weight),
    output: initDense(e, 128, 10, weight),
  };
}

/** Grey values `[batch, 1, 28, 28]` in 0 to 255 -> logits `[batch, 10]`. The image is halved first: a quarter of the work. */
export function conv2Logits(params: SmallConv2, images: Tensor): Tensor {
  const x = avgPool2d(div(cast(images, "float32"), 255), { kernel: 2 });
  const a = relu(conv(params.conv1, x, { pads: 1 }));
  const b = maxPool2d(relu(conv(params.conv2, a, { pads: 1 })), { kernel: 2 });
  const flat = reshape(b, [images.shape[0] as number, 16 * 7 * 7]);
  return dense(params.output, relu(dense(params.hidden2, relu(dense(params.hidden1, flat)))));
}

/** Two of the paper's rounds at once (10 % of the convolutions, 20 % of the dense layers, 10 % of the output): half as many trainings. */
export const tickets: PlainTicketOptions = {
  rate: {
    "conv1.weight": 0.19,
    "conv2.weight": 0.19,
    "hidden1.weight": 0.36,
    "hidden2.weight": 0.36,
    "output.weight": 0.19,
  },
  evalEvery: 100,
  testEvery: 500,
};

/** The net on Fashion-MNIST: 20,000 clothes to train on, 3,000 for early stopping, 10,000 to test; Adam at 0.001 (the paper's
 * Conv-2 has 0.0002 for 20,000 steps; this one has 1,500), batches of 60. */
export async function convTrainer(steps: number): Promise<JitTrainer> {
  const clothes = await loadFashion();
  const order = shuffled(clothes.count);
  const part = (from: number, to: number) => examples(select(clothes, order.subarray(from, to)), [1, 28, 28]);
  return jitTrainer({
    // One thread: a sweep runs as many nets side by side as there are cores.
    backend: await onnxruntime({ intraOpNumThreads: 1 }),
    init: initConv2,
    objective: classification(conv2Logits),
    optimizer: adam(1e-3),
    data: { train: part(0, 20_000), validation: part(20_000, 23_000), test: part(23_000, 33_000) },
    steps,
    batch: 60,
  });
}
