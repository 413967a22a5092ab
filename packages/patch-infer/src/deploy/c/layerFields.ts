import { PatchInferError } from "../../base/errors.ts";
import type { LayerMaps } from "../../layers/rule.ts";
import type { Bias, Binary, Clamp, Layer, Requantization, Weights, Window } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import type { Variant } from "./kernels/variant.ts";
import type { Field, Fields } from "./struct.ts";

/** Binary layers that need no change of scale. */
export const none: NonNullable<Binary["requantization"]> = { leftShift: 0, multipliers: [0, 0, 0], shifts: [0, 0, 0] };

interface Weighted extends Window {
  readonly weights: Weights;
  readonly bias: Bias;
  readonly clamp: Clamp;
  readonly requantization?: Requantization;
}

export function weightFields(layer: Layer & Weighted, maps: LayerMaps, variant: Variant): Fields {
  const input = maps.inputs[0] as FeatureMap;
  const { requantization } = layer;
  if (variant.type === "int8" && requantization === undefined) {
    throw new PatchInferError("BAD_MODEL", `layer "${layer.name}": no requantization`, { layer: layer.name });
  }
  return {
    weights: { type: variant.cell, values: layer.weights },
    bias: { type: variant.bias, values: layer.bias },
    ...(requantization === undefined
      ? {}
      : {
          multiplier: { type: "int32_t", values: requantization.multiplier },
          shift: { type: "int8_t", values: requantization.shift },
          in_zero: zeroPoint(input, layer),
          out_zero: zeroPoint(maps.output, layer),
        }),
    ...clampFields(layer.clamp, variant),
    in_channels: input.channels,
    ...windowFields(layer, maps),
  };
}

export function windowFields({ kernel, strides, dilations, padBefore }: Window, { inputs }: LayerMaps): Fields {
  const { height, width } = inputs[0] as FeatureMap;
  return {
    in_height: height,
    in_width: width,
    kernel_height: kernel[0],
    kernel_width: kernel[1],
    stride_height: strides[0],
    stride_width: strides[1],
    dilation_height: dilations[0],
    dilation_width: dilations[1],
    pad_top: padBefore[0],
    pad_left: padBefore[1],
  };
}

export function binaryFields(layer: Binary, { inputs, output }: LayerMaps, variant: Variant): Fields {
  const [left, right] = inputs as readonly [FeatureMap, FeatureMap?];
  const { constant, requantization } = layer;
  const { multipliers, shifts, leftShift } = requantization ?? none;
  const codes: Fields = {
    left_shift: leftShift,
    left_zero: variant.type === "int8" ? zeroPoint(left, layer) : 0,
    right_zero: right === undefined ? (layer.constantZeroPoint ?? 0) : (right.zeroPoint ?? 0),
    out_zero: output.zeroPoint ?? 0,
    multiplier_left: multipliers[0],
    multiplier_right: multipliers[1],
    multiplier: multipliers[2],
    shift_left: shifts[0],
    shift_right: shifts[1],
    shift: shifts[2],
  };
  const constants = right === undefined ? (constant ?? []) : [];
  return {
    channels: output.channels,
    constant: { type: variant.cell, values: constants },
    left_row: left.height === 1 ? 0 : 1,
    left_cell: left.width === 1 ? 0 : left.channels,
    left_channels: left.channels,
    left_channel: left.channels === 1 ? 0 : 1,
    right_row: right === undefined || right.height === 1 ? 0 : 1,
    right_cell: right === undefined || right.width === 1 ? 0 : right.channels,
    right_channels: right?.channels ?? constants.length,
    right_channel: (right?.channels ?? constants.length) === 1 ? 0 : 1,
    ...(variant.type === "int8" ? codes : {}),
    ...clampFields(layer.clamp, variant),
  };
}

export function clampFields({ min, max }: Clamp, variant: Variant): Fields {
  return { min: number(min, variant), max: number(max, variant) };
}

export function number(value: number, { type }: Variant): Field {
  return type === "int8" ? value : { float: value };
}

export function sizeFields({ height, width, channels }: FeatureMap): Fields {
  return { in_height: height, in_width: width, in_channels: channels };
}

/** Channel `c` of position `p` in a block is channel `p * position_step + c * channel_step` of the other side. */
export function blockSteps(block: number, order: "dcr" | "crd", channels: number): Fields {
  return order === "dcr"
    ? { position_step: channels, channel_step: 1 }
    : { position_step: 1, channel_step: block * block };
}

export function int16(values: Int32Array): Field {
  return { type: "int16_t", values };
}

export function zeroPoint(map: FeatureMap, layer: Layer): number {
  return map.zeroPoint ?? unquantized(layer, map);
}

export function unquantized(layer: Layer, map: FeatureMap): never {
  throw new PatchInferError("BAD_MODEL", `layer "${layer.name}": map "${map.name}" has no scale or no zero point`, {
    layer: layer.name,
  });
}
