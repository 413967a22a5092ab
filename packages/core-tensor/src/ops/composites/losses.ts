import { tensor } from "../../tensor/create.ts";
import { isInteger } from "../../tensor/dtype.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, normalizeAxis } from "../../tensor/shape.ts";
import { type Tensor, isTensor } from "../../tensor/tensor.ts";
import { cast } from "../cast/index.ts";
import { abs, add, lessEqual, mul, neg, softplus, sub, where } from "../elementwise/index.ts";
import { gatherElements } from "../movement/index.ts";
import { type Operand, operand, operands } from "../operand.ts";
import { logSoftmax, mean, sum } from "../reduce/index.ts";
import { expandDims, squeeze } from "./reshaping.ts";

/** How the losses of single samples become one number; `"none"` leaves them apart. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** Default mean. */
  readonly reduction?: Reduction;
}

function reduced(losses: Tensor, reduction: Reduction = "mean"): Tensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? sum(losses) : mean(losses);
}

function difference(op: string, prediction: Operand, target: Operand): Tensor {
  const [x, y] = operands(prediction, target) as [Tensor, Tensor];
  // Silent broadcasting of [n] against [n, 1] is a classic mistake in losses.
  if (y.rank !== 0 && formatShape(x.shape) !== formatShape(y.shape)) {
    throw new ShapeError({
      op,
      argument: "target",
      expected: `the shape of the prediction, ${formatShape(x.shape)}`,
      found: formatShape(y.shape),
    });
  }
  return sub(x, y);
}

/** Mean of the squared error `(prediction - target)^2`. Shapes are equal, or the target is a scalar. */
export function squaredError(prediction: Operand, target: Operand, options: LossOptions = {}): Tensor {
  const error = difference("squaredError", prediction, target);
  return reduced(mul(error, error), options.reduction);
}

/** Mean of the absolute error `|prediction - target|`. Shapes are equal, or the target is a scalar. */
export function absoluteError(prediction: Operand, target: Operand, options: LossOptions = {}): Tensor {
  return reduced(abs(difference("absoluteError", prediction, target)), options.reduction);
}

export interface HuberOptions extends LossOptions {
  /** Where the square turns into a line; > 0. Default 1. */
  readonly delta?: number;
}

/** Huber's loss (Huber 1964): `error^2 / 2` for errors up to delta, `delta (|error| - delta / 2)` beyond. */
export function huberLoss(prediction: Operand, target: Operand, options: HuberOptions = {}): Tensor {
  const { delta = 1, reduction } = options;
  if (!(delta > 0))
    throw new ArgumentError({ op: "huberLoss", argument: "delta", expected: "a number > 0", found: String(delta) });
  const error = difference("huberLoss", prediction, target);
  const size = abs(error);
  const line = mul(sub(size, delta / 2), delta);
  return reduced(where(lessEqual(size, delta), mul(mul(error, error), 0.5), line), reduction);
}

/**
 * Binary cross-entropy of logits: `-(y log σ(x) + (1 - y) log(1 - σ(x)))` for targets y in [0, 1], computed
 * without overflow as `softplus(x) - x y`.
 */
export function binaryCrossEntropy(logits: Operand, targets: Operand, options: LossOptions = {}): Tensor {
  const [x, y] = operands(logits, targets) as [Tensor, Tensor];
  return reduced(sub(softplus(x), mul(x, y)), options.reduction);
}

export interface CrossEntropyOptions extends LossOptions {
  /** The axis of the classes; negative ones count from the end. Default -1. */
  readonly axis?: number;
  /** Share of the target that is spread evenly over all classes, in [0, 1]. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of softmax(logits) and labels, one loss per sample.
 *
 * @param logits `[..., classes, ...]`
 * @param labels class indices (whole numbers, the shape of logits without the class axis), or probabilities of
 *   the classes (floats, the shape of logits).
 * @throws ArgumentError for a smoothing outside [0, 1] or a label that is no class; ShapeError.
 */
export function crossEntropy(logits: Operand, labels: Operand, options: CrossEntropyOptions = {}): Tensor {
  const { labelSmoothing = 0, reduction } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ArgumentError({
      op: "crossEntropy",
      argument: "labelSmoothing",
      expected: "a number in [0, 1]",
      found: String(labelSmoothing),
    });
  }
  const value = operand(logits);
  const axis = normalizeAxis("crossEntropy", options.axis ?? -1, value.rank);
  const logs = logSoftmax(value, axis);
  const target = classes(labels, value, axis);
  const exact = isInteger(target.dtype)
    ? squeeze(gatherElements(logs, expandDims(target, axis), axis), axis)
    : sum(mul(target, logs), axis);
  if (labelSmoothing === 0) return reduced(neg(exact), reduction);
  const even = isInteger(target.dtype) ? mean(logs, axis) : mul(mean(logs, axis), sum(target, axis));
  return reduced(neg(add(mul(exact, 1 - labelSmoothing), mul(even, labelSmoothing))), reduction);
}

/** Labels as int32 or int64 indices or as probabilities in the dtype of the logits. */
function classes(labels: Operand, logits: Tensor, axis: number): Tensor {
  const given = isTensor(labels) || typeof labels === "number" ? operand(labels) : tensor(labels);
  const samples = logits.shape.toSpliced(axis, 1);
  const plainIndices = !isTensor(labels) && given.rank === samples.length;
  const whole = isInteger(given.dtype) || plainIndices;
  const expected = whole ? samples : logits.shape;
  if (formatShape(given.shape) !== formatShape(expected)) {
    const found = `${given.dtype} ${formatShape(given.shape)}`;
    throw new ShapeError({
      op: "crossEntropy",
      argument: "labels",
      expected: `class indices ${formatShape(samples)} or probabilities ${formatShape(logits.shape)}`,
      found,
    });
  }
  if (!whole) return cast(given, logits.dtype);
  return given.dtype === "int64" || given.dtype === "int32" ? given : cast(given, "int32");
}
