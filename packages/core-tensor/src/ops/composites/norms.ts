import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, normalizeAxes } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { mulDims } from "../dimensions.ts";
import { add, div, mul, pow, sqrt, sub } from "../elementwise/index.ts";
import { reshape } from "../movement/index.ts";
import { type Operand, operand } from "../operand.ts";
import { mean } from "../reduce/index.ts";
import { variance } from "./statistics.ts";

export interface NormOptions {
  /** Added to the variance before the root. Default 1e-5 (rmsNorm: 1e-6). */
  readonly eps?: number;
}

export interface LayerNormOptions extends NormOptions {
  /** The last axes, which are normalised together. Default -1. */
  readonly axes?: number | readonly number[];
}

/** The last axes of a value, rising. */
function lastAxes(op: string, x: Tensor, axes: number | readonly number[]): number[] {
  const along = normalizeAxes(op, axes, x.rank);
  if (along.some((axis, i) => axis !== x.rank - along.length + i)) {
    throw new ArgumentError({
      op,
      argument: "axes",
      expected: `the last axes of ${formatShape(x.shape)}`,
      found: formatShape(along),
    });
  }
  return along;
}

/** `y scale + bias`, without what is not given. */
function affine(y: Tensor, scale: Operand | undefined, bias: Operand | undefined): Tensor {
  const scaled = scale === undefined ? y : mul(y, scale);
  return bias === undefined ? scaled : add(scaled, bias);
}

/** Mean 0 and variance 1 along axes. Written step by step in the order in which engines recognise a layer norm. */
function standardize(x: Tensor, axes: readonly number[], eps: number): Tensor {
  const deviation = sub(x, mean(x, axes, { keepDims: true }));
  const spread = sqrt(add(mean(pow(deviation, 2), axes, { keepDims: true }), eps));
  return div(deviation, spread);
}

/**
 * Layer norm (Ba, Kiros and Hinton 2016): x with mean 0 and variance 1 along its last axes, times `scale`, plus
 * `bias`.
 *
 * @param scale of the shape of the normalised axes. Default: none.
 * @param bias likewise.
 * @throws ArgumentError when the axes are not the last ones.
 */
export function layerNorm(x: Operand, scale?: Operand, bias?: Operand, options: LayerNormOptions = {}): Tensor {
  const value = operand(x);
  const { axes = -1, eps = 1e-5 } = options;
  return affine(standardize(value, lastAxes("layerNorm", value, axes), eps), scale, bias);
}

/** RMS norm (Zhang and Sennrich 2019): x divided by the root of its mean square along its last axes, times `scale`. */
export function rmsNorm(x: Operand, scale?: Operand, options: LayerNormOptions = {}): Tensor {
  const value = operand(x);
  const { axes = -1, eps = 1e-6 } = options;
  const square = mean(pow(value, 2), lastAxes("rmsNorm", value, axes), { keepDims: true });
  return affine(div(value, sqrt(add(square, eps))), scale, undefined);
}

/** One number per channel (axis 1) in a shape that broadcasts to the value; `undefined` stays so. */
function perChannel(op: string, argument: string, x: Tensor, numbers: Operand): Tensor;
function perChannel(op: string, argument: string, x: Tensor, numbers: Operand | undefined): Tensor | undefined;
function perChannel(op: string, argument: string, x: Tensor, numbers: Operand | undefined): Tensor | undefined {
  if (numbers === undefined) return undefined;
  const value = operand(numbers, x.dtype);
  if (formatShape(value.shape) !== formatShape(x.shape.slice(1, 2))) {
    throw new ShapeError({
      op,
      argument,
      expected: `one number per channel, ${formatShape(x.shape.slice(1, 2))}`,
      found: formatShape(value.shape),
    });
  }
  return reshape(value, [...value.shape, ...x.shape.slice(2).map(() => 1)]);
}

function expectChannels(op: string, x: Tensor): void {
  if (x.rank < 2)
    throw new ShapeError({ op, argument: "x", expected: "[batch, channels, …]", found: formatShape(x.shape) });
}

/**
 * Group norm (Wu and He 2018): mean 0 and variance 1 over each group of channels and all positions, times
 * `scale`, plus `bias`.
 *
 * @param x `[batch, channels, …]`
 * @param groups a divisor of the channels: 1 normalises each sample, the number of channels each channel.
 * @param scale `[channels]`. Default: none.
 * @param bias `[channels]`. Default: none.
 */
export function groupNorm(
  x: Operand,
  groups: number,
  scale?: Operand,
  bias?: Operand,
  options: NormOptions = {},
): Tensor {
  const value = operand(x);
  expectChannels("groupNorm", value);
  const [batch, channels, ...rest] = value.shape as readonly [number, number, ...number[]];
  if (!Number.isInteger(groups) || groups < 1 || (channels as number) % groups !== 0) {
    throw new ArgumentError({
      op: "groupNorm",
      argument: "groups",
      expected: `a divisor of the ${channels} channels`,
      found: String(groups),
    });
  }
  const grouped = reshape(value, [batch, groups, mulDims(channels / groups, ...rest)]);
  const y = reshape(standardize(grouped, [2], options.eps ?? 1e-5), value.shape);
  return affine(y, perChannel("groupNorm", "scale", value, scale), perChannel("groupNorm", "bias", value, bias));
}

/**
 * Batch norm with given statistics (Ioffe and Szegedy 2015): `(x - mean) / sqrt(variance + eps) scale + bias`,
 * channel by channel. In inference the statistics are those collected in training; in training they are those of
 * the batch, see `channelStatistics`.
 *
 * @param x `[batch, channels, …]`
 * @param channelMean `[channels]`
 * @param channelVariance `[channels]`
 * @param scale `[channels]`. Default: none.
 * @param bias `[channels]`. Default: none.
 */
export function batchNorm(
  x: Operand,
  channelMean: Operand,
  channelVariance: Operand,
  scale?: Operand,
  bias?: Operand,
  options: NormOptions = {},
): Tensor {
  const value = operand(x);
  expectChannels("batchNorm", value);
  const center = perChannel("batchNorm", "channelMean", value, channelMean);
  const spread = perChannel("batchNorm", "channelVariance", value, channelVariance);
  const y = div(sub(value, center), sqrt(add(spread, options.eps ?? 1e-5)));
  return affine(y, perChannel("batchNorm", "scale", value, scale), perChannel("batchNorm", "bias", value, bias));
}

/**
 * Mean and variance (mean square deviation) of every channel of `[batch, channels, …]` over batch and positions:
 * `[channels]` each.
 */
export function channelStatistics(x: Operand): { readonly mean: Tensor; readonly variance: Tensor } {
  const value = operand(x);
  expectChannels("channelStatistics", value);
  const axes = value.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return { mean: mean(value, axes), variance: variance(value, axes) };
}
