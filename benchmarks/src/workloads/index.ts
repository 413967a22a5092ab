import { type Tensor, random } from "@parsimony/core-tensor";
import type { Workload } from "../contender.ts";
import { handBuiltForward, handBuiltLeNet } from "../engines/handBuilt.ts";
import { tfjsLeNet } from "../engines/tfjs.ts";
import { leNetForward } from "../handBuilt/lenet.ts";
import { mobileNetForward } from "../handBuilt/mobileNet.ts";
import { transformerForward } from "../handBuilt/transformer.ts";
import { convNetLoss, initConvNet } from "../models/convNet.ts";
import { initLeNet, leNet, leNetLoss } from "../models/lenet.ts";
import { blockSizes, initMobileNet, mobileNet } from "../models/mobileNet.ts";
import { type TransformerLayer, initTransformer, transformer, transformerLoss } from "../models/transformer.ts";
import { classifiedBatches, mappedBatches } from "../problem.ts";
import { forwardWorkload, trainingWorkload } from "./build.ts";
import type { Setup } from "./setup.ts";

const seed = random.key(1);
const learningRate = 1e-3;
const stepsPerScan = 20;

function leNetTraining(name: string, batch: number) {
  return (setup: Setup): Promise<Workload> => {
    const problem = {
      name,
      work: `LeNet-300-100, batch ${batch}: forward, backward, Adam`,
      params: initLeNet(seed),
      loss: leNetLoss,
      batches: classifiedBatches(random.foldIn(seed, batch), stepsPerScan, [batch, 784], 10),
      learningRate,
    };
    const devices = setup.quick ? (["wasm"] as const) : (["wasm", "cpu"] as const);
    return trainingWorkload(setup, problem, {
      torch: { model: "lenet", config: { learningRate } },
      own: [
        () => handBuiltLeNet(problem, "single", setup),
        () => handBuiltLeNet(problem, "scan", setup),
        ...devices.map((device) => () => tfjsLeNet(device, problem)),
      ],
    });
  };
}

function leNetPass(setup: Setup): Promise<Workload> {
  const batch = 60;
  const params = initLeNet(seed);
  const x = random.normal(random.foldIn(seed, batch), [batch, 784]);
  const problem = {
    name: "LeNet forward, B = 60",
    work: "LeNet-300-100, batch 60: forward, parameters constant",
    params,
    apply: leNet,
    x,
  };
  return forwardWorkload(setup, problem, {
    torch: { model: "lenet", config: {} },
    own: [() => handBuiltForward(leNetForward(params, batch), x, setup)],
  });
}

function convNetTraining(setup: Setup): Promise<Workload> {
  const problem = {
    name: "conv net training, B = 60",
    work: "two 3x3 convolutions (16 and 32 channels) with max pooling and a dense layer on 28x28, batch 60: forward, backward, Adam",
    params: initConvNet(seed),
    loss: convNetLoss,
    batches: classifiedBatches(random.foldIn(seed, 2), stepsPerScan, [60, 1, 28, 28], 10),
    learningRate,
  };
  return trainingWorkload(setup, problem, { torch: { model: "convNet", config: { learningRate } } });
}

const size = { layers: 4, width: 256, heads: 8 };
const [length, sequences] = [128, 8];
const tooSlow = { "jit on tfjs-cpu": "left out: minutes per call" };

function transformerPass(setup: Setup): Promise<Workload> {
  const params = initTransformer(seed, size);
  const shape = [sequences, length, size.width] as const;
  const x = random.normal(random.foldIn(seed, 3), shape);
  const problem = {
    name: "transformer forward",
    work: `${size.layers} transformer layers, width ${size.width}, ${size.heads} heads, ${sequences} sequences of ${length}: forward`,
    params,
    apply: (layers: readonly TransformerLayer[], input: Tensor) => transformer(layers, input, size.heads),
    x,
  };
  return forwardWorkload(setup, problem, {
    torch: { model: "transformer", config: size },
    own: [() => handBuiltForward(transformerForward(params, shape, size.heads), x, setup)],
    without: tooSlow,
  });
}

function transformerTraining(setup: Setup): Promise<Workload> {
  const problem = {
    name: "transformer training",
    work: `${size.layers} transformer layers, width ${size.width}, ${size.heads} heads, ${sequences} sequences of ${length}: forward, backward, Adam`,
    params: initTransformer(seed, size),
    loss: (layers: readonly TransformerLayer[], x: Tensor, y: Tensor) => transformerLoss(layers, x, y, size.heads),
    // A step takes so long that few of them in a call show what the loop costs.
    batches: mappedBatches(random.foldIn(seed, 4), 4, [sequences, length, size.width]),
    learningRate,
    // The bias of the keys adds the same number to all scores of a query, which softmax does not see.
    undetermined: ["attention.key.bias"],
  };
  return trainingWorkload(setup, problem, {
    torch: { model: "transformer", config: { ...size, learningRate } },
    without: tooSlow,
  });
}

function mobileNetPass(setup: Setup): Promise<Workload> {
  const side = 96;
  const params = initMobileNet(seed);
  const x = random.normal(random.foldIn(seed, 5), [1, 3, side, side]);
  const problem = {
    name: "MobileNetV2 forward",
    work: `MobileNetV2 1.0 on one image of ${side}x${side}: forward`,
    params,
    apply: mobileNet,
    x,
  };
  return forwardWorkload(setup, problem, {
    torch: { model: "mobileNet", config: { blocks: blockSizes } },
    own: [() => handBuiltForward(mobileNetForward(params, side), x, setup)],
  });
}

/** All workloads by name; each is opened when its turn comes. */
export const workloads: Readonly<Record<string, (setup: Setup) => Promise<Workload>>> = {
  "LeNet training, B = 60": leNetTraining("LeNet training, B = 60", 60),
  "LeNet training, B = 512": leNetTraining("LeNet training, B = 512", 512),
  "LeNet forward, B = 60": leNetPass,
  "conv net training, B = 60": convNetTraining,
  "transformer forward": transformerPass,
  "transformer training": transformerTraining,
  "MobileNetV2 forward": mobileNetPass,
};
