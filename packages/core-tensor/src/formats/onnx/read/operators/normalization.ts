import {
  abs,
  add,
  avgPool2d,
  batchNorm,
  cast,
  div,
  layerNorm,
  mean,
  mul,
  mulDims,
  pad,
  pow,
  reshape,
  sqrt,
  squeeze,
  sub,
  sum,
  transpose,
} from "../../../../ops/index.ts";
import { plainDim } from "../../../../ops/traced.ts";
import { normalizeAxis } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";

/** Inference with given statistics (inputs 3 and 4). */
const batchNormReader: OperatorReader = (context) => {
  const { attributes } = context;
  if (attributes.flag("training_mode", false)) return unsupported("in training mode");
  if (!attributes.flag("spatial", true)) return unsupported("with spatial = 0");
  const x = context.tensor(0);
  const statistic = (index: number): Tensor => cast(context.tensor(index), x.dtype);
  return batchNorm(x, statistic(3), statistic(4), statistic(1), statistic(2), {
    eps: attributes.float("epsilon", 1e-5),
  });
};

/** Mean 0 and variance 1 along axes, with what it took. */
function standardize(x: Tensor, axes: readonly number[], eps: number): { y: Tensor; center: Tensor; spread: Tensor } {
  const center = mean(x, axes, { keepDims: true });
  const deviation = sub(x, center);
  const spread = sqrt(add(mean(mul(deviation, deviation), axes, { keepDims: true }), eps));
  return { y: div(deviation, spread), center, spread };
}

/** A vector of one number per channel (axis 1), in a shape that broadcasts against x. */
function channels(x: Tensor, numbers: Tensor): Tensor {
  return reshape(numbers, [...numbers.shape, ...x.shape.slice(2).map(() => 1)]);
}

const instanceNorm: OperatorReader = (context) => {
  const x = context.tensor(0);
  const spatial = x.shape.map((_, axis) => axis).slice(2);
  const { y } = standardize(x, spatial, context.attributes.float("epsilon", 1e-5));
  return add(mul(y, channels(x, context.tensor(1))), channels(x, context.tensor(2)));
};

/** The axes from `axis` on. Statistics are float32 for narrow floats (`stash_type`). */
const layerNormReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const { attributes } = context;
  const first = normalizeAxis("LayerNormalization", attributes.int("axis", -1), x.rank);
  const axes = x.shape.map((_, axis) => axis).slice(first);
  const eps = attributes.float("epsilon", 1e-5);
  const plain = !context.wants(1) && !context.wants(2) && x.dtype !== "float16" && x.dtype !== "bfloat16";
  if (plain) return layerNorm(x, context.tensor(1), context.optional(2), { axes, eps });
  const stash = context.elementType(attributes.int("stash_type", 1));
  const { y, center, spread } = standardize(cast(x, stash), axes, eps);
  const scaled = mul(cast(y, x.dtype), context.tensor(1));
  const bias = context.optional(2);
  return [bias === undefined ? scaled : add(scaled, bias), center, div(1, spread)];
};

/** Scale and bias belong to groups before opset 21, to channels from then on. */
const groupNormReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const groups = context.attributes.int("num_groups");
  const [batch, count, ...spatial] = x.shape as readonly [number, number, ...number[]];
  const channelCount: unknown = count;
  if (typeof channelCount !== "number" || groups < 1 || channelCount % groups !== 0) {
    return invalid(`${groups} groups of ${plainDim(count)} channels`);
  }
  const grouped = reshape(x, [batch, groups, channelCount / groups, ...spatial]);
  const axes = grouped.shape.map((_, axis) => axis).slice(2);
  const { y } = standardize(grouped, axes, context.attributes.float("epsilon", 1e-5));
  const [scale, bias] = [context.tensor(1), context.tensor(2)];
  if (context.opset < 21) return reshape(add(mul(y, channels(grouped, scale)), channels(grouped, bias)), x.shape);
  const normal = reshape(y, x.shape);
  return add(mul(normal, channels(x, scale)), channels(x, bias));
};

const meanVariance: OperatorReader = (context) => {
  const x = context.tensor(0);
  const axes = context.attributes.ints("axes", [0, 2, 3]);
  const center = mean(x, axes, { keepDims: true });
  const variance = sub(mean(mul(x, x), axes, { keepDims: true }), mul(center, center));
  return div(sub(x, center), add(sqrt(variance), 1e-9));
};

const lpNorm: OperatorReader = (context) => {
  const x = context.tensor(0);
  const axis = context.attributes.int("axis", -1);
  const p = context.attributes.int("p", 2);
  if (p !== 1 && p !== 2) return invalid(`p is ${p}`);
  const size = p === 1 ? sum(abs(x), axis, { keepDims: true }) : sqrt(sum(mul(x, x), axis, { keepDims: true }));
  return div(x, size);
};

/** Local response normalisation: squares summed over `size` neighbouring channels, more of them before on even sizes below. */
const lrn: OperatorReader = (context) => {
  const x = context.tensor(0);
  const { attributes } = context;
  const size = attributes.int("size");
  const [alpha, beta, bias] = [
    attributes.float("alpha", 1e-4),
    attributes.float("beta", 0.75),
    attributes.float("bias", 1),
  ];
  const [batch, count, ...spatial] = x.shape as readonly [number, number, ...number[]];
  if (size < 1) return invalid(`size is ${size}`);
  if (typeof (count as unknown) !== "number") return unsupported("of an unknown number of channels");
  // Channels become the height of an image with one column a position, over which a window of `size` rows moves.
  const positions = mulDims(batch, ...spatial);
  const order = [0, ...spatial.map((_, i) => i + 2), 1];
  const rows = reshape(transpose(mul(x, x), order), [positions, 1, count, 1]);
  const before = Math.floor((size - 1) / 2);
  const padded = pad(rows, [
    [0, 0],
    [0, 0],
    [before, size - 1 - before],
    [0, 0],
  ]);
  const sums = mul(avgPool2d(padded, { kernel: [size, 1], strides: 1 }), size);
  const back = transpose(reshape(squeeze(sums, [1, 3]), [batch, ...spatial, count]), [
    0,
    x.rank - 1,
    ...spatial.map((_, i) => i + 1),
  ]);
  return div(x, pow(add(mul(back, alpha / size), bias), beta));
};

/** Operators that bring values to a common scale. */
export const normalization: OperatorTable = {
  BatchNormalization: batchNormReader,
  InstanceNormalization: instanceNorm,
  LayerNormalization: layerNormReader,
  GroupNormalization: groupNormReader,
  MeanVarianceNormalization: meanVariance,
  LpNormalization: lpNorm,
  LRN: lrn,
};
