import { PatchInferError } from "../../base/errors.ts";
import type { LayerMaps } from "../../layers/rule.ts";
import { multiplyByQuantizedMultiplier } from "../../network/fixedPoint.ts";
import type { Binary, Clamp, Convert, Layer, Requantization, Unary } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";

/** A malformed int8 layer. */
export function badLayer({ name, kind }: Layer, what: string): PatchInferError {
  return new PatchInferError("BAD_MODEL", `layer ${name} (${kind}, int8): ${what}`, { layer: name });
}

export function zeroPointOf(map: FeatureMap, layer: Layer): number {
  if (map.zeroPoint === undefined) throw badLayer(layer, `map ${map.name} has no zero point`);
  return map.zeroPoint;
}

export function scaleOf(map: FeatureMap, layer: Layer): number {
  if (map.scale === undefined) throw badLayer(layer, `map ${map.name} has no scale`);
  return Math.fround(map.scale);
}

/** Kernels that move codes without arithmetic on scales need equal ones on both sides. */
export function needSameScale(layer: Layer, { inputs, output }: LayerMaps): void {
  for (const input of inputs) {
    if (scaleOf(input, layer) !== scaleOf(output, layer) || zeroPointOf(input, layer) !== zeroPointOf(output, layer)) {
      throw badLayer(layer, `${input.name} and ${output.name} differ in scale or zero point`);
    }
  }
}

/** @throws PatchInferError `BAD_MODEL` where the layer has none, or not one per channel. */
export function requantizationIn(
  layer: Layer & { readonly requantization?: Requantization },
  channels: number,
): Requantization {
  const { requantization } = layer;
  if (requantization?.multiplier.length !== channels || requantization.shift.length !== channels) {
    throw badLayer(layer, `expected ${channels} multipliers and shifts`);
  }
  return requantization;
}

/** From the sum of an output channel to its code. */
export type Requantizer = (sum: number, channel: number) => number;

export function requantizer(
  { multiplier, shift }: Requantization,
  zeroPoint: number,
  { min, max }: Clamp,
): Requantizer {
  return (sum, channel) => {
    const m = multiplier[channel] as number;
    const code = zeroPoint + multiplyByQuantizedMultiplier(sum, m, shift[channel] as number);
    return Math.max(min, Math.min(max, code));
  };
}

/** From two codes to a third. */
export type CodeFunction = (left: number, right: number) => number;

/** What a binary layer does with two codes. */
export function codeFunction(layer: Binary, maps: LayerMaps): CodeFunction {
  const { fn, clamp } = layer;
  const clamped = (code: number): number => Math.max(clamp.min, Math.min(clamp.max, code));
  if (fn === "minimum" || fn === "maximum") {
    needSameScale(layer, maps);
    if (layer.constant !== undefined) needSameConstant(layer, maps.output);
    return fn === "minimum" ? (a, b) => clamped(Math.min(a, b)) : (a, b) => clamped(Math.max(a, b));
  }
  const { left, right, output } = binaryZeroPoints(layer, maps);
  const { leftShift, multipliers, shifts } = binaryRequantization(layer);
  const [m1, m2, m3] = multipliers;
  const [s1, s2, s3] = shifts;
  const finish = (value: number): number => clamped(output + multiplyByQuantizedMultiplier(value, m3, s3));
  if (fn === "mul") return (a, b) => finish((a - left) * (b - right));
  const first = (a: number): number => multiplyByQuantizedMultiplier((a - left) << leftShift, m1, s1);
  const second = (b: number): number => multiplyByQuantizedMultiplier((b - right) << leftShift, m2, s2);
  if (fn === "add") return (a, b) => finish((first(a) + second(b)) | 0);
  if (fn === "sub") return (a, b) => finish((first(a) - second(b)) | 0);
  if (fn === "rsub") return (a, b) => finish((second(b) - first(a)) | 0);
  throw new PatchInferError("UNSUPPORTED_OP", `layer ${layer.name}: there is no int8 kernel for ${fn}`, {
    layer: layer.name,
  });
}

export function binaryRequantization(layer: Binary): NonNullable<Binary["requantization"]> {
  if (layer.requantization === undefined) throw badLayer(layer, "no requantization");
  return layer.requantization;
}

/** Zero points of both operands and of the result. */
export function binaryZeroPoints(
  layer: Binary,
  { inputs, output }: LayerMaps,
): { readonly left: number; readonly right: number; readonly output: number } {
  const [left, other] = inputs;
  const right = other === undefined ? layer.constantZeroPoint : zeroPointOf(other, layer);
  if (right === undefined) throw badLayer(layer, "the constant has no zero point");
  return { left: zeroPointOf(left as FeatureMap, layer), right, output: zeroPointOf(output, layer) };
}

function needSameConstant(layer: Binary, output: FeatureMap): void {
  const { constantScale, constantZeroPoint } = layer;
  if (
    constantScale === undefined ||
    Math.fround(constantScale) !== scaleOf(output, layer) ||
    constantZeroPoint !== zeroPointOf(output, layer)
  ) {
    throw badLayer(layer, `the constant and ${output.name} differ in scale or zero point`);
  }
}

/** A table of 256 results; per channel one, if the table is that long. */
export function tableIn(layer: Unary | Convert, channels: number): Int8Array {
  const { table } = layer;
  if (table === undefined) throw badLayer(layer, "no table");
  if (table.length !== 256 && table.length !== 256 * channels) throw badLayer(layer, `a table of ${table.length}`);
  return table;
}

/** Shares of the second neighbour in 1024ths. */
export function sharesIn1024ths(share: Float32Array): Int32Array {
  return Int32Array.from(share, (value) => Math.round(1024 * value));
}
