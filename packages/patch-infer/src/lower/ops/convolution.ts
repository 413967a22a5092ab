import type { NodeOf } from "@parsimony/core-tensor";
import type { Clamp, Window } from "../../network/layer.ts";
import type { Constant } from "../constants.ts";
import type { ExactNumbers, StoredWeights } from "../draft.ts";
import { type Lowering, refuse } from "../lowering.ts";
import { imageGroups } from "../placed.ts";
import { doubles } from "./numbers.ts";

export const noClamp: Clamp = { min: -Infinity, max: Infinity };

export type Reorder = <T extends Float64Array | Int8Array>(source: ArrayLike<number>, target: T) => T;

/** [out, in, height, width] to [out, height, width, in]. */
function channelsLast([out, depth, height, width]: readonly number[]): Reorder {
  return (source, target) => {
    const [o, d, cells] = [out as number, depth as number, (height as number) * (width as number)];
    for (let i = 0, to = 0; i < o; i++) {
      for (let cell = 0; cell < cells; cell++) {
        for (let c = 0; c < d; c++) target[to++] = source[(i * d + c) * cells + cell] as number;
      }
    }
    return target;
  };
}

/** [channels, 1, height, width] to [height, width, channels]. */
function channelsAfterCells([channels, , height, width]: readonly number[]): Reorder {
  return (source, target) => {
    const [count, cells] = [channels as number, (height as number) * (width as number)];
    for (let cell = 0, to = 0; cell < cells; cell++) {
      for (let c = 0; c < count; c++) target[to++] = source[c * cells + cell] as number;
    }
    return target;
  };
}

/** [in, out / groups, height, width] to [out, height, width, in / groups]. */
function transposedChannelsLast(shape: readonly number[], groups: number): Reorder {
  const [inputs, perGroup, height, width] = shape as [number, number, number, number];
  return (source, target) => {
    const depth = inputs / groups;
    const cells = height * width;
    let to = 0;
    for (let group = 0; group < groups; group++) {
      for (let o = 0; o < perGroup; o++) {
        for (let cell = 0; cell < cells; cell++) {
          for (let c = 0; c < depth; c++) {
            target[to++] = source[((group * depth + c) * perGroup + o) * cells + cell] as number;
          }
        }
      }
    }
    return target;
  };
}

/** Codes and scales of weights, where there is one scale per output channel (or one for all) and no zero point. */
function storedWeights(
  { stored }: Constant,
  channels: number,
  outputAxis: number,
  reorder: Reorder,
): StoredWeights | undefined {
  if (stored === undefined) return undefined;
  const { codes, axis } = stored;
  // uint8 codes around 128 are int8 codes around 0.
  const shift = codes.dtype === "uint8" ? 128 : 0;
  if (codes.dtype !== "int8" && codes.dtype !== "uint8") return undefined;
  if (stored.zeroPoints.some((zero) => zero !== shift) || (axis !== null && axis !== outputAxis)) return undefined;
  const scales = Float32Array.from({ length: channels }, (_, i) => stored.scales[axis === null ? 0 : i] as number);
  const numbers = Array.from(codes.dataSync() as ArrayLike<number>, (code) => code - shift);
  return { codes: reorder(numbers, new Int8Array(numbers.length)), scales };
}

export function exactNumbers(weights: Constant, channels: number, outputAxis: number, reorder: Reorder): ExactNumbers {
  const numbers = doubles(weights.value);
  const stored = storedWeights(weights, channels, outputAxis, reorder);
  return {
    weights: reorder(numbers, new Float64Array(numbers.length)),
    bias: new Float64Array(channels),
    ...(stored === undefined ? {} : { stored }),
  };
}

function constantWeights(at: Lowering, name: string): Constant {
  return at.constant(name) ?? refuse("has weights that are computed while the program runs");
}

export function conv2d(node: NodeOf<"conv2d">, at: Lowering): void {
  const [x, w] = node.inputs as [string, string];
  const { strides, pads, dilations, groups } = node.attributes;
  const weights = constantWeights(at, w);
  const shape = weights.value.shape as readonly [number, number, number, number];
  const window: Window = {
    kernel: [shape[2], shape[3]],
    strides,
    dilations,
    padBefore: [pads[0], pads[1]],
    padAfter: [pads[2], pads[3]],
  };
  const channels = at.shape(x)[1] as number;
  const input = at.arrange(at.value(x), imageGroups);
  const [output] = node.outputs as [string];
  if (groups > 1 && groups === channels) {
    const numbers = exactNumbers(weights, shape[0], 0, channelsAfterCells(shape));
    const depthMultiplier = shape[0] / channels;
    at.make(
      output,
      { kind: "depthwiseConv2d", ...window, depthMultiplier, ...numbers, clamp: noClamp },
      [input],
      imageGroups,
    );
    return;
  }
  const numbers = exactNumbers(weights, shape[0], 0, channelsLast(shape));
  at.make(output, { kind: "conv2d", ...window, groups, ...numbers, clamp: noClamp }, [input], imageGroups);
}

export function convTranspose2d(node: NodeOf<"convTranspose2d">, at: Lowering): void {
  const [x, w] = node.inputs as [string, string];
  const { strides, pads, dilations, groups, outputPadding } = node.attributes;
  const weights = constantWeights(at, w);
  const shape = weights.value.shape as readonly [number, number, number, number];
  const channels = shape[1] * groups;
  // One scale per output channel stands along axis 1, which with groups does not count all of them.
  const numbers = exactNumbers(weights, channels, groups === 1 ? 1 : -1, transposedChannelsLast(shape, groups));
  at.make(
    node.outputs[0] as string,
    {
      kind: "convTranspose2d",
      kernel: [shape[2], shape[3]],
      strides,
      dilations,
      padBefore: [pads[0], pads[1]],
      padAfter: [pads[2] - outputPadding[0], pads[3] - outputPadding[1]],
      groups,
      ...numbers,
      clamp: noClamp,
    },
    [at.arrange(at.value(x), imageGroups)],
    imageGroups,
  );
}

export const onePixel = {
  kernel: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  padBefore: [0, 0],
  padAfter: [0, 0],
} as const;

/** Every channel is the sum of all channels, which adds channels up or repeats a single one. */
export function onesConvolution(
  inputs: number,
  outputs: number,
): ExactNumbers & typeof onePixel & { kind: "conv2d"; groups: 1; clamp: typeof noClamp } {
  return {
    kind: "conv2d",
    ...onePixel,
    groups: 1,
    weights: new Float64Array(inputs * outputs).fill(1),
    bias: new Float64Array(outputs),
    clamp: noClamp,
  };
}
