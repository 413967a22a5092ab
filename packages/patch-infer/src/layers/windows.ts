import { type Interval, empty, hull, length } from "../base/interval.ts";
import type { AveragePool2d, Conv2d, ConvTranspose2d, DepthwiseConv2d, MaxPool2d, Window } from "../network/layer.ts";
import type { Axis, LayerRule } from "./rule.ts";

/** Position of an axis in `Pair`s. */
export function axisIndex(axis: Axis): 0 | 1 {
  return axis === "rows" ? 0 : 1;
}

/** Positions from the first to the last that one window touches. */
export function extent(layer: Window, axis: Axis): number {
  const i = axisIndex(axis);
  return (layer.kernel[i] - 1) * layer.dilations[i] + 1;
}

function windowDemand(layer: Window, axis: Axis, { start, end }: Interval): Interval {
  const i = axisIndex(axis);
  const before = layer.padBefore[i];
  const stride = layer.strides[i];
  return { start: start * stride - before, end: (end - 1) * stride - before + extent(layer, axis) };
}

/** Output o gets tap k of input i where `i * stride + k * dilation = o + padBefore`: for each tap the range of i. */
function transposeDemand(layer: Window, axis: Axis, { start, end }: Interval): Interval {
  const i = axisIndex(axis);
  const stride = layer.strides[i];
  let all = empty;
  for (let tap = 0; tap < layer.kernel[i]; tap++) {
    const shift = layer.padBefore[i] - tap * layer.dilations[i];
    all = hull(all, { start: Math.ceil((start + shift) / stride), end: Math.floor((end - 1 + shift) / stride) + 1 });
  }
  return all;
}

/** Pairs of output position and tap that some input position (inside the image or not) belongs to. */
function transposeWork(layer: Window, axis: Axis, { start, end }: Interval): number {
  const i = axisIndex(axis);
  const stride = layer.strides[i];
  let pairs = 0;
  for (let tap = 0; tap < layer.kernel[i]; tap++) {
    const shift = layer.padBefore[i] - tap * layer.dilations[i];
    pairs += Math.max(0, Math.floor((end - 1 + shift) / stride) - Math.ceil((start + shift) / stride) + 1);
  }
  return pairs;
}

const windowJump = (layer: Window, axis: Axis): number => layer.strides[axisIndex(axis)];

export const conv2d: LayerRule<Conv2d> = {
  demand: (layer, _index, axis, output) => windowDemand(layer, axis, output),
  jump: windowJump,
  unit: (layer, { inputs: [input], output }) =>
    (layer.kernel[0] * layer.kernel[1] * (input?.channels ?? 0) * output.channels) / layer.groups,
  work: (_layer, _axis, output) => length(output),
};

export const depthwiseConv2d: LayerRule<DepthwiseConv2d> = {
  demand: (layer, _index, axis, output) => windowDemand(layer, axis, output),
  jump: windowJump,
  unit: (layer, { output }) => layer.kernel[0] * layer.kernel[1] * output.channels,
  work: (_layer, _axis, output) => length(output),
};

export const convTranspose2d: LayerRule<ConvTranspose2d> = {
  demand: (layer, _index, axis, output) => transposeDemand(layer, axis, output),
  jump: (layer, axis) => 1 / layer.strides[axisIndex(axis)],
  unit: (layer, { inputs: [input], output }) => ((input?.channels ?? 0) * output.channels) / layer.groups,
  work: (layer, axis, output) => transposeWork(layer, axis, output),
};

const pool: LayerRule<MaxPool2d | AveragePool2d> = {
  demand: (layer, _index, axis, output) => windowDemand(layer, axis, output),
  jump: windowJump,
  unit: () => 0,
  work: (_layer, _axis, output) => length(output),
};

export const maxPool2d: LayerRule<MaxPool2d> = pool;
export const averagePool2d: LayerRule<AveragePool2d> = pool;
