// One function, three engines, and a file: the same source runs on each, and the ONNX file runs without this package.
// Run: node --conditions=@parsimony/source --import tsx packages/core-tensor/examples/engines.ts
import {
  type Backend,
  type Tensor,
  jit,
  logSoftmax,
  matmul,
  mean,
  neg,
  random,
  softmax,
  spec,
  tanh,
  tensor,
  toHost,
  trace,
  valueAndGrad,
} from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { reference } from "@parsimony/core-tensor/reference";
import { tfjs } from "@parsimony/core-tensor/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import ort from "onnxruntime-node";

const w = random.normal(random.key(1), [5, 3]);
const x = random.normal(random.key(2), [4, 5]);
const value = (weights: Tensor, rows: Tensor): Tensor => neg(mean(logSoftmax(tanh(matmul(rows, weights)))));

await tf.setBackend("cpu");
const gradients: Tensor[] = [];
for (const backend of [reference(), await onnxruntime(), tfjs(tf)] satisfies Backend[]) {
  const step = jit(valueAndGrad(value), { backend });
  const [loss, gradient] = await Promise.all((await step(w, x)).map(toHost));
  gradients.push(gradient as Tensor);
  console.log(`${backend.name} (${backend.device}): ${(loss as Tensor).item().toFixed(6)}`);
  await backend.dispose();
}
const [first, ...others] = gradients.map((gradient) => [...gradient.dataSync()].map(Number));
const apart = Math.max(...others.flatMap((list) => list.map((entry, i) => Math.abs(entry - (first?.[i] as number)))));
console.log(`gradients differ by at most ${apart.toExponential(0)}`);

// A file for other programs. "batch" stays open: one model for any number of rows.
const predict = (rows: Tensor): { probabilities: Tensor } => ({ probabilities: softmax(tanh(matmul(rows, w))) });
const session = await ort.InferenceSession.create(writeOnnx(trace(predict, spec(["batch", 5], "float32", "rows"))));
for (const count of [1, 4]) {
  const rows = x.dataSync().slice(0, count * 5) as Float32Array;
  const { probabilities: result } = await session.run({ rows: new ort.Tensor("float32", rows, [count, 5]) });
  const here = predict(tensor(rows, { shape: [count, 5] })).probabilities.dataSync();
  const probabilities = result as ort.Tensor;
  const close = (probabilities.data as Float32Array).every((p, i) => Math.abs(p - Number(here[i])) < 1e-6);
  console.log(`onnxruntime alone, ${count} rows: ${JSON.stringify(probabilities.dims)}, as here: ${close}`);
}
await session.release();
