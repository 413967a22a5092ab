import {
  type Quantization,
  clampInCodes,
  denseRequantizationOf,
  sumBounds,
  quantizeBias,
  requantizationOf,
} from "../../network/quantization.ts";
import { type DraftLayer, type StoredConstant, type StoredWeights, isOpenConvolution } from "../draft.ts";

/** Bias codes count in `input scale * weight scale`, whatever they are stored as. */
function biasCodes(
  bias: Float64Array,
  stored: StoredConstant | undefined,
  inputScale: number,
  scales: Float32Array,
): Int32Array {
  const rounded = quantizeBias(bias, inputScale, scales);
  if (stored === undefined) return rounded;
  return rounded.map((code, channel) => {
    const i = stored.codes.length === 1 ? 0 : channel;
    const step = inputScale * (scales[channel] as number);
    const ratio = (stored.scales[i] as number) / step;
    return Math.abs(ratio - 1) < 1e-5 ? (stored.codes[i] as number) : code;
  });
}

/** A convolution of codes with stored codes. Throws BAD_MODEL where 32 bits cannot hold its sums. */
export function integerConvolution(
  layer: DraftLayer,
  { inputs, output }: { readonly inputs: readonly Quantization[]; readonly output: Quantization },
): DraftLayer | undefined {
  if (!isOpenConvolution(layer) || layer.stored === undefined) return undefined;
  const { stored, ...rest } = layer;
  const { codes, scales, isDense } = stored as StoredWeights;
  const { scale, zeroPoint } = inputs[0] as Quantization;
  const bias = biasCodes(layer.bias, stored.bias, scale, scales);
  const channelsLast = layer.kind === "depthwiseConv2d";
  sumBounds(codes, bias, { zeroPoint, channelsLast, layer: layer.name });
  const first = scales[0] as number;
  const requantization = isDense
    ? denseRequantizationOf(scale, first, output.scale, bias.length)
    : requantizationOf(scale, scales, output.scale);
  return { ...rest, weights: codes, bias, clamp: clampInCodes(layer.clamp, output), requantization } as DraftLayer;
}
