import { PatchInferError } from "../../base/errors.ts";
import { type Interval, length } from "../../base/interval.ts";
import type { Conv2d, ConvTranspose2d, DepthwiseConv2d, Requantization } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import { quantizationOf, type GraphWriter } from "./writer.ts";
import { type Around, demandOf, finished, paddedWindow, real, windowOf } from "./around.ts";
import { weightScales } from "./scales.ts";

type Convolution = Conv2d | DepthwiseConv2d | ConvTranspose2d;

/** Weights in the order of the ops: `place(i)` is where the i-th number of the layer goes. */
function reordered(
  { weights }: Convolution,
  writer: GraphWriter,
  place: (i: number) => number,
): Float32Array | Int8Array {
  return writer.once(weights, "ordered", () => {
    const result = weights.slice();
    for (let i = 0; i < weights.length; i++) result[place(i)] = weights[i] as number;
    return result;
  });
}

/** [out, height, width, in] to [out, in, height, width]. */
function channelsFirst(cells: number, depth: number): (i: number) => number {
  return (i) => {
    const c = i % depth;
    const cell = Math.floor(i / depth) % cells;
    return (Math.floor(i / (depth * cells)) * depth + c) * cells + cell;
  };
}

interface Numbers {
  readonly weights: string;
  /** Of the shape [out, 1, 1]. */
  readonly bias: string | undefined;
  readonly isDense: boolean;
}

/** Weights and bias of a layer as values: constants, or constant codes made numbers. */
function numbersOf(
  layer: Convolution,
  weights: Float32Array | Int8Array,
  shape: readonly number[],
  around: Around,
  outputAxis: number = 0,
): Numbers {
  const { writer, maps } = around;
  const biasShape = [layer.bias.length, 1, 1];
  const isZero = layer.bias.every((value) => value === 0);
  if (weights instanceof Float32Array) {
    const bias = isZero ? undefined : writer.constant(layer.bias as Float32Array, biasShape);
    return { weights: writer.constant(weights, shape), bias, isDense: false };
  }
  const input = quantizationOf(maps.inputs[0] as FeatureMap);
  const { scales, isDense } = writer.once(layer, "scales", () =>
    weightScales(layer, layer.requantization as Requantization, input, quantizationOf(maps.output)),
  );
  const steps = writer.once(layer, "steps", () => scales.map((scale) => Math.fround(input.scale) * scale));
  const bias = isZero ? undefined : writer.dequantizeConstant(layer.bias as Int32Array, biasShape, steps);
  if (isDense) return { weights: denseWeights(writer, weights, shape, scales), bias, isDense };
  if (shape[outputAxis] !== scales.length) {
    const message = `layer "${layer.name}": standard programs have no transposed convolutions of codes in groups`;
    throw new PatchInferError("UNSUPPORTED_OP", message, { layer: layer.name });
  }
  return { weights: writer.dequantizeConstant(weights, shape, scales, outputAxis), bias, isDense };
}

/** Weights [out, in, 1, 1] of a dense layer as a matrix [in, out] with one scale. */
function denseWeights(
  writer: GraphWriter,
  weights: Int8Array,
  [out, depth]: readonly number[],
  scales: Float32Array,
): string {
  const codes = writer.constant(weights, [out as number, depth as number]);
  const turned = writer.op("transpose", [codes], { permutation: [1, 0] });
  return writer.dequantize(turned, { scale: scales[0] as number, zeroPoint: 0 });
}

function withBias(value: string, bias: string | undefined, writer: GraphWriter): string {
  return bias === undefined ? value : writer.op("add", [value, bias], {});
}

function sum(x: string, { weights, bias, isDense }: Numbers, attributes: ConvAttributes, writer: GraphWriter): string {
  if (!isDense) return withBias(writer.op("conv2d", [x, weights], attributes), bias, writer);
  const last = writer.op("transpose", [x], { permutation: [0, 2, 3, 1] });
  const product = writer.op("matmul", [last, weights], {});
  return withBias(writer.op("transpose", [product], { permutation: [0, 3, 1, 2] }), bias, writer);
}

interface ConvAttributes {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  readonly groups: number;
}

function convolution(layer: Conv2d | DepthwiseConv2d, numbers: Numbers, groups: number, around: Around): string {
  const { writer, maps } = around;
  const { strides, dilations } = layer;
  const box = demandOf(layer, 0, around);
  const input = maps.inputs[0] as FeatureMap;
  const { value, height, width } = windowOf(0, box, around);
  if (input.type === "float32" && value !== undefined) {
    const pads = [height[0], width[0], height[1], width[1]] as const;
    return finished(sum(value, numbers, { strides, pads, dilations, groups }, writer), layer.clamp, around);
  }
  // Codes are padded with the one that stands for 0.
  const filling = input.type === "int8" ? (input.zeroPoint as number) : 0;
  const x = real(paddedWindow(0, box, filling, around), input, around);
  return finished(sum(x, numbers, { strides, pads: [0, 0, 0, 0], dilations, groups }, writer), layer.clamp, around);
}

export function conv2d(layer: Conv2d, around: Around): string {
  const { output } = around.maps;
  const [height, width] = layer.kernel;
  const depth = layer.weights.length / (output.channels * height * width);
  const weights = reordered(layer, around.writer, channelsFirst(height * width, depth));
  return convolution(
    layer,
    numbersOf(layer, weights, [output.channels, depth, height, width], around),
    layer.groups,
    around,
  );
}

export function depthwiseConv2d(layer: DepthwiseConv2d, around: Around): string {
  const { inputs, output } = around.maps;
  const [height, width] = layer.kernel;
  const { channels } = output;
  // [height, width, channels] to [channels, 1, height, width].
  const weights = reordered(layer, around.writer, (i) => (i % channels) * height * width + Math.floor(i / channels));
  const numbers = numbersOf(layer, weights, [channels, 1, height, width], around);
  return convolution(layer, numbers, (inputs[0] as FeatureMap).channels, around);
}

/**
 * All that the input part adds up to, from which the box is cut; what the op does not reach is 0 (then the bias).
 */
export function convTranspose2d(layer: ConvTranspose2d, around: Around): string {
  const { writer, maps, rows, columns } = around;
  const input = maps.inputs[0] as FeatureMap;
  const [kh, kw] = layer.kernel;
  const { groups, strides, dilations } = layer;
  const perGroup = maps.output.channels / groups;
  const depth = input.channels / groups;
  // [out, height, width, in / groups] to [in, out / groups, height, width].
  const weights = reordered(layer, writer, (i) => {
    const c = i % depth;
    const cell = Math.floor(i / depth) % (kh * kw);
    const o = Math.floor(i / (depth * kh * kw));
    const group = Math.floor(o / perGroup);
    return ((group * depth + c) * perGroup + (o % perGroup)) * kh * kw + cell;
  });
  const numbers = numbersOf(layer, weights, [input.channels, perGroup, kh, kw], around, 1);
  const window = windowOf(0, demandOf(layer, 0, around), around);
  const origin = (axis: 0 | 1): number =>
    (axis === 0 ? window.rows : window.columns).start * strides[axis] - layer.padBefore[axis];
  if (window.value === undefined) {
    const shape = [1, maps.output.channels, length(rows), length(columns)];
    const zeros = writer.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
    return finished(withBias(zeros, numbers.bias, writer), layer.clamp, around);
  }
  const x = real(window.value, input, around);
  const pads = [0, 0, 0, 0] as const;
  const attributes = { strides, pads, dilations, groups, outputPadding: [0, 0] as const };
  const made = writer.op("convTranspose2d", [x, numbers.weights], attributes);
  const [, , height = 0, width = 0] = writer.shape(made);
  const down = fitted(rows, origin(0), height);
  const across = fitted(columns, origin(1), width);
  const all = { value: made, rows: { start: 0, end: height }, columns: { start: 0, end: width } };
  const cut = writer.slice(all, { rows: down.inside, columns: across.inside });
  const whole = writer.pad(cut, down.missing, across.missing, 0);
  return finished(withBias(whole, numbers.bias, writer), layer.clamp, around);
}

/** Positions of the box in what was made from `origin` on, and how many are missing before and after. */
function fitted(
  { start, end }: Interval,
  origin: number,
  size: number,
): { readonly inside: Interval; readonly missing: readonly [number, number] } {
  const inside = { start: Math.max(0, start - origin), end: Math.min(size, end - origin) };
  return { inside, missing: [Math.max(0, origin - start), Math.max(0, end - origin - size)] };
}
