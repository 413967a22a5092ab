// A pruned LeNet-300-100 as a model that is fast because of its zeros.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/sparseInference.ts
import { type HostTensor, type Tensor, add, matmul, random, relu, spec, tensor } from "@parsimony/core-tensor";
import { modelGraph } from "@parsimony/lottery/compact";
import { compileSparse } from "@parsimony/lottery/sparse";

/** Weights of which one in twenty is left, as after 13 rounds of iterative magnitude pruning. */
function pruned(seed: number, shape: readonly number[]): HostTensor {
  const values = (random.normal(random.key(seed), shape) as HostTensor).dataSync() as Float32Array;
  return tensor(
    values.map((value) => (Math.abs(value) > 1.96 ? value / 10 : 0)),
    { shape },
  );
}

const params = {
  hidden1: { weight: pruned(1, [784, 300]), bias: random.normal(random.key(2), [300]) as HostTensor },
  hidden2: { weight: pruned(3, [300, 100]), bias: random.normal(random.key(4), [100]) as HostTensor },
  output: { weight: pruned(5, [100, 10]), bias: random.normal(random.key(6), [10]) as HostTensor },
};
const forward = ({ hidden1, hidden2, output }: typeof params, x: Tensor): Tensor => {
  const first = relu(add(matmul(x, hidden1.weight), hidden1.bias));
  const second = relu(add(matmul(first, hidden2.weight), hidden2.bias));
  return add(matmul(second, output.weight), output.bias);
};

const graph = modelGraph(forward, params, spec(["batch", 784])); // or readOnnx(bytes)
const model = compileSparse(graph, {}, { batch: 64 }); // or compileSparse(graph, ticket.mask, …)
for (const { name, survivors, layout, bytes } of model.report.layers) {
  console.log(`${name}: ${survivors} weights, ${layout}, ${bytes[layout]} bytes instead of ${bytes.dense}`);
}

const images = (random.uniform(random.key(7), [64, 784]) as HostTensor).dataSync() as Float32Array;
const logits = model.predict(images, 64);
console.log(logits.shape); // [ 64, 10 ]
model.dispose();
