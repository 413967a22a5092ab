import { unaryFunctions } from "../kernels/float/typescript/unary.ts";
import type {
  Binary,
  Conv2d,
  ConvTranspose2d,
  DepthwiseConv2d,
  GlobalPool,
  Layer,
  LayerKind,
  LayerOf,
  Unary,
} from "../network/layer.ts";
import type { FeatureMap } from "../network/network.ts";
import {
  type Quantization,
  additionRequantization,
  clampInCodes,
  leakyReluTable,
  meanRequantization,
  multiplicationRequantization,
  quantizeBias,
  requantizationOf,
  requantizeTable,
  sumRequantization,
  unaryTable,
} from "../network/quantization.ts";
import { activationQuantization, channelCodes, toCodes } from "./parameters.ts";
import type { ValueRange } from "./ranges.ts";

/** The quantised maps around a layer. */
export interface QuantizedMaps {
  readonly inputs: readonly Quantization[];
  readonly output: Quantization;
  readonly inputMaps: readonly FeatureMap[];
}

/** How a kind of layer becomes one over codes. */
interface QuantizeRule<L extends Layer> {
  /** Whether the layer has an int8 form at all; if not it stays float32 between conversions. Default: always. */
  readonly quantizes?: (layer: L) => boolean;
  /** The layer moves or compares codes, so inputs and output must have one quantisation. Default: never. */
  readonly sameScale?: (layer: L) => boolean;
  /** A range that the output's quantisation must hold besides what was observed. */
  readonly range?: (layer: L) => ValueRange | undefined;
  readonly quantize: (layer: L, maps: QuantizedMaps) => L;
}

const always = (): boolean => true;
/** Layers that move codes and have no numbers of their own. */
const moves = { sameScale: always, quantize: <L>(layer: L): L => layer };
const stays = { quantizes: (): boolean => false, quantize: <L>(layer: L): L => layer };

function convolution<L extends Conv2d | DepthwiseConv2d | ConvTranspose2d>(channelsLast: boolean): QuantizeRule<L> {
  return {
    quantize: (layer, { inputs, output }) => {
      const inputScale = (inputs[0] as Quantization).scale;
      const { codes, scales } = channelCodes(layer.weights, layer.bias, { inputScale, channelsLast });
      return {
        ...layer,
        weights: codes,
        bias: quantizeBias(layer.bias, inputScale, scales),
        clamp: clampInCodes(layer.clamp, output),
        requantization: requantizationOf(inputScale, scales, output.scale),
      };
    },
  };
}

const pooling = {
  sameScale: always,
  quantize: <L extends LayerOf<"maxPool2d" | "averagePool2d">>(layer: L, { output }: QuantizedMaps): L => ({
    ...layer,
    clamp: clampInCodes(layer.clamp, output),
  }),
};

const comparison = ({ fn }: Binary): boolean => fn === "minimum" || fn === "maximum";

function constantRange({ constant }: Binary): ValueRange | undefined {
  if (constant === undefined) return undefined;
  const finite = Array.from(constant as Float32Array).filter(Number.isFinite);
  return { min: Math.min(0, ...finite), max: Math.max(0, ...finite) };
}

const binary: QuantizeRule<Binary> = {
  quantizes: ({ fn }) => fn !== "div" && fn !== "rdiv",
  sameScale: comparison,
  range: (layer) => (comparison(layer) ? constantRange(layer) : undefined),
  quantize: (layer, { inputs, output }) => {
    const { fn, constant } = layer;
    const left = inputs[0] as Quantization;
    const ofConstant = comparison(layer) ? output : activationQuantization(constantRange(layer) ?? { min: 0, max: 0 });
    const right = inputs[1] ?? ofConstant;
    const scales = [left.scale, right.scale, output.scale] as const;
    return {
      ...layer,
      clamp: clampInCodes(layer.clamp, output),
      ...(constant === undefined
        ? {}
        : { constant: toCodes(constant, right), constantScale: right.scale, constantZeroPoint: right.zeroPoint }),
      ...(comparison(layer)
        ? {}
        : {
            requantization: fn === "mul" ? multiplicationRequantization(...scales) : additionRequantization(...scales),
          }),
    };
  },
};

const unary: QuantizeRule<Unary> = {
  quantize: (layer, { inputs, output }) => {
    const { fn, clamp, slope } = layer;
    const input = inputs[0] as Quantization;
    const limits = clampInCodes(clamp, output);
    if (fn === "clamp") return { ...layer, clamp: limits, table: requantizeTable(input, output, limits) };
    if (fn === "leakyRelu")
      return { ...layer, clamp: limits, table: leakyReluTable(slope ?? Float32Array.of(0), input, output, limits) };
    return { ...layer, clamp: limits, table: unaryTable(unaryFunctions[fn], input, output, limits) };
  },
};

const globalPool: QuantizeRule<GlobalPool> = {
  sameScale: ({ fn }) => fn === "max",
  quantize: (layer, { inputs, output, inputMaps }) => {
    const input = inputs[0] as Quantization;
    const { height, width } = inputMaps[0] as FeatureMap;
    const clamp = clampInCodes(layer.clamp, output);
    if (layer.fn === "max") return { ...layer, clamp };
    const requantization =
      layer.fn === "mean"
        ? meanRequantization(input.scale, output.scale, height * width)
        : sumRequantization(input.scale, output.scale);
    return { ...layer, clamp, requantization };
  },
};

/** How each kind of layer becomes int8. */
export const quantizeRules: { readonly [K in LayerKind]: QuantizeRule<LayerOf<K>> } = {
  conv2d: convolution(false),
  depthwiseConv2d: convolution(true),
  convTranspose2d: convolution(false),
  maxPool2d: pooling,
  averagePool2d: pooling,
  binary,
  unary,
  // A float network has none; one that is int8 already is refused before.
  convert: stays,
  pad: {
    sameScale: always,
    range: ({ value }) => (Number.isFinite(value) ? { min: Math.min(0, value), max: Math.max(0, value) } : undefined),
    quantize: (layer, { output }) => ({ ...layer, value: toCodes([layer.value], output)[0] as number }),
  },
  concat: moves,
  resize2d: moves,
  depthToSpace: moves,
  spaceToDepth: moves,
  slice: moves,
  globalPool,
  softmax: stays,
  transpose: moves,
};

/** The rule of a layer, whatever its kind. */
export function quantizeRuleOf(layer: Layer): QuantizeRule<Layer> {
  return quantizeRules[layer.kind] as QuantizeRule<Layer>;
}
