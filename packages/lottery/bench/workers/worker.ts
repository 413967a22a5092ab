import { add, matmul, random, relu, type Tensor, tensor } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { adam } from "@parsimony/core-tensor/optim";
import { classification, executeJob, jitTrainer, type LabelledBatch, memoryStore } from "@parsimony/lottery";
import { jobWorker } from "@parsimony/lottery/node";

const sizes = [784, 300, 100, 10];

interface Layer {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

function init(key: random.Key): Layer[] {
  return sizes.slice(1).map((units, i) => ({
    weight: random.normal(random.foldIn(key, i), [sizes[i] as number, units], { std: 0.05 }),
    bias: tensor(new Float32Array(units)),
  }));
}

function noise(seed: number, count: number): LabelledBatch {
  const inputs = random.uniform(random.key(seed), [count, sizes[0] as number]);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  return { inputs, labels: tensor(labels) };
}

const trainer = await jitTrainer({
  init,
  objective: classification((net: Layer[], x: Tensor) =>
    net.reduce(
      (h, { weight, bias }, i) => (i === 2 ? add(matmul(h, weight), bias) : relu(add(matmul(h, weight), bias))),
      x,
    ),
  ),
  optimizer: adam(1.2e-3),
  data: { train: noise(1, 3000), validation: noise(2, 1000), test: noise(3, 1000) },
  steps: 600,
  backend: await onnxruntime({ intraOpNumThreads: 1 }),
});

/** One level of LeNet-300-100 on noise: what counts is the time. */
export default jobWorker((job, { onProgress }) =>
  executeJob(trainer, job, memoryStore(), { tickets: { rate: 0.2 }, onProgress }),
);
