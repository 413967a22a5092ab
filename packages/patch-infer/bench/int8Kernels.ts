// Speed of single int8 convolutions: ours (WebAssembly, TypeScript), a naive loop and onnxruntime-node (the same graph in
// QDQ form, which it runs as QLinearConv), all on one thread and in turns. tfjs-backend-wasm has no int8 convolutions.
// On a busy machine the plain loops may wait long for the optimising compiler; --quick leaves them out.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/int8Kernels.ts [mobileNetV2|blazeFace|single] [--quick]
import { GraphBuilder, tensor } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Kernels, LayerCall } from "../src/kernels/kernels.ts";
import { typescriptKernels } from "../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../src/kernels/wasmKernels.ts";
import type { Conv2d, DepthwiseConv2d } from "../src/network/layer.ts";
import type { Network } from "../src/network/network.ts";
import { requantizationOf } from "../src/network/quantization.ts";
import { codeMap, randomCodes } from "../test/kernels/int8/layers.ts";
import { networkOf } from "../test/kernels/oneLayer.ts";
import { dotLoop } from "./kernels/dotLoop.ts";
import { inTurns } from "./kernels/inTurns.ts";
import { naiveInt8Convolution } from "./kernels/naiveInt8.ts";
import { type Shape, blazeFace, macs, mobileNetV2, outputSize, single } from "./kernels/shapes.ts";

const quick = process.argv.includes("--quick");
const input = { scale: 0.05, zeroPoint: -3 };
const output = { scale: 0.1, zeroPoint: 4 };

interface Case {
  readonly shape: Shape;
  readonly x: Int8Array;
  readonly weights: Int8Array;
  /** One for all channels, so that sums fill the codes. */
  readonly weightScale: number;
}

function caseOf(shape: Shape): Case {
  const { size, inputs, outputs, kernel, kind } = shape;
  const terms = kernel * kernel * (kind === "conv2d" ? inputs : 1);
  return {
    shape,
    x: randomCodes(size * size * inputs, 1),
    weights: randomCodes(outputs * terms, 2, -127),
    weightScale: (output.scale / input.scale) * (1 / (73 * Math.sqrt(terms))),
  };
}

function networkOfCase({ shape, weights, weightScale }: Case): Network {
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
    bias: new Int32Array(outputs),
    clamp: { min: -128, max: 127 },
    requantization: requantizationOf(input.scale, new Float32Array(outputs).fill(weightScale), output.scale),
  } as const;
  const layer: Conv2d | DepthwiseConv2d =
    kind === "conv2d" ? { ...common, kind, groups: 1 } : { ...common, kind, depthMultiplier: 1 };
  const out = outputSize(shape);
  return networkOf(
    [
      codeMap("x", [size, size, inputs], input.scale, input.zeroPoint),
      codeMap("y", [out, out, outputs], output.scale, output.zeroPoint),
    ],
    [layer],
  );
}

interface Runner {
  readonly run: () => unknown;
  readonly result: () => Promise<Int8Array>;
}

function ours(
  factory: (network: Network, bytes: number) => Kernels,
  one: Case,
  rows: number = outputSize(one.shape),
): Runner {
  const { shape, x } = one;
  const out = outputSize(shape);
  const address = Math.ceil(x.length / 16) * 16;
  const kernels = factory(networkOfCase(one), address + out * out * shape.outputs);
  const codes = new Int8Array(kernels.arena.buffer, kernels.arena.byteOffset, kernels.arena.byteLength);
  codes.set(x);
  const call: LayerCall = {
    rowStart: 0,
    rowEnd: Math.min(rows, out),
    columnStart: 0,
    columnEnd: out,
    inputs: [{ address: 0, top: 0, left: 0, rowCells: shape.size }],
    output: { address, top: 0, left: 0, rowCells: out },
  };
  return { run: () => kernels.run(0, call), result: async () => codes.slice(address) };
}

function naive({ shape, x, weights, weightScale }: Case, rows: number = outputSize(shape)): Runner {
  const y = new Int8Array(outputSize(shape) ** 2 * shape.outputs);
  const factor = (input.scale * weightScale) / output.scale;
  return {
    run: () =>
      naiveInt8Convolution(shape, { x, weights, y, factor, from: input.zeroPoint, to: output.zeroPoint, rows }),
    result: async () => y,
  };
}

/** onnxruntime has channels first. */
async function onnxruntime({
  shape,
  x,
  weights,
  weightScale,
}: Case): Promise<Runner & { readonly release: () => Promise<void> }> {
  const { kind, size, inputs, outputs, kernel, stride } = shape;
  const pad = Math.floor(kernel / 2);
  const perOutput = kind === "conv2d" ? inputs : 1;
  const builder = new GraphBuilder("conv");
  const scalar = (value: number, dtype: "float32" | "int8"): string =>
    builder.constant(tensor(value, { dtype, shape: [] }), `c${value}${dtype}`);
  const code = builder.input("x", { dtype: "int8", shape: [1, inputs, size, size] });
  const moved =
    kind === "conv2d"
      ? transposed(weights, [outputs, kernel * kernel, inputs], [0, 2, 1])
      : transposed(weights, [kernel * kernel, outputs, 1], [1, 2, 0]);
  const shared = { axis: null, blockSize: 0 } as const;
  const [image] = builder.add("dequantize", [code, scalar(input.scale, "float32"), scalar(input.zeroPoint, "int8")], {
    ...shared,
    dtype: "float32",
  });
  const [filter] = builder.add(
    "dequantize",
    [
      builder.constant(tensor(moved, { dtype: "int8", shape: [outputs, perOutput, kernel, kernel] }), "w"),
      scalar(weightScale, "float32"),
      scalar(0, "int8"),
    ],
    { ...shared, dtype: "float32" },
  );
  const [sum] = builder.add("conv2d", [image as string, filter as string], {
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    dilations: [1, 1],
    groups: kind === "conv2d" ? 1 : inputs,
  });
  const [y] = builder.add(
    "quantize",
    [sum as string, scalar(output.scale, "float32"), scalar(output.zeroPoint, "int8")],
    { ...shared, dtype: "int8" },
  );
  builder.output("y", y as string);
  const session = await InferenceSession.create(writeOnnx(builder.build()), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const feed = {
    x: new OrtTensor("int8", transposed(x, [size * size, inputs, 1], [1, 0, 2]), [1, inputs, size, size]),
  };
  const out = outputSize(shape);
  return {
    run: () => session.run(feed),
    result: async () => {
      const result = (await session.run(feed))["y"]?.data as Int8Array;
      return transposed(result, [outputs, out * out, 1], [1, 0, 2]);
    },
    release: () => session.release(),
  };
}

/** An array [a, b, c] with its axes in another order. */
function transposed(
  values: Int8Array,
  sizes: readonly [number, number, number],
  permutation: readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2],
): Int8Array {
  const steps = [sizes[1] * sizes[2], sizes[2], 1] as const;
  const [a, b, c] = permutation;
  const result = new Int8Array(values.length);
  let to = 0;
  for (let i = 0; i < sizes[a]; i++) {
    for (let j = 0; j < sizes[b]; j++) {
      for (let k = 0; k < sizes[c]; k++) result[to++] = values[i * steps[a] + j * steps[b] + k * steps[c]] as number;
    }
  }
  return result;
}

/** Others round sums only once: codes may differ by 1. */
function checkNear(name: string, got: Int8Array, wanted: Int8Array): void {
  const difference = got.reduce((most, code, i) => Math.max(most, Math.abs(code - (wanted[i] as number))), 0);
  if (got.length !== wanted.length || difference > 1) throw new Error(`${name} differs by ${difference}`);
}

const sets = { mobileNetV2, blazeFace, single };
const names = process.argv.slice(2).filter((word) => word in sets);
const chosen = Object.entries(sets).filter(([name]) => names.length === 0 || names.includes(name));

const [limit] = await inTurns([await dotLoop()]);
console.log(
  `limit (128-bit pairwise products, add; registers only): ${(1.28 / (limit?.min ?? 1)).toFixed(1)} GMAC/s\n`,
);
for (const [name, shapes] of chosen) {
  console.log(`${name}, GMAC/s`);
  console.log("| convolution | MMAC | wasm | TypeScript | naive | onnxruntime | wasm / naive | / onnxruntime |");
  console.log("|---|--:|--:|--:|--:|--:|--:|--:|");
  const totals = [0, 0, 0, 0];
  let all = 0;
  for (const shape of shapes) {
    const one = caseOf(shape);
    const ort = await onnxruntime(one);
    const runners: Runner[] = [ours(wasmKernels, one), ours(typescriptKernels, one), naive(one), ort];
    (runners[0] as Runner).run();
    const reference = await (runners[0] as Runner).result();
    for (const [i, runner] of runners.entries()) {
      runner.run();
      checkNear(`runner ${i}`, await runner.result(), reference);
    }
    const [a, d] = await inTurns([0, 3].map((i) => (runners[i] as Runner).run));
    const [b, c] = quick
      ? []
      : await inTurns(
          [1, 2].map((i) => (runners[i] as Runner).run),
          { rounds: 3, milliseconds: 100 },
        );
    await ort.release();
    const times = [a, b, c, d].map((time) => time?.min ?? Number.NaN);
    const work = macs(shape) / 1e6;
    all += work;
    for (const [i, time] of times.entries()) totals[i] = (totals[i] as number) + time;
    const { kind, kernel, stride, size, inputs, outputs } = shape;
    const title = `${kind === "conv2d" ? "conv" : "depthwise"} ${kernel}x${kernel}/${stride} ${size}x${size} ${inputs}>${outputs}`;
    console.log(line(title, work, times));
  }
  console.log(`${line("all", all, totals)}\n`);
}

function line(title: string, work: number, times: readonly number[]): string {
  const speeds = times.map((time) => (work / time).toFixed(2));
  const [ownTime = 1, , naiveTime = 1, ort = 1] = times;
  const ratios = [naiveTime, ort].map((time) => (time / ownTime).toFixed(2));
  return `| ${[title, work.toFixed(1), ...speeds, ...ratios].join(" | ")} |`;
}
