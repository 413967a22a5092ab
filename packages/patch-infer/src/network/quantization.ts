import { PatchInferError } from "../base/errors.ts";
import { type FixedPoint, multiplyByQuantizedMultiplier, quantizeMultiplier, roundHalfAway } from "./fixedPoint.ts";
import type { Bias, BinaryRequantization, Clamp, Requantization, ResizeAxis, Weights } from "./layer.ts";

/** What codes stand for: `scale * (code - zeroPoint)`. Scales are float32 numbers. */
export interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

export const codes: Clamp = { min: -128, max: 127 };

function requantization(factors: readonly FixedPoint[]): Requantization {
  return {
    multiplier: Int32Array.from(factors, ({ multiplier }) => multiplier),
    shift: Int32Array.from(factors, ({ shift }) => shift),
  };
}

/**
 * How the sums of a convolution become codes: factor `input scale * weight scale / output scale` per output channel, in
 * doubles (TFLite's rule for convolutions).
 *
 * @param weightScales one per output channel.
 */
export function requantizationOf(
  inputScale: number,
  weightScales: ArrayLike<number>,
  outputScale: number,
): Requantization {
  const factor = (scale: number): FixedPoint =>
    quantizeMultiplier((Math.fround(inputScale) * Math.fround(scale)) / Math.fround(outputScale));
  return requantization(Array.from(weightScales, factor));
}

/** As `requantizationOf`, for dense layers with one weight scale: TFLite takes the product of the scales in float32. */
export function denseRequantizationOf(
  inputScale: number,
  weightScale: number,
  outputScale: number,
  channels: number,
): Requantization {
  const product = Math.fround(Math.fround(inputScale) * Math.fround(weightScale));
  const factor = quantizeMultiplier(product / Math.fround(outputScale));
  return requantization(Array.from({ length: channels }, () => factor));
}

/**
 * ADD and SUB of codes, TFLite's rule: operands are shifted by 20 bits and brought to twice the larger scale, their sum is
 * brought to the scale of the result.
 */
export function additionRequantization(left: number, right: number, output: number): BinaryRequantization {
  const [a, b, result] = [Math.fround(left), Math.fround(right), Math.fround(output)];
  const common = 2 * Math.max(a, b);
  const factors = [
    quantizeMultiplier(a / common),
    quantizeMultiplier(b / common),
    quantizeMultiplier(common / (2 ** 20 * result)),
  ] as const;
  return binary(20, factors);
}

/** MUL of codes: the product of the operands, brought to the scale of the result (factor in float32, as TFLite takes it). */
export function multiplicationRequantization(left: number, right: number, output: number): BinaryRequantization {
  const product = Math.fround(Math.fround(left) * Math.fround(right));
  const one = { multiplier: 0, shift: 0 };
  return binary(0, [one, one, quantizeMultiplier(Math.fround(product / Math.fround(output)))]);
}

type Three<T> = readonly [T, T, T];

function binary(leftShift: number, [left, right, result]: Three<FixedPoint>): BinaryRequantization {
  return {
    leftShift,
    multipliers: [left.multiplier, right.multiplier, result.multiplier],
    shifts: [left.shift, right.shift, result.shift],
  };
}

/**
 * The mean of `count` codes as one factor for their sum (each less the input's zero point): 1 / count is folded into the
 * multiplier (TFLite's rule for MEAN).
 */
export function meanRequantization(inputScale: number, outputScale: number, count: number): Requantization {
  const { multiplier, shift } = quantizeMultiplier(Math.fround(inputScale) / Math.fround(outputScale));
  // The largest power of two up to count keeps the bits that the division would lose.
  const room = Math.min(31 - Math.clz32(count), 31 + shift);
  // Up to 62 bits: the quotient in two steps of long division, so that doubles are exact.
  const high = Math.min(room, 20);
  const first = multiplier * 2 ** high;
  const rest = (first % count) * 2 ** (room - high);
  const folded = ((first - (first % count)) / count) * 2 ** (room - high) + Math.floor(rest / count);
  return requantization([{ multiplier: folded, shift: shift - room }]);
}

/** The sum of codes (each less the input's zero point), brought to the scale of the result. */
export function sumRequantization(inputScale: number, outputScale: number): Requantization {
  return requantization([quantizeMultiplier(Math.fround(inputScale) / Math.fround(outputScale))]);
}

/** The code of a real number, without limits; halves away from zero, quotient in float32 (TFLite's rule for constants). */
function codeOf(value: number, { scale, zeroPoint }: Quantization): number {
  return zeroPoint + roundHalfAway(Math.fround(Math.fround(value) / Math.fround(scale)));
}

/** An activation's range of real numbers as codes, inside the 256 that there are. Infinite ends are no limit. */
export function clampInCodes({ min, max }: Clamp, output: Quantization): Clamp {
  const inside = (value: number, end: number): number =>
    Number.isFinite(value) ? Math.max(codes.min, Math.min(codes.max, codeOf(value, output))) : end;
  return { min: inside(min, codes.min), max: inside(max, codes.max) };
}

/** A bias as int32 with the scale `input scale * weight scale` of its channel, zero point 0. */
export function quantizeBias(bias: ArrayLike<number>, inputScale: number, weightScales: ArrayLike<number>): Int32Array {
  const limit = 2 ** 31 - 1;
  return Int32Array.from(bias, (value, channel) => {
    const scale = Math.fround(inputScale) * Math.fround(weightScales[channel] ?? Number.NaN);
    return Math.max(-limit, Math.min(limit, roundHalfAway(value / scale)));
  });
}

/**
 * The 256 results of a function of one code: `fn` of what the code stands for, as a code of the output. TFLite's kernels
 * with tables do so in float32, halves away from zero. TFLite fixes the output's quantisation of two functions: sigmoid
 * has scale 1/256 and zero point -128, tanh 1/128 and 0.
 */
export function unaryTable(
  fn: (value: number) => number,
  input: Quantization,
  output: Quantization,
  clamp: Clamp = codes,
): Int8Array {
  const inverse = Math.fround(1 / Math.fround(output.scale));
  return Int8Array.from({ length: 256 }, (_, i) => {
    const value = Math.fround(Math.fround(input.scale) * (i - 128 - input.zeroPoint));
    const code = roundHalfAway(Math.fround(Math.fround(fn(value)) * inverse)) + output.zeroPoint;
    return Math.max(clamp.min, Math.min(clamp.max, Number.isNaN(code) ? output.zeroPoint : code));
  });
}

/** The 256 results of a change of scale (TFLite's REQUANTIZE, RELU, RELU6): one factor in fixed point. */
export function requantizeTable(input: Quantization, output: Quantization, clamp: Clamp = codes): Int8Array {
  return leakyReluTable([1], input, output, clamp);
}

/**
 * LEAKY_RELU of codes: one factor in fixed point above the zero point, another below. One slope, or one per channel
 * (then channels x 256 results). Slopes below 0 turn the sign of the result.
 */
export function leakyReluTable(
  slopes: ArrayLike<number>,
  input: Quantization,
  output: Quantization,
  clamp: Clamp = codes,
): Int8Array {
  const scaleRatio = Math.fround(input.scale) / Math.fround(output.scale);
  const above = quantizeMultiplier(scaleRatio);
  const table = new Int8Array(256 * slopes.length);
  for (let channel = 0; channel < slopes.length; channel++) {
    const slope = Math.fround(slopes[channel] as number);
    const below =
      slope === 1
        ? above
        : quantizeMultiplier((Math.abs(slope) * Math.fround(input.scale)) / Math.fround(output.scale));
    for (let code = -128; code < 128; code++) {
      const value = code - input.zeroPoint;
      const { multiplier, shift } = value >= 0 ? above : below;
      const scaled = multiplyByQuantizedMultiplier(value, multiplier, shift) * (value < 0 && slope < 0 ? -1 : 1);
      table[256 * channel + code + 128] = Math.max(clamp.min, Math.min(clamp.max, scaled + output.zeroPoint));
    }
  }
  return table;
}

/** How TFLite places output positions between input positions when it resizes images of codes. */
export interface FixedResizeOptions {
  readonly alignCorners?: boolean;
  readonly halfPixelCenters?: boolean;
}

/**
 * One axis of RESIZE_BILINEAR of codes: positions in 1024ths, from a step that is itself rounded to 1024ths. The kernels
 * take shares of int8 layers as 1024ths: for each cell the sum over four neighbours of code times both shares, divided by
 * 2^20, halves away from zero.
 */
export function fixedResizeAxis(input: number, output: number, options: FixedResizeOptions = {}): ResizeAxis {
  const { alignCorners = false, halfPixelCenters = false } = options;
  const [from, to] = alignCorners && output > 1 ? [input - 1, output - 1] : [input, output];
  const step = Math.trunc((1024 * from + Math.trunc(to / 2)) / to);
  const low = new Int32Array(output);
  const high = new Int32Array(output);
  const share = new Float32Array(output);
  for (let i = 0; i < output; i++) {
    const position = i * step + (halfPixelCenters ? Math.trunc(step / 2) - 512 : 0);
    low[i] = Math.min(Math.max(Math.trunc(position / 1024), 0), input - 1);
    high[i] = Math.max(0, Math.min(Math.trunc((position + 1023) / 1024), input - 1));
    // Where both neighbours are the same cell (beyond the first and the last) shares don't matter: their sum is 1.
    share[i] = low[i] === high[i] ? 0 : (position - 1024 * (low[i] as number)) / 1024;
  }
  return { low, high, share };
}

/** Where weights of a channel stand, and what codes they meet. */
export interface SumBoundsOptions {
  /** Of the input: sums are over codes less the zero point. */
  readonly zeroPoint: number;
  /** Weights are rows of all channels (depthwise), not one row per channel. */
  readonly channelsLast?: boolean;
  /** For errors. */
  readonly layer: string;
}

/**
 * The largest absolute values that the sums of output channels can take, bias included.
 *
 * @throws PatchInferError BAD_MODEL when 32 bits cannot hold one.
 */
export function sumBounds(weights: Weights, bias: Bias, options: SumBoundsOptions): Float64Array {
  const { zeroPoint, channelsLast = false, layer } = options;
  const channels = bias.length;
  const reach = Math.max(127 - zeroPoint, zeroPoint + 128);
  const perChannel = weights.length / channels;
  const bounds = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let i = 0; i < perChannel; i++) {
      sum += Math.abs(weights[channelsLast ? i * channels + channel : channel * perChannel + i] as number);
    }
    const bound = sum * reach + Math.abs(bias[channel] as number);
    if (bound >= 2 ** 31) {
      throw new PatchInferError("BAD_MODEL", `layer ${layer}: a sum of ${bound} does not fit into 32 bits`, { layer });
    }
    bounds[channel] = bound;
  }
  return bounds;
}
