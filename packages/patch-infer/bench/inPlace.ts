// Depthwise convolutions that overwrite their input, by the number of channels that the plan leaves room for, against the same
// layer out of place; and the time of one call on a box of one cell.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/inPlace.ts
import { type LayerCall, type Network, wasmKernels } from "@parsimony/patch-infer";
import type { DepthwiseConv2d } from "../src/network/layer.ts";
import { requantizationOf } from "../src/network/quantization.ts";
import { codeMap, randomCodes } from "../test/kernels/int8/layers.ts";
import { callOf, floatMap, networkOf, randomFloats, wholeBox } from "../test/kernels/oneLayer.ts";
import { inTurns } from "./kernels/inTurns.ts";

const blocks = [1, 4, 8, 16] as const;

/** Size, channels, kernel and stride. */
const shapes = [
  [112, 32, 3, 1],
  [112, 96, 3, 2],
  [56, 144, 3, 1],
  [56, 144, 3, 2],
  [28, 192, 3, 1],
  [28, 192, 5, 1],
  [28, 192, 3, 2],
  [14, 384, 3, 1],
  [7, 960, 3, 1],
] as const;

type Shape = (typeof shapes)[number];

function networkOfShape([size, channels, kernel, stride]: Shape, float: boolean): Network {
  const out = Math.ceil(size / stride);
  const pad = kernel >> 1;
  const layer: DepthwiseConv2d = {
    kind: "depthwiseConv2d",
    name: "layer",
    inputs: ["x"],
    output: "y",
    kernel: [kernel, kernel],
    strides: [stride, stride],
    dilations: [1, 1],
    padBefore: [pad, pad],
    padAfter: [pad, pad],
    depthMultiplier: 1,
    ...(float
      ? {
          weights: randomFloats(kernel ** 2 * channels, 1),
          bias: randomFloats(channels, 2),
          clamp: { min: -1, max: 1 },
        }
      : {
          weights: randomCodes(kernel ** 2 * channels, 1, -127),
          bias: new Int32Array(channels),
          clamp: { min: -128, max: 127 },
          requantization: requantizationOf(0.05, new Float32Array(channels).fill(0.006), 0.05),
        }),
  };
  const map = (name: string, side: number) =>
    float ? floatMap(name, side, side, channels) : codeMap(name, [side, side, channels], 0.05, -3);
  return networkOf([map("x", size), map("y", out)], [layer]);
}

/** Runs over an arena of their own: out of place, in place by block, and on a single cell. */
function runsOf(shape: Shape, float: boolean): (() => void)[] {
  const [size, channels, , stride] = shape;
  const network = networkOfShape(shape, float);
  const bytes = size * size * channels * (float ? 4 : 1);
  const kernels = wasmKernels(network, 2 * bytes);
  if (float)
    new Float32Array(kernels.arena.buffer, kernels.arena.byteOffset, bytes / 4).set(randomFloats(bytes / 4, 3));
  else new Int8Array(kernels.arena.buffer, kernels.arena.byteOffset, bytes).set(randomCodes(bytes, 3));
  const out = Math.ceil(size / stride);
  const at = (address: number, rowCells: number) => ({ address, top: 0, left: 0, rowCells });
  const box = wholeBox({ ...codeMap("y", [out, out, channels]) });
  const apart = callOf(box, [at(0, size)], at(bytes, out));
  const over = callOf(box, [at(0, size)], at(0, out));
  const one: LayerCall = { ...apart, rowStart: out >> 1, rowEnd: (out >> 1) + 1, columnStart: 1, columnEnd: 2 };
  return [
    () => kernels.run(0, apart),
    ...blocks.map((block) => () => kernels.runInPlace(0, over, bytes, block)),
    () => kernels.run(0, one),
    () => kernels.runInPlace(0, { ...one, output: over.output }, bytes, 1),
  ];
}

for (const float of [false, true]) {
  const header = ["out of place", ...blocks.map((block) => `${block} channels`), "one cell", "in place"];
  console.log(
    `\n${float ? "float32" : "int8"}, microseconds (times as long as out of place)\n${"".padEnd(26)}${header.map((each) => each.padStart(16)).join("")}`,
  );
  for (const shape of shapes) {
    const [size, channels, kernel, stride] = shape;
    const times = await inTurns(runsOf(shape, float), { rounds: 15, milliseconds: 250 });
    const [apart, ...others] = times.map(({ min }) => 1000 * min) as [number, ...number[]];
    const cells = others.map((time, i) =>
      (i < blocks.length ? `${time.toFixed(0)} (${(time / apart).toFixed(1)})` : time.toFixed(2)).padStart(16),
    );
    const label = `${kernel} x ${kernel}${stride > 1 ? ` / ${stride}` : ""}, ${size} x ${size}, ${channels}`;
    console.log(label.padEnd(26) + apart.toFixed(0).padStart(16) + cells.join(""));
  }
}
