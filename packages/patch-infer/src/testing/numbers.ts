import type { BinaryFunction, BinaryRequantization, Bias, Requantization, Weights } from "../network/layer.ts";
import { additionRequantization, multiplicationRequantization, requantizationOf } from "../network/quantization.ts";
import type { NetworkDraft } from "./draft.ts";
import type { BlockRecipe } from "./recipe.ts";

type UnaryRecipe = Extract<BlockRecipe, { readonly block: "unary" }>;

/** For the tables of int8 layers. */
export const codeFunctions: { readonly [Fn in UnaryRecipe["fn"]]: (value: number) => number } = {
  clamp: (value) => Math.min(Math.max(value, -0.5), 1),
  leakyRelu: (value) => value,
  abs: Math.abs,
  hardSwish: (value) => (value * Math.min(Math.max(value + 3, 0), 6)) / 6,
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
};

/** How the two operands of a cellwise layer are brought together; nothing for float32. */
export function binaryScales(
  draft: NetworkDraft,
  fn: BinaryFunction,
): { readonly requantization?: BinaryRequantization } {
  if (draft.type === "float32") return {};
  const { scale } = draft.quantization;
  const rule = fn === "mul" ? multiplicationRequantization : additionRequantization;
  return { requantization: rule(scale, scale, scale) };
}

/** Weights and bias of a layer whose output cells are sums over `taps` products, of which results keep the size of inputs. */
export function products(
  draft: NetworkDraft,
  count: number,
  taps: number,
  channels: number,
): { readonly weights: Weights; readonly bias: Bias; readonly requantization?: Requantization } {
  const { uniform } = draft;
  if (draft.type === "float32") {
    const spread = 2 / Math.sqrt(taps);
    return {
      weights: Float32Array.from({ length: count }, () => spread * (2 * uniform() - 1)),
      bias: Float32Array.from({ length: channels }, () => uniform() - 0.5),
    };
  }
  const { scale } = draft.quantization;
  const weightScales = Array.from({ length: channels }, () => (0.01 + 0.02 * uniform()) / Math.sqrt(taps));
  return {
    weights: Int8Array.from({ length: count }, () => Math.floor(255 * uniform()) - 127),
    bias: Int32Array.from({ length: channels }, () => Math.floor(2000 * uniform()) - 1000),
    requantization: requantizationOf(scale, weightScales, scale),
  };
}
