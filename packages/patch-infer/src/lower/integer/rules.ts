import { unaryFunctions } from "../../kernels/float/typescript/unary.ts";
import type { GlobalPool, LayerKind, LayerOf, Unary } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import {
  type Quantization,
  additionRequantization,
  clampInCodes,
  leakyReluTable,
  meanRequantization,
  multiplicationRequantization,
  requantizeTable,
  sumRequantization,
  unaryTable,
} from "../../network/quantization.ts";
import type { DraftBinary, DraftLayer } from "../draft.ts";
import { integerConvolution } from "./convolution.ts";

/** The maps of codes around a layer that is to compute with codes. */
export interface CodeMaps {
  readonly inputs: readonly Quantization[];
  readonly inputMaps: readonly FeatureMap[];
  readonly output: Quantization;
}

/**
 * How a float layer between codes computes with them by TFLite's rules.
 *
 * - `layer`: the layer with whole numbers; undefined where it must stay a float layer.
 * - `keepsScale`: it needs the scale of its output at its inputs, so codes are brought to another scale before or after it.
 */
export interface IntegerRule<L extends DraftLayer> {
  readonly keepsScale?: (layer: L) => boolean;
  readonly layer: (layer: L, maps: CodeMaps) => DraftLayer | undefined;
}

const always = (): boolean => true;
const stays: IntegerRule<DraftLayer> = { layer: () => undefined };
const moves: IntegerRule<DraftLayer> = { keepsScale: always, layer: (layer) => layer };

const isComparison = ({ fn }: DraftBinary): boolean => fn === "minimum" || fn === "maximum";

/** One scale and zero point for all entries. */
function single(values: ArrayLike<number>): boolean {
  return Array.from(values).every((value) => value === values[0]);
}

/** The constant as codes with one scale; undefined where the program does not have it so. */
function constantCodes({ constant, storedConstant }: DraftBinary): Partial<DraftBinary> | undefined {
  if (constant === undefined) return {};
  if (storedConstant === undefined) return undefined;
  const { codes, scales, zeroPoints } = storedConstant;
  if (!single(scales) || !single(zeroPoints) || !codes.every((code) => code >= -128 && code <= 127)) return undefined;
  return {
    constant: Int8Array.from(codes),
    constantScale: scales[0] as number,
    constantZeroPoint: zeroPoints[0] as number,
  };
}

function same(a: Quantization, b: Quantization): boolean {
  return a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

const binary: IntegerRule<DraftBinary> = {
  keepsScale: isComparison,
  layer: (layer, { inputs, output }) => {
    const { storedConstant: _, ...own } = layer;
    const constant = constantCodes(layer);
    if (constant === undefined || layer.fn === "div" || layer.fn === "rdiv") return undefined;
    const left = inputs[0] as Quantization;
    const right =
      inputs[1] ??
      ({ scale: constant.constantScale as number, zeroPoint: constant.constantZeroPoint as number } as const);
    const clamp = clampInCodes(layer.clamp, output);
    if (isComparison(layer)) return same(right, output) ? { ...own, ...constant, clamp } : undefined;
    const requantizationOf = layer.fn === "mul" ? multiplicationRequantization : additionRequantization;
    return { ...own, ...constant, clamp, requantization: requantizationOf(left.scale, right.scale, output.scale) };
  },
};

function unary(layer: Unary, { inputs, output }: CodeMaps): Unary {
  const input = inputs[0] as Quantization;
  const { fn, slope = Float32Array.of(0) } = layer;
  const clamp = clampInCodes(layer.clamp, output);
  if (fn === "clamp") return { ...layer, clamp, table: requantizeTable(input, output, clamp) };
  if (fn === "leakyRelu") return { ...layer, clamp, table: leakyReluTable(slope, input, output, clamp) };
  return { ...layer, clamp, table: unaryTable(unaryFunctions[fn], input, output, clamp) };
}

function globalPool(layer: GlobalPool, { inputs, inputMaps, output }: CodeMaps): GlobalPool {
  const input = inputs[0] as Quantization;
  const { height, width } = inputMaps[0] as FeatureMap;
  const clamp = clampInCodes(layer.clamp, output);
  if (layer.fn === "max") return { ...layer, clamp };
  const requantization =
    layer.fn === "mean"
      ? meanRequantization(input.scale, output.scale, height * width)
      : sumRequantization(input.scale, output.scale);
  return { ...layer, clamp, requantization };
}

const pool: IntegerRule<LayerOf<"maxPool2d" | "averagePool2d">> = {
  keepsScale: always,
  layer: (layer, { output }) => ({ ...layer, clamp: clampInCodes(layer.clamp, output) }),
};

/** How each kind of layer computes with codes. */
export const integerRules: { readonly [K in LayerKind]: IntegerRule<DraftLayer & { kind: K }> } = {
  conv2d: { layer: integerConvolution },
  depthwiseConv2d: { layer: integerConvolution },
  convTranspose2d: { layer: integerConvolution },
  maxPool2d: pool,
  averagePool2d: {
    ...pool,
    // A mean that is rounded twice could be off by more than one code.
    layer: (layer, maps) => (same(maps.inputs[0] as Quantization, maps.output) ? pool.layer(layer, maps) : undefined),
    keepsScale: () => false,
  },
  binary,
  unary: { layer: unary },
  convert: stays,
  pad: {
    keepsScale: always,
    layer: (layer, { output }) => {
      const { scale, zeroPoint } = output;
      const code = layer.value / scale + zeroPoint;
      const isCode = Number.isInteger(code) && code >= -128 && code <= 127;
      return isCode ? { ...layer, value: code } : undefined;
    },
  },
  concat: moves,
  resize2d: moves,
  depthToSpace: moves,
  spaceToDepth: moves,
  slice: moves,
  globalPool: { keepsScale: ({ fn }) => fn === "max", layer: globalPool },
  softmax: stays,
  transpose: moves,
};

/** The rule of a layer, whatever its kind. */
export function integerRuleOf(layer: DraftLayer): IntegerRule<DraftLayer> {
  return integerRules[layer.kind] as IntegerRule<DraftLayer>;
}
