// Speed of single convolutions: ours (WebAssembly, TypeScript), a naive loop, onnxruntime-node and tfjs-backend-wasm, all on
// one thread: the compiled ones in turns, the plain loops in processes of their own (see kernels/plainTimes.ts).
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/kernels.ts [mobileNetV2|blazeFace|single]
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { GraphBuilder, tensor } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { typescriptKernels } from "../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../src/kernels/wasmKernels.ts";
import { type Runner, caseOf, naive, ours } from "./kernels/floatCase.ts";
import { type Times, inTurns } from "./kernels/inTurns.ts";
import type { ConvolutionCase } from "./kernels/naive.ts";
import { peakLoop } from "./kernels/peak.ts";
import { plainTimes } from "./kernels/plainTimes.ts";
import { macs, outputSize, shapeSets } from "./kernels/shapes.ts";

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}/`);
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
await tf.setBackend("wasm");

/** onnxruntime has channels first. */
async function onnxruntime({
  shape,
  x,
  weights,
}: ConvolutionCase): Promise<Runner & { readonly release: () => Promise<void> }> {
  const { kind, size, inputs, outputs, kernel, stride } = shape;
  const pad = Math.floor(kernel / 2);
  const perOutput = kind === "conv2d" ? inputs : 1;
  const builder = new GraphBuilder("conv");
  const image = builder.input("x", { dtype: "float32", shape: [1, inputs, size, size] });
  const moved =
    kind === "conv2d"
      ? transposed(weights, [outputs, kernel * kernel, inputs], [0, 2, 1])
      : transposed(weights, [kernel * kernel, outputs, 1], [1, 2, 0]);
  const [y] = builder.add(
    "conv2d",
    [image, builder.constant(tensor(moved, { shape: [outputs, perOutput, kernel, kernel] }), "w")],
    {
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      dilations: [1, 1],
      groups: kind === "conv2d" ? 1 : inputs,
    },
  );
  builder.output("y", y as string);
  const session = await InferenceSession.create(writeOnnx(builder.build()), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const feed = {
    x: new OrtTensor("float32", transposed(x, [size * size, inputs, 1], [1, 0, 2]), [1, inputs, size, size]),
  };
  const out = outputSize(shape);
  return {
    run: () => session.run(feed),
    result: async () => {
      const result = (await session.run(feed))["y"]?.data as Float32Array;
      return transposed(result, [outputs, out * out, 1], [1, 0, 2]);
    },
    release: () => session.release(),
  };
}

function tfjs({ shape, x, weights, bias }: ConvolutionCase): Runner & { readonly release: () => void } {
  const { kind, size, inputs, outputs, kernel, stride } = shape;
  const pad = Math.floor(kernel / 2);
  const image = tf.tensor4d(x, [1, size, size, inputs]);
  const offset = tf.tensor1d(bias);
  const filter =
    kind === "conv2d"
      ? tf.tensor4d(transposed(weights, [outputs, kernel * kernel, inputs], [1, 2, 0]), [
          kernel,
          kernel,
          inputs,
          outputs,
        ])
      : tf.tensor4d(weights, [kernel, kernel, inputs, 1]);
  const apply = (): tf.Tensor =>
    (kind === "conv2d" ? tf.fused.conv2d : tf.fused.depthwiseConv2d)({
      x: image,
      filter,
      strides: stride,
      pad,
      bias: offset,
    });
  return {
    run: () => apply().dispose(),
    result: async () => {
      const y = apply();
      const values = y.dataSync() as Float32Array;
      y.dispose();
      return values;
    },
    release: () => tf.dispose([image, offset, filter]),
  };
}

/** An array [a, b, c] with its axes in another order. */
function transposed(
  values: Float32Array,
  sizes: readonly [number, number, number],
  permutation: readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2],
): Float32Array {
  const steps = [sizes[1] * sizes[2], sizes[2], 1] as const;
  const [a, b, c] = permutation;
  const result = new Float32Array(values.length);
  let to = 0;
  for (let i = 0; i < sizes[a]; i++) {
    for (let j = 0; j < sizes[b]; j++) {
      for (let k = 0; k < sizes[c]; k++) result[to++] = values[i * steps[a] + j * steps[b] + k * steps[c]] as number;
    }
  }
  return result;
}

function checkEqual(name: string, got: Float32Array, wanted: Float32Array): void {
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = got.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] as number))), 0);
  if (got.length !== wanted.length || !(difference <= 1e-4 * scale))
    throw new Error(`${name} differs by ${difference} of ${scale}`);
}

const names = process.argv.slice(2).filter((word) => word in shapeSets);
const chosen = Object.entries(shapeSets).filter(([name]) => names.length === 0 || names.includes(name));

const [limit] = await inTurns([await peakLoop()], { milliseconds: 3000 });
console.log(`limit (128-bit multiply, add; registers only): ${(0.48 / (limit?.min ?? 1)).toFixed(1)} GMAC/s\n`);
for (const [name, shapes] of chosen) {
  console.log(`${name}, GMAC/s`);
  console.log(
    "| convolution | MMAC | wasm | TypeScript | naive | onnxruntime | tfjs-wasm | wasm / naive | / onnxruntime | / tfjs |",
  );
  console.log("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
  const totals = [0, 0, 0, 0, 0];
  let all = 0;
  const plain = { typescript: plainTimes("float32", name, "typescript"), naive: plainTimes("float32", name, "naive") };
  for (const [index, shape] of shapes.entries()) {
    const one = caseOf(shape);
    const ort = await onnxruntime(one);
    const wasmTf = tfjs(one);
    const rows = outputSize(shape);
    const runners = [ours(wasmKernels, one), ours(typescriptKernels, one), naive(one, rows), ort, wasmTf] as const;
    const reference = await runners[2].result();
    for (const [i, runner] of runners.entries()) checkEqual(`runner ${i}`, await runner.result(), reference);
    const [a, d, e] = (await inTurns([runners[0].run, ort.run, wasmTf.run])) as [Times, Times, Times];
    const times = [a.min, plain.typescript[index] as number, plain.naive[index] as number, d.min, e.min];
    await ort.release();
    wasmTf.release();
    const work = macs(shape) / 1e6;
    all += work;
    times.forEach((time, i) => {
      totals[i] = (totals[i] as number) + time;
    });
    const title = `${shape.kind === "conv2d" ? "conv" : "depthwise"} ${shape.kernel}x${shape.kernel}/${shape.stride} ${shape.size}x${shape.size} ${shape.inputs}>${shape.outputs}`;
    console.log(line(title, work, times));
  }
  console.log(`${line("all", all, totals)}\n`);
}

function line(title: string, work: number, times: readonly number[]): string {
  const speeds = times.map((time) => inTable(work / time));
  const [ownTime = 1, , naiveTime = 1, ort = 1, tfTime = 1] = times;
  const ratios = [naiveTime, ort, tfTime].map((time) => inTable(time / ownTime));
  return `| ${[title, work.toFixed(1), ...speeds, ...ratios].join(" | ")} |`;
}

/** Not measured: nothing. */
function inTable(value: number): string {
  return Number.isNaN(value) ? "" : value.toFixed(2);
}
