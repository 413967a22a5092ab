/** Criteria on LeNet-300-100 (266,200 prunable weights) and 100 examples: one scoring, and SynFlow's hundred. */
import { type Tensor, linear, mul, random, relu, tensor } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import {
  type Criterion,
  classification,
  grasp,
  lamp,
  magnitude,
  onesMask,
  pruneAtInit,
  snip,
  synflow,
} from "@parsimony/lottery";
import { bench, describe } from "vitest";

const sizes = [784, 300, 100, 10];
const layers = random.split(random.key(1), 3).map((key, i) => {
  const [inputs, outputs] = [sizes[i] as number, sizes[i + 1] as number];
  const weight = mul(random.normal(key, [inputs, outputs]), Math.sqrt(2 / (inputs + outputs)));
  return { weight, bias: tensor(new Float32Array(outputs)) };
});
type Layer = { readonly weight: Tensor; readonly bias: Tensor };
const logits = (net: readonly Layer[], x: Tensor): Tensor =>
  net.reduce((h, { weight, bias }, i) => {
    const next = linear(h, weight, bias);
    return i === net.length - 1 ? next : relu(next);
  }, x);
const batch = {
  inputs: random.uniform(random.key(2), [100, 784]),
  labels: tensor(Int32Array.from({ length: 100 }, (_, i) => i % 10)),
};
const { loss } = classification(logits);
const backend = await onnxruntime({ intraOpNumThreads: 1 });
const shape = { inputShape: [1, 784], backend };
const mask = onesMask(layers);
const context = { iteration: 0, iterations: 1 };

const criteria: Record<string, Criterion<readonly Layer[]>> = {
  magnitude,
  lamp,
  snip: snip(loss, [batch], { backend }),
  grasp: grasp(loss, [batch], { backend }),
  synflow: synflow(logits, shape),
};

describe("one scoring", () => {
  for (const [name, criterion] of Object.entries(criteria)) {
    bench(name, async () => {
      await criterion(layers, mask, context);
    });
  }
});

describe("SynFlow to 1 % in 100 iterations", () => {
  const options = { density: 0.01, iterations: 100 };
  bench(
    "one program for all iterations",
    async () => {
      await pruneAtInit(criteria["synflow"] as Criterion<readonly Layer[]>, layers, mask, options);
    },
    { iterations: 3, time: 0, warmupIterations: 1, warmupTime: 0 },
  );
  const anew: Criterion<readonly Layer[]> = async (params, current) => {
    const criterion = synflow(logits, shape);
    const scores = await criterion(params, current);
    await criterion.dispose();
    return scores;
  };
  bench(
    "a program for each",
    async () => {
      await pruneAtInit(anew, layers, mask, options);
    },
    { iterations: 3, time: 0, warmupIterations: 1, warmupTime: 0 },
  );
});
