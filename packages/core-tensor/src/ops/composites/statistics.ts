import { normalizeAxes } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { stopGradient } from "../cast/index.ts";
import { add, div, exp, greater, isInf, log, maximum, mul, sqrt, sub, where } from "../elementwise/index.ts";
import { dimSize } from "../movement/index.ts";
import { type Operand, operand } from "../operand.ts";
import { type ReduceOptions, max, mean, sum } from "../reduce/index.ts";
import { isSymbolicDim } from "../traced.ts";
import { squeeze } from "./reshaping.ts";

type Axes = number | readonly number[] | undefined;

/** Number of elements along axes: a number where it is known, a scalar of the program where it is symbolic. */
function count(x: Tensor, axes: readonly number[]): number | Tensor {
  let known = 1;
  let symbolic: Tensor | undefined;
  for (const axis of axes) {
    const dim = x.shape[axis] as number;
    if (!isSymbolicDim(dim)) known *= dim;
    else {
      const length = dimSize(x, axis, { dtype: x.dtype });
      symbolic = symbolic === undefined ? length : mul(symbolic, length);
    }
  }
  return symbolic === undefined ? known : mul(symbolic, known);
}

export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements: 0 for the mean square deviation, 1 for the unbiased estimate. Default 0. */
  readonly correction?: number;
}

/** Mean square deviation from the mean over axes (default: all), from the deviations themselves. Floats. */
export function variance(x: Operand, axes?: Axes, options: VarianceOptions = {}): Tensor {
  const value = operand(x);
  const along = normalizeAxes("variance", axes, value.rank);
  const { correction = 0, keepDims = false } = options;
  const deviation = sub(value, mean(value, along, { keepDims: true }));
  const squares = mul(deviation, deviation);
  if (correction === 0) return mean(squares, along, { keepDims });
  const elements = count(value, along);
  return div(
    sum(squares, along, { keepDims }),
    typeof elements === "number" ? elements - correction : sub(elements, correction),
  );
}

/** Standard deviation over axes (default: all): the root of `variance`. Floats. */
export function std(x: Operand, axes?: Axes, options: VarianceOptions = {}): Tensor {
  return sqrt(variance(x, axes, options));
}

/** `log(sum(exp(x)))` over axes (default: all) without overflow. Floats. */
export function logSumExp(x: Operand, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const value = operand(x);
  const along = normalizeAxes("logSumExp", axes, value.rank);
  const largest = stopGradient(max(value, along, { keepDims: true }));
  // -Infinity - -Infinity has no value; exp needs no shift there.
  const shift = where(isInf(largest), 0, largest);
  const result = add(log(sum(exp(sub(value, shift)), along, { keepDims: true })), shift);
  return options.keepDims === true ? result : squeeze(result, along);
}

/** Euclidean length over axes (default: all). Its derivative at 0 counts as 0. Floats. */
export function l2Norm(x: Operand, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const value = operand(x);
  const squares = sum(mul(value, value), axes, options);
  const positive = greater(squares, 0);
  return where(positive, sqrt(where(positive, squares, 1)), squares);
}

/** x divided by its Euclidean length along an axis (default the last), or by `eps` where that is larger. */
export function l2Normalize(x: Operand, axis = -1, eps = 1e-12): Tensor {
  const value = operand(x);
  return div(value, maximum(l2Norm(value, axis, { keepDims: true }), eps));
}
