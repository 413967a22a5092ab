import {
  type NormOptions,
  add,
  batchNorm as batchNormOp,
  cast,
  channelStatistics,
  dimSize,
  div,
  maximum,
  mul,
  stopGradient,
  sub,
} from "../ops/index.ts";
import { isSymbolicDim } from "../ops/traced.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import type { FloatDType } from "../tensor/random/index.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type NormParams, filled } from "./norms.ts";

/** What batch norm remembers of the batches of training: state, not parameters, so no gradient reaches it. */
export interface BatchNormState {
  /** `[channels]` */
  readonly mean: Tensor;
  /** `[channels]` */
  readonly variance: Tensor;
}

/** Mean 0 and variance 1 for every channel. The parameters come from `initNorm(channels)`. */
export function initBatchNormState(
  channels: number,
  { dtype = "float32" }: { readonly dtype?: FloatDType } = {},
): BatchNormState {
  const op = "initBatchNormState";
  return { mean: filled(op, channels, 0, dtype), variance: filled(op, channels, 1, dtype) };
}

/**
 * Batch norm of `[batch, channels, ...]` in inference: with the statistics that training collected (Ioffe and
 * Szegedy 2015, algorithm 2). Default eps 1e-5.
 */
export function batchNorm(
  { scale, bias }: NormParams,
  state: BatchNormState,
  x: Tensor,
  options: NormOptions = {},
): Tensor {
  return batchNormOp(x, state.mean, state.variance, scale, bias, options);
}

export interface TrainBatchNormOptions extends NormOptions {
  /** Share of this batch in the new running statistics, in [0, 1]. Default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch norm of `[batch, channels, ...]` in training: with the statistics of the batch itself (Ioffe and Szegedy
 * 2015, algorithm 1). Gives the output and the new state, in which the running mean and the running (unbiased)
 * variance have moved towards those of the batch.
 *
 * @throws ShapeError when a channel has fewer than two values; ArgumentError for a momentum outside [0, 1].
 * @example const [y, next] = trainBatchNorm(params, state, x);
 */
export function trainBatchNorm(
  { scale, bias }: NormParams,
  state: BatchNormState,
  x: Tensor,
  { momentum = 0.1, ...options }: TrainBatchNormOptions = {},
): [y: Tensor, state: BatchNormState] {
  if (!(momentum >= 0 && momentum <= 1)) {
    throw new ArgumentError({
      op: "trainBatchNorm",
      argument: "momentum",
      expected: "a number in [0, 1]",
      found: String(momentum),
    });
  }
  const { mean, variance } = channelStatistics(x);
  const unbiased = mul(variance, cast(unbiasing(x), x.dtype));
  const follow = (running: Tensor, batch: Tensor): Tensor =>
    add(mul(running, 1 - momentum), mul(stopGradient(batch), momentum));
  const next = { mean: follow(state.mean, mean), variance: follow(state.variance, unbiased) };
  return [batchNormOp(x, mean, variance, scale, bias, options), next];
}

/** `n / (n - 1)` for the n values of a channel. Counted in float32 at least: float16 ends at 65504. */
function unbiasing(x: Tensor): Tensor {
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const dims = axes.map((axis) => x.shape[axis] as number);
  if (!dims.some(isSymbolicDim) && sizeOf(dims) < 2) {
    throw new ShapeError({
      op: "trainBatchNorm",
      argument: "x",
      expected: "two values or more per channel",
      found: formatShape(x.shape),
    });
  }
  const dtype = x.dtype === "float64" ? "float64" : "float32";
  const sizes = axes.map((axis) => dimSize(x, axis, { dtype }));
  const count = sizes.reduce((product, size) => mul(product, size));
  return div(count, maximum(sub(count, 1), 1));
}
