// Speed of single convolutions: ours (WebAssembly, TypeScript), a naive loop, onnxruntime-node and tfjs-backend-wasm, all on
// one thread and in turns.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/kernels.ts [mobileNetV2|blazeFace|single]
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { GraphBuilder, tensor } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Kernels, LayerCall } from "../src/kernels/kernels.ts";
import { typescriptKernels } from "../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../src/kernels/wasmKernels.ts";
import type { Conv2d, DepthwiseConv2d } from "../src/network/layer.ts";
import type { Network } from "../src/network/network.ts";
import { floatMap, networkOf, randomFloats } from "../test/kernels/oneLayer.ts";
import { type Times, inTurns } from "./kernels/inTurns.ts";
import { type ConvolutionCase, naiveConvolution } from "./kernels/naive.ts";
import { peakLoop } from "./kernels/peak.ts";
import { type Shape, blazeFace, macs, mobileNetV2, outputSize, single } from "./kernels/shapes.ts";

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}/`);
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
await tf.setBackend("wasm");

function caseOf(shape: Shape): ConvolutionCase {
  const { size, inputs, outputs, kernel, kind } = shape;
  return {
    shape,
    x: randomFloats(size * size * inputs, 1),
    weights: randomFloats(outputs * kernel * kernel * (kind === "conv2d" ? inputs : 1), 2),
    // A bias is a node of its own in our programs, so that onnxruntime would have one node more.
    bias: new Float32Array(outputs),
  };
}

function networkOfShape({ shape, weights, bias }: ConvolutionCase): Network {
  const { kind, size, inputs, outputs, kernel, stride } = shape;
  const pad = Math.floor(kernel / 2);
  const common = {
    name: "layer",
    inputs: ["x"],
    output: "y",
    kernel: [kernel, kernel],
    strides: [stride, stride],
    dilations: [1, 1],
    padBefore: [pad, pad],
    padAfter: [pad, pad],
    weights,
    bias,
    clamp: { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
  } as const;
  const layer: Conv2d | DepthwiseConv2d =
    kind === "conv2d" ? { ...common, kind, groups: 1 } : { ...common, kind, depthMultiplier: 1 };
  return networkOf(
    [floatMap("x", size, size, inputs), floatMap("y", outputSize(shape), outputSize(shape), outputs)],
    [layer],
  );
}

interface Runner {
  readonly run: () => unknown;
  readonly result: () => Promise<Float32Array>;
}

function ours(factory: (network: Network, bytes: number) => Kernels, one: ConvolutionCase, rows?: number): Runner {
  const { shape, x } = one;
  const out = outputSize(shape);
  const address = Math.ceil((4 * x.length) / 16) * 16;
  const kernels = factory(networkOfShape(one), address + 4 * out * out * shape.outputs);
  const floats = new Float32Array(kernels.arena.buffer, kernels.arena.byteOffset, kernels.arena.byteLength / 4);
  floats.set(x);
  const call: LayerCall = {
    rowStart: 0,
    rowEnd: out,
    columnStart: 0,
    columnEnd: out,
    inputs: [{ address: 0, top: 0, left: 0, rowCells: shape.size }],
    output: { address, top: 0, left: 0, rowCells: out },
  };
  const part = { ...call, rowEnd: rows ?? out };
  return {
    run: () => kernels.run(0, part),
    result: async () => {
      kernels.run(0, call);
      return floats.slice(address / 4);
    },
  };
}

function naive(one: ConvolutionCase, rows: number): Runner {
  const out = outputSize(one.shape);
  const y = new Float32Array(out ** 2 * one.shape.outputs);
  return {
    run: () => naiveConvolution(one, y, rows),
    result: async () => {
      naiveConvolution(one, y, out);
      return y;
    },
  };
}

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

const sets = { mobileNetV2, blazeFace, single };
const chosen = Object.entries(sets).filter(([name]) => {
  const names = process.argv.slice(2).filter((word) => word in sets);
  return names.length === 0 || names.includes(name);
});

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
  for (const shape of shapes) {
    const one = caseOf(shape);
    const ort = await onnxruntime(one);
    const wasmTf = tfjs(one);
    // The slow ones compute some rows only: short runs are interrupted less often.
    const out = outputSize(shape);
    const rows = Math.max(1, Math.min(out, Math.round((out * 1e6) / macs(shape))));
    const runners = [
      ours(wasmKernels, one),
      ours(typescriptKernels, one, rows),
      naive(one, rows),
      ort,
      wasmTf,
    ] as const;
    const reference = await runners[2].result();
    for (const [i, runner] of runners.entries()) checkEqual(`runner ${i}`, await runner.result(), reference);
    const [a, d, e] = (await inTurns([runners[0].run, ort.run, wasmTf.run])) as [Times, Times, Times];
    const [b, c] = (await inTurns([runners[1].run, runners[2].run])) as [Times, Times];
    const times = [a.min, (b.min * out) / rows, (c.min * out) / rows, d.min, e.min];
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
  const speeds = times.map((time) => (work / time).toFixed(2));
  const [ownTime = 1, , naiveTime = 1, ort = 1, tfTime = 1] = times;
  const ratios = [naiveTime, ort, tfTime].map((time) => (time / ownTime).toFixed(2));
  return `| ${[title, work.toFixed(1), ...speeds, ...ratios].join(" | ")} |`;
}
