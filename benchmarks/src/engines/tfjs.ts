import { createRequire } from "node:module";
import { tfjs } from "@parsimony/core-tensor/tfjs";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { type Contender, timed } from "../contender.ts";
import type { LeNet } from "../models/lenet.ts";
import { type TrainingProblem, namedLeaves } from "../problem.ts";
import type { Engine } from "./ours.ts";

// The derivatives that the union package registers. The file is an ES module without a mark, which only `require` of tsx reads.
createRequire(import.meta.url)("@tensorflow/tfjs-core/dist/register_all_gradients.js");

export type TfDevice = "wasm" | "cpu";

/** Makes a backend of TensorFlow.js the active one; both live in this process. */
async function use(device: TfDevice): Promise<void> {
  if (tf.getBackend() === device) return;
  if (!(await tf.setBackend(device))) throw new Error(`TensorFlow.js could not start its ${device} backend`);
  await tf.ready();
}

/** Our backend on TensorFlow.js. */
export async function tfjsEngine(device: TfDevice): Promise<Engine> {
  await use(device);
  return { name: `jit on tfjs-${device}`, backend: tfjs(tf, { device }), activate: () => use(device) };
}

/** What TensorFlow.js' wasm backend computes with: it takes one thread in Node. */
export async function describeWasm(): Promise<string> {
  await use("wasm");
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  const threaded = await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT");
  return `${simd === true ? "SIMD" : "no SIMD"}, ${threaded === true ? wasm.getThreadsCount() : 1} thread(s)`;
}

/** LeNet's training loop as a user of TensorFlow.js writes it: variables, `softmaxCrossEntropy`, `tf.train.adam`. */
export async function tfjsLeNet(device: TfDevice, problem: TrainingProblem<LeNet>): Promise<Contender> {
  await use(device);
  const params = namedLeaves(problem.params);
  const variables = new Map(
    params.map(({ name, value }) => [name, tf.variable(tf.tensor(value.dataSync() as Float32Array, [...value.shape]))]),
  );
  const variable = (name: string): tf.Variable => variables.get(name) as tf.Variable;
  const inputs = problem.batches.map(({ x, y }) => ({
    x: tf.tensor2d(x.dataSync() as Float32Array, x.shape as [number, number]),
    target: tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(y.dataSync() as Int32Array, "int32"), 10), "float32")),
  }));
  const dense = (x: tf.Tensor, layer: keyof LeNet): tf.Tensor =>
    tf.add(
      tf.matMul(x as tf.Tensor2D, variable(`${layer}.weight`) as tf.Variable<tf.Rank.R2>),
      variable(`${layer}.bias`),
    );
  const loss = ({ x, target }: (typeof inputs)[number]): tf.Scalar => {
    const logits = dense(tf.relu(dense(tf.relu(dense(x, "hidden1")), "hidden2")), "output");
    return tf.losses.softmaxCrossEntropy(target, logits) as tf.Scalar;
  };
  const newOptimizer = (): tf.AdamOptimizer => tf.train.adam(problem.learningRate, 0.9, 0.999, 1e-8);
  let optimizer = newOptimizer();
  let calls = 0;
  const train = async (): Promise<number> => {
    const input = inputs[calls++ % inputs.length] as (typeof inputs)[number];
    const value = optimizer.minimize(() => loss(input), true) as tf.Scalar;
    const [number] = await value.data();
    value.dispose();
    return number as number;
  };
  return {
    name: `tfjs-${device} by hand`,
    stepsPerCall: 1,
    async evidence(count) {
      await use(device);
      optimizer.dispose();
      [optimizer, calls] = [newOptimizer(), 0];
      for (const { name, value } of params) {
        const fresh = tf.tensor(value.dataSync() as Float32Array, [...value.shape]);
        variable(name).assign(fresh);
        fresh.dispose();
      }
      const losses: number[] = [];
      for (let i = 0; i < count; i++) losses.push(await train());
      const values: Record<string, Float32Array> = {};
      for (const { name } of params) values[name] = (await variable(name).data()) as Float32Array;
      return { losses, values };
    },
    async time(count) {
      await use(device);
      return timed(count, async () => void (await train()));
    },
    async dispose() {
      await use(device);
      optimizer.dispose();
      for (const value of variables.values()) value.dispose();
      for (const { x, target } of inputs) tf.dispose([x, target]);
    },
  };
}
