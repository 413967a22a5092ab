import { type HostTensor, type Tensor, add, matmul, random, relu, spec, tensor } from "@parsimony/core-tensor";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { expect, test } from "vitest";
import { modelGraph } from "../../src/structure/index.ts";
import { compileSparse } from "../../src/sparse/index.ts";

const normal = (seed: number, shape: readonly number[], every: number, scale: number): HostTensor => {
  const values = (random.normal(random.key(seed), shape) as HostTensor).dataSync() as Float32Array;
  return tensor(
    values.map((value, i) => ((i * 7919) % every === 0 ? value * scale : 0)),
    { shape },
  );
};
const data = (x: Tensor): Float32Array => (x as HostTensor).dataSync() as Float32Array;

test("a pruned LeNet-300-100 from an ONNX file agrees with onnxruntime", async () => {
  const params = {
    w1: normal(1, [784, 300], 20, 0.3),
    b1: normal(2, [300], 1, 0.1),
    w2: normal(3, [300, 100], 20, 0.4),
    b2: normal(4, [100], 1, 0.1),
    w3: normal(5, [100, 10], 5, 0.4),
    b3: normal(6, [10], 1, 0.1),
  };
  const forward = ({ w1, b1, w2, b2, w3, b3 }: typeof params, x: Tensor): Tensor =>
    add(matmul(relu(add(matmul(relu(add(matmul(x, w1), b1)), w2), b2)), w3), b3);
  const graph = readOnnx(writeOnnx(modelGraph(forward, params, spec(["batch", 784]))));
  const x = random.uniform(random.key(7), [13, 784]) as HostTensor;
  const backend = await onnxruntime({ intraOpNumThreads: 1 });
  const executable = await backend.compile(graph);
  const dense = Object.values(await executable.run({ [graph.inputs[0] as string]: x }))[0] as HostTensor;
  await executable.dispose();
  await backend.dispose();

  using model = compileSparse(graph, {}, { batch: 13, milliseconds: 10 });
  expect(model.report).toMatchObject({ engine: "wasm", reference: [] });
  expect(model.report.layers.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
    [784, 300],
    [300, 100],
    [100, 10],
  ]);
  const sparse = model.predict(x);
  const scale = Math.max(...data(dense).map(Math.abs));
  const difference = Math.max(...data(sparse).map((value, i) => Math.abs(value - (data(dense)[i] as number))));
  expect(difference).toBeLessThanOrEqual(1e-5 * scale);
  expect(scale).toBeGreaterThan(0.1);
});
