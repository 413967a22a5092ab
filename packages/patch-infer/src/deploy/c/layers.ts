import { PatchInferError } from "../../base/errors.ts";
import type { LayerMaps } from "../../layers/rule.ts";
import type { Binary, Layer, LayerKind, LayerOf } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import { conv2dText } from "./kernels/conv2d.ts";
import { convTranspose2dText } from "./kernels/convTranspose2d.ts";
import { depthwiseInPlaceText, depthwiseText } from "./kernels/depthwise.ts";
import {
  binaryText,
  combineText,
  dequantizeText,
  quantizeText,
  softmaxText,
  tableText,
  unaryText,
} from "./kernels/elementwise.ts";
import {
  concatText,
  depthToSpaceText,
  padText,
  resizeLinearText,
  resizeNearestText,
  sliceText,
  spaceToDepthText,
  transposeText,
} from "./kernels/moves.ts";
import { averagePool2dText, globalPoolText, maxPool2dText } from "./kernels/pools.ts";
import { type CFunction, type Variant, variants } from "./kernels/variant.ts";
import {
  binaryFields,
  blockSteps,
  clampFields,
  int16,
  none,
  number,
  sizeFields,
  unquantized,
  weightFields,
  windowFields,
  zeroPoint,
} from "./layerFields.ts";
import type { Field, Fields } from "./struct.ts";

/** A layer in C: the function that runs it, and a constant of the struct type that the function takes. */
export interface CLayer {
  readonly kernel: CFunction;
  readonly struct: string;
  readonly fields: Fields;
}

/** How a layer is carried out. */
export interface Manner {
  /** An addition into what stands at the output. */
  readonly add?: { readonly layer: Binary; readonly maps: LayerMaps };
  /** A depthwise convolution that overwrites its input. */
  readonly inPlace: boolean;
  /** A global pooling that adds up what patches make. */
  readonly byParts: boolean;
}

type Row<L extends Layer> = (layer: L, maps: LayerMaps, variant: Variant, manner: Manner) => CLayer;

const rows: { readonly [K in LayerKind]: Row<LayerOf<K>> } = {
  conv2d: (layer, maps, variant, { add }) => ({
    kernel: conv2dText(variant, add === undefined ? undefined : combineText(variant, add.layer.fn, add.layer.name)),
    struct: `net_conv2d_${variant.suffix}_layer`,
    fields: {
      ...weightFields(layer, maps, variant),
      out_channels: maps.output.channels,
      groups: layer.groups,
    },
  }),
  depthwiseConv2d: (layer, maps, variant, { inPlace }) => ({
    kernel: inPlace ? depthwiseInPlaceText(variant) : depthwiseText(variant),
    struct: `net_depthwise_${variant.suffix}_layer`,
    fields: { ...weightFields(layer, maps, variant), depth_multiplier: layer.depthMultiplier },
  }),
  convTranspose2d: (layer, maps, variant) => ({
    kernel: convTranspose2dText(variant),
    struct: `net_conv_transpose2d_${variant.suffix}_layer`,
    fields: {
      ...weightFields(layer, maps, variant),
      out_channels: maps.output.channels,
      groups: layer.groups,
    },
  }),
  maxPool2d: (layer, maps, variant) => ({
    kernel: maxPool2dText(variant),
    struct: `net_max_pool2d_${variant.suffix}_layer`,
    fields: { channels: maps.output.channels, ...windowFields(layer, maps), ...clampFields(layer.clamp, variant) },
  }),
  averagePool2d: (layer, maps, variant) => ({
    kernel: averagePool2dText(variant),
    struct: `net_average_pool2d_${variant.suffix}_layer`,
    fields: {
      channels: maps.output.channels,
      ...windowFields(layer, maps),
      cells: layer.countIncludePad ? layer.kernel[0] * layer.kernel[1] : 0,
      ...(variant.type === "int8" ? { zero: zeroPoint(maps.output, layer) } : {}),
      ...clampFields(layer.clamp, variant),
    },
  }),
  binary: (layer, maps, variant) => ({
    kernel: binaryText(variant, combineText(variant, layer.fn, layer.name), maps.inputs.length === 1),
    struct: `net_binary_${variant.suffix}_layer`,
    fields: binaryFields(layer, maps, variant),
  }),
  unary: (layer, { output }, variant) =>
    variant.type === "int8"
      ? tableLayer(layer, output, layer.table)
      : {
          kernel: unaryText(layer.fn),
          struct: "net_unary_f32_layer",
          fields: {
            channels: output.channels,
            slope: { type: "float", values: layer.slope ?? [0] },
            slope_channel: layer.slope !== undefined && layer.slope.length > 1 ? 1 : 0,
            ...clampFields(layer.clamp, variant),
          },
        },
  convert: (layer, { inputs, output }, variant) => {
    const input = inputs[0] as FeatureMap;
    if (input.type === "int8" && output.type === "int8") return tableLayer(layer, output, layer.table);
    const quantized = variant.type === "int8" ? input : output;
    return {
      kernel: variant.type === "int8" ? dequantizeText : quantizeText,
      struct: "net_convert_layer",
      fields: {
        channels: output.channels,
        scale: { float: quantized.scale ?? unquantized(layer, quantized) },
        zero: zeroPoint(quantized, layer),
      },
    };
  },
  pad: (layer, { inputs: [input], output }, variant) => ({
    kernel: padText(variant),
    struct: `net_pad_${variant.suffix}_layer`,
    fields: {
      ...sizeFields(input as FeatureMap),
      out_channels: output.channels,
      top: layer.before[0],
      left: layer.before[1],
      first_channel: layer.before[2],
      value: number(layer.value, variant),
    },
  }),
  concat: (layer, { inputs, output }, variant) => {
    const next = [0, 0, 0];
    const places = inputs.flatMap(({ height, width, channels }) => {
      const place = [...next, height, width, channels];
      (next[layer.axis] as number) += [height, width, channels][layer.axis] as number;
      return place;
    });
    return {
      kernel: concatText(variant),
      struct: `net_concat_${variant.suffix}_layer`,
      fields: { inputs: inputs.length, places: { type: "int32_t", values: places }, out_channels: output.channels },
    };
  },
  resize2d: ({ mode, rows: vertical, columns: horizontal }, { output: { channels } }, variant) => {
    const positions = { rows: int16(vertical.low), columns: int16(horizontal.low) };
    if (mode === "nearest") {
      return {
        kernel: resizeNearestText(variant),
        struct: `net_resize_nearest_${variant.suffix}_layer`,
        fields: { channels, ...positions },
      };
    }
    const share = (values: Float32Array): Field =>
      variant.type === "float32"
        ? { type: "float", values }
        : { type: "int16_t", values: Array.from(values, (value) => Math.round(1024 * value)) };
    return {
      kernel: resizeLinearText(variant),
      struct: `net_resize_linear_${variant.suffix}_layer`,
      fields: {
        channels,
        rows_low: positions.rows,
        rows_high: int16(vertical.high),
        rows_share: share(vertical.share),
        columns_low: positions.columns,
        columns_high: int16(horizontal.high),
        columns_share: share(horizontal.share),
      },
    };
  },
  depthToSpace: ({ block, order }, { output }, variant) => ({
    kernel: depthToSpaceText(variant),
    struct: `net_depth_to_space_${variant.suffix}_layer`,
    fields: { out_channels: output.channels, block, ...blockSteps(block, order, output.channels) },
  }),
  spaceToDepth: ({ block, order }, { inputs: [input] }, variant) => {
    const { channels } = input as FeatureMap;
    return {
      kernel: spaceToDepthText(variant),
      struct: `net_space_to_depth_${variant.suffix}_layer`,
      fields: { in_channels: channels, block, ...blockSteps(block, order, channels) },
    };
  },
  slice: ({ starts, steps }, { inputs: [input], output }, variant) => ({
    kernel: sliceText(variant),
    struct: `net_slice_${variant.suffix}_layer`,
    fields: {
      in_channels: (input as FeatureMap).channels,
      out_channels: output.channels,
      first_row: starts[0],
      first_column: starts[1],
      first_channel: starts[2],
      row_step: steps[0],
      column_step: steps[1],
      channel_step: steps[2],
    },
  }),
  globalPool: (layer, maps, variant, { byParts }) => ({
    kernel: globalPoolText(variant, layer.fn, byParts),
    struct: `net_global_pool_${variant.suffix}_layer`,
    fields: {
      channels: maps.output.channels,
      in_height: (maps.inputs[0] as FeatureMap).height,
      in_width: (maps.inputs[0] as FeatureMap).width,
      ...(variant.type === "int8"
        ? {
            in_zero: zeroPoint(maps.inputs[0] as FeatureMap, layer),
            out_zero: zeroPoint(maps.output, layer),
            multiplier: layer.requantization?.multiplier[0] ?? 0,
            shift: layer.requantization?.shift[0] ?? 0,
          }
        : {}),
      ...clampFields(layer.clamp, variant),
    },
  }),
  softmax: (layer, { output }, { type }) => {
    if (type === "int8") throw unsupported(layer, "softmax of int8 cells");
    return { kernel: softmaxText, struct: "net_softmax_f32_layer", fields: { channels: output.channels } };
  },
  transpose: ({ permutation }, { inputs: [input], output }, variant) => ({
    kernel: transposeText(variant),
    struct: `net_transpose_${variant.suffix}_layer`,
    fields: {
      ...sizeFields(input as FeatureMap),
      out_width: output.width,
      out_channels: output.channels,
      axis_0: permutation[0],
      axis_1: permutation[1],
      axis_2: permutation[2],
    },
  }),
};

/**
 * A layer in C.
 *
 * @throws PatchInferError UNSUPPORTED_OP for what there is no C for, BAD_MODEL for int8 maps without scale or zero point
 */
export function cLayerOf(layer: Layer, maps: LayerMaps, manner: Manner): CLayer {
  const variant = variants[(maps.inputs[0] ?? maps.output).type];
  return (rows[layer.kind] as Row<Layer>)(layer, maps, variant, manner);
}

/** The struct of an addition into the output of a convolution, whose result is its left operand. */
export function cAddition(
  convolution: Layer,
  { layer, maps }: NonNullable<Manner["add"]>,
): Pick<CLayer, "struct" | "fields"> {
  const variant = variants[maps.output.type];
  const swapped = layer.inputs[0] !== convolution.output;
  const [a, b] = maps.inputs as readonly [FeatureMap, FeatureMap];
  const {
    multipliers: [m1, m2, m3],
    shifts: [s1, s2, s3],
    leftShift,
  } = layer.requantization ?? none;
  const turned: Binary = {
    ...layer,
    ...(layer.requantization === undefined
      ? {}
      : { requantization: { leftShift, multipliers: [m2, m1, m3], shifts: [s2, s1, s3] } }),
  };
  return {
    struct: `net_binary_${variant.suffix}_layer`,
    fields: binaryFields(swapped ? turned : layer, swapped ? { ...maps, inputs: [b, a] } : maps, variant),
  };
}

function tableLayer(layer: Layer, output: FeatureMap, table: Int8Array | undefined): CLayer {
  if (table === undefined)
    throw new PatchInferError("BAD_MODEL", `layer "${layer.name}": no table`, { layer: layer.name });
  return {
    kernel: tableText,
    struct: "net_table_s8_layer",
    fields: {
      channels: output.channels,
      table: { type: "int8_t", values: table },
      next_table: table.length > 256 ? 256 : 0,
    },
  };
}

function unsupported(layer: Layer, what: string): PatchInferError {
  return new PatchInferError("UNSUPPORTED_OP", `layer "${layer.name}" (${layer.kind}): no C for ${what}`, {
    layer: layer.name,
  });
}
