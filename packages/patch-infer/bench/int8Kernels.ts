// Speed of single int8 convolutions: ours (WebAssembly, TypeScript), a naive loop and onnxruntime-node (the same graph in
// QDQ form, which it runs as QLinearConv), all on one thread: the compiled ones in turns, the plain loops in processes of
// their own (see kernels/plainTimes.ts; --quick leaves them out). tfjs-backend-wasm has no int8 convolutions.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/int8Kernels.ts [mobileNetV2|blazeFace|single] [--quick]
import { GraphBuilder, tensor } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { typescriptKernels } from "../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../src/kernels/wasmKernels.ts";
import { dotLoop } from "./kernels/dotLoop.ts";
import { type Int8Case, type Int8Runner, input, int8CaseOf, naive, ours, output } from "./kernels/int8Case.ts";
import { inTurns } from "./kernels/inTurns.ts";
import { plainTimes } from "./kernels/plainTimes.ts";
import { macs, outputSize, shapeSets } from "./kernels/shapes.ts";

const quick = process.argv.includes("--quick");
/** onnxruntime has channels first. */
async function onnxruntime({
  shape,
  x,
  weights,
  weightScale,
}: Int8Case): Promise<Int8Runner & { readonly release: () => Promise<void> }> {
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

const names = process.argv.slice(2).filter((word) => word in shapeSets);
const chosen = Object.entries(shapeSets).filter(([name]) => names.length === 0 || names.includes(name));

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
  const plain = quick
    ? undefined
    : { typescript: plainTimes("int8", name, "typescript"), naive: plainTimes("int8", name, "naive") };
  for (const [index, shape] of shapes.entries()) {
    const one = int8CaseOf(shape);
    const ort = await onnxruntime(one);
    const runners: Int8Runner[] = [ours(wasmKernels, one), ours(typescriptKernels, one), naive(one), ort];
    (runners[0] as Int8Runner).run();
    const reference = await (runners[0] as Int8Runner).result();
    for (const [i, runner] of runners.entries()) {
      runner.run();
      checkNear(`runner ${i}`, await runner.result(), reference);
    }
    const [a, d] = await inTurns([0, 3].map((i) => (runners[i] as Int8Runner).run));
    await ort.release();
    const times = [a?.min, plain?.typescript[index], plain?.naive[index], d?.min].map((time) => time ?? Number.NaN);
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
  const speeds = times.map((time) => inTable(work / time));
  const [ownTime = 1, , naiveTime = 1, ort = 1] = times;
  const ratios = [naiveTime, ort].map((time) => inTable(time / ownTime));
  return `| ${[title, work.toFixed(1), ...speeds, ...ratios].join(" | ")} |`;
}

/** Not measured: nothing. */
function inTable(value: number): string {
  return Number.isNaN(value) ? "" : value.toFixed(2);
}
