/**
 * A training step of LeNet-300-100 (forward, backward, gradient descent; batch of 60) on onnxruntime: one call per step
 * against twenty steps in one call.
 *
 *     npx vitest bench --project unit packages/core-tensor/bench/lenetStep.bench.ts --run
 */
import { afterAll, bench, describe } from "vitest";
import { onnxruntime } from "../src/backends/onnxruntime/index.ts";
import { valueAndGrad } from "../src/graph/grad.ts";
import { scan } from "../src/graph/scan.ts";
import { simplify } from "../src/graph/simplify/index.ts";
import { spec } from "../src/graph/spec.ts";
import { trace } from "../src/graph/trace.ts";
import { add, crossEntropy, matmul, mul, relu, sub } from "../src/ops/index.ts";
import type { HostTensor } from "../src/tensor/host.ts";
import { tensor } from "../src/tensor/create.ts";
import type { Tensor } from "../src/tensor/tensor.ts";

interface Params {
  readonly w1: Tensor;
  readonly b1: Tensor;
  readonly w2: Tensor;
  readonly b2: Tensor;
  readonly w3: Tensor;
  readonly b3: Tensor;
}

const batch = 60;
const steps = 20;

function loss(p: Params, x: Tensor, y: Tensor): Tensor {
  const first = relu(add(matmul(x, p.w1), p.b1));
  const second = relu(add(matmul(first, p.w2), p.b2));
  return crossEntropy(add(matmul(second, p.w3), p.b3), y);
}

function step(p: Params, x: Tensor, y: Tensor): readonly [Params, Tensor] {
  const [value, g] = valueAndGrad(loss)(p, x, y);
  const move = (key: keyof Params): Tensor => sub(p[key], mul(g[key], 0.1));
  return [{ w1: move("w1"), b1: move("b1"), w2: move("w2"), b2: move("b2"), w3: move("w3"), b3: move("b3") }, value];
}

function wave(shape: readonly number[], scale: number): HostTensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i * 12.9898)),
    { shape },
  );
}

const params = {
  w1: wave([784, 300], 0.05),
  b1: wave([300], 0),
  w2: wave([300, 100], 0.08),
  b2: wave([100], 0),
  w3: wave([100, 10], 0.1),
  b3: wave([10], 0),
};
const images = wave([steps, batch, 784], 1);
const labels = tensor(
  Int32Array.from({ length: steps * batch }, (_, i) => i % 10),
  { shape: [steps, batch] },
);
const specs = Object.fromEntries(Object.entries(params).map(([key, { shape }]) => [key, spec(shape)])) as never;

const single = simplify(trace(step, specs, spec([batch, 784], "float32", "x"), spec([batch], "int32", "y")));
const many = simplify(
  trace(
    (p: Params, xs: Tensor, ys: Tensor) =>
      scan((state: Params, { x, y }: { x: Tensor; y: Tensor }) => step(state, x, y), p, { x: xs, y: ys }),
    specs,
    spec([steps, batch, 784], "float32", "xs"),
    spec([steps, batch], "int32", "ys"),
  ),
);

const backend = await onnxruntime();
const stepProgram = await backend.compile(single);
const loopProgram = await backend.compile(many);
const named = Object.fromEntries(Object.entries(params).map(([key, value]) => [`arg0.${key}`, value]));
const firstBatch = {
  x: tensor((images.dataSync() as Float32Array).subarray(0, batch * 784), { shape: [batch, 784] }),
  y: tensor((labels.dataSync() as Int32Array).subarray(0, batch)),
};

afterAll(() => backend.dispose());

describe("LeNet-300-100, 20 steps of 60 images", () => {
  bench("20 calls of one step", async () => {
    let state: Record<string, Tensor> = named;
    for (let i = 0; i < steps; i++) {
      const out = await stepProgram.run({ ...state, ...firstBatch });
      state = Object.fromEntries(Object.keys(params).map((key) => [`arg0.${key}`, out[`0.${key}`] as Tensor]));
    }
  });
  bench("one call of 20 steps", async () => {
    await loopProgram.run({ ...named, xs: images, ys: labels });
  });
});
