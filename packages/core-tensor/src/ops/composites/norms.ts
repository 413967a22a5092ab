import type { Tensor } from "../../tensor/tensor.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { add, div, mul, pow, sqrt, sub } from "../elementwise/index.ts";
import { reshape } from "../movement/index.ts";
import { type Operand, operand } from "../operand.ts";
import { mean } from "../reduce/index.ts";

export interface NormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

/** `(x - mean) / sqrt(variance + eps)` over some axes, in the order of operations that engines recognise as one. */
function normalize(x: Tensor, axes: readonly number[], eps: number): Tensor {
  const centred = sub(x, mean(x, axes, { keepDims: true }));
  const spread = sqrt(add(mean(pow(centred, 2), axes, { keepDims: true }), eps));
  return div(centred, spread);
}

function affine(x: Tensor, scale: Operand | undefined, bias: Operand | undefined): Tensor {
  const scaled = scale === undefined ? x : mul(x, scale);
  return bias === undefined ? scaled : add(scaled, bias);
}

/** Mean of squared distances from the mean along axes (all unless said otherwise); divided by n, not n - 1. */
export function variance(x: Operand, axes?: number | readonly number[], { keepDims = false }: { readonly keepDims?: boolean } = {}): Tensor {
  const value = operand(x);
  return mean(pow(sub(value, mean(value, axes, { keepDims: true })), 2), axes, { keepDims });
}

/** Layer norm over the last axis (Ba, Kiros and Hinton 2016), then `* scale + bias` of shape [features]. */
export function layerNorm(x: Operand, scale?: Operand, bias?: Operand, { eps = 1e-5 }: NormOptions = {}): Tensor {
  return affine(normalize(operand(x), [-1], eps), scale, bias);
}

/** `x / sqrt(mean(x^2) + eps) * scale` over the last axis (Zhang and Sennrich 2019). */
export function rmsNorm(x: Operand, scale?: Operand, { eps = 1e-6 }: NormOptions = {}): Tensor {
  const value = operand(x);
  return affine(div(value, sqrt(add(mean(pow(value, 2), -1, { keepDims: true }), eps))), scale, undefined);
}

/** [channels] as [channels, 1, …, 1], to meet [batch, channels, …]. */
function perChannel(value: Operand | undefined, rank: number): Tensor | undefined {
  return value === undefined ? undefined : reshape(value, [-1, ...new Array<number>(rank - 2).fill(1)]);
}

/** Group norm of [batch, channels, ...] (Wu and He 2018); scale and bias of shape [channels]. */
export function groupNorm(x: Operand, groups: number, scale?: Operand, bias?: Operand, { eps = 1e-5 }: NormOptions = {}): Tensor {
  const value = operand(x);
  const [batch, channels, ...rest] = value.shape as readonly [number, number, ...number[]];
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ArgumentError({ op: "groupNorm", argument: "groups", expected: `a divisor of the ${channels} channels`, found: String(groups) });
  }
  const grouped = reshape(value, [batch, groups, channels / groups, ...rest]);
  const axes = Array.from({ length: grouped.rank - 2 }, (_, i) => i + 2);
  const normal = reshape(normalize(grouped, axes, eps), value.shape);
  return affine(normal, perChannel(scale, value.rank), perChannel(bias, value.rank));
}

/** Batch norm of [batch, channels, ...] with given statistics [channels] (Ioffe and Szegedy 2015), as in inference. */
export function batchNorm(x: Operand, channelMean: Operand, channelVariance: Operand, scale?: Operand, bias?: Operand, { eps = 1e-5 }: NormOptions = {}): Tensor {
  const value = operand(x);
  const centred = sub(value, perChannel(channelMean, value.rank) as Tensor);
  const spread = sqrt(add(perChannel(channelVariance, value.rank) as Tensor, eps));
  return affine(div(centred, spread), perChannel(scale, value.rank), perChannel(bias, value.rank));
}

/** Mean and variance (divided by n) of each channel of [batch, channels, ...]: [channels] each. */
export function channelStatistics(x: Operand): { readonly mean: Tensor; readonly variance: Tensor } {
  const value = operand(x);
  const axes = Array.from({ length: value.rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  return { mean: mean(value, axes), variance: variance(value, axes) };
}
