import { PatchInferError } from "../../base/errors.ts";
import type { Layer, Requantization } from "../../network/layer.ts";
import { type Quantization, denseRequantizationOf, requantizationOf } from "../../network/quantization.ts";

/** Scales of weights, and by which rule they give a layer's multipliers. */
export interface WeightScales {
  readonly scales: Float32Array;
  readonly isDense: boolean;
}

/**
 * The scales of weights that give a layer's multipliers. Multipliers keep 31 bits of `input scale * weight scale / output
 * scale`, more than the 24 of a float32 scale: so the scale that they were made from comes out exactly.
 *
 * @throws PatchInferError BAD_MODEL for multipliers that were not made from float32 scales.
 */
export function weightScales(
  layer: Layer,
  { multiplier, shift }: Requantization,
  input: Quantization,
  output: Quantization,
): WeightScales {
  const factors = Array.from(multiplier, (value, i) => (value / 2 ** 31) * 2 ** (shift[i] as number));
  const scales = Float32Array.from(
    factors,
    (factor) => (factor * Math.fround(output.scale)) / Math.fround(input.scale),
  );
  if (same(requantizationOf(input.scale, scales, output.scale), { multiplier, shift }))
    return { scales, isDense: false };
  const first = scales[0] as number;
  for (const scale of neighbours(first)) {
    const dense = denseRequantizationOf(input.scale, scale, output.scale, multiplier.length);
    if (same(dense, { multiplier, shift })) return { scales: scales.fill(scale), isDense: true };
  }
  const message = `layer "${layer.name}": its multipliers are not made from scales, which a standard program needs`;
  throw new PatchInferError("BAD_MODEL", message, { layer: layer.name });
}

function same(a: Requantization, b: Requantization): boolean {
  return a.multiplier.every((value, i) => value === b.multiplier[i] && a.shift[i] === b.shift[i]);
}

/** A float32 number and those next to it. */
function neighbours(value: number): number[] {
  const bits = new Int32Array(Float32Array.of(value).buffer);
  const middle = bits[0] as number;
  return [0, -1, 1, -2, 2].map((step) => {
    bits[0] = middle + step;
    return new Float32Array(bits.buffer)[0] as number;
  });
}
