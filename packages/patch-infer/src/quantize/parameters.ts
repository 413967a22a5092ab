import type { Weights } from "../network/layer.ts";
import { type Quantization, codes } from "../network/quantization.ts";
import type { ValueRange } from "./ranges.ts";

/**
 * The quantisation of a range: 256 codes from -128 on, 0 exactly a code, so that padding is exact (TFLite's asymmetric
 * rule: the zero point is rounded, the scale stays).
 */
export function activationQuantization({ min, max }: ValueRange): Quantization {
  const low = Math.min(0, min);
  const high = Math.max(0, max);
  const scale = Math.fround((high - low) / 255);
  // Nothing but zeros, or numbers too small for a scale.
  if (!(scale > 2 ** -126)) return { scale: 1, zeroPoint: codes.min };
  const zeroPoint = Math.max(codes.min, Math.min(codes.max, Math.round(codes.min - low / scale)));
  // Not -0, which is another number in JSON and to tests.
  return { scale, zeroPoint: zeroPoint + 0 };
}

/** Codes of weights and the scale of every output channel. */
export interface ChannelCodes {
  readonly codes: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Weights as codes from -127 to 127 with one scale per output channel and zero point 0 (TFLite's rule for convolutions).
 *
 * @param bias a scale is made larger where the bias would not fit into 30 bits.
 * @param channelsLast weights of one channel are every `bias.length`-th (depthwise), not a row.
 */
export function channelCodes(
  weights: Weights,
  bias: ArrayLike<number>,
  { inputScale, channelsLast }: { readonly inputScale: number; readonly channelsLast: boolean },
): ChannelCodes {
  const channels = bias.length;
  const perChannel = weights.length / channels;
  const place = (channel: number, i: number): number =>
    channelsLast ? i * channels + channel : channel * perChannel + i;
  const result = new Int8Array(weights.length);
  const scales = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    let largest = 0;
    for (let i = 0; i < perChannel; i++) largest = Math.max(largest, Math.abs(weights[place(channel, i)] as number));
    const forBias = Math.abs(bias[channel] as number) / (inputScale * 2 ** 30);
    const scale = Math.fround(Math.max(largest / 127, forBias));
    scales[channel] = scale > 2 ** -126 ? scale : 1;
    for (let i = 0; i < perChannel; i++) {
      const at = place(channel, i);
      const code = Math.round((weights[at] as number) / (scales[channel] as number));
      result[at] = Math.max(-127, Math.min(127, code));
    }
  }
  return { codes: result, scales };
}

/** Numbers as codes of a quantisation. Infinite ones become the first or last code. */
export function toCodes(values: ArrayLike<number>, { scale, zeroPoint }: Quantization): Int8Array {
  return Int8Array.from(values, (value) => {
    const code = Math.round(value / scale) + zeroPoint;
    return Math.max(codes.min, Math.min(codes.max, code));
  });
}
