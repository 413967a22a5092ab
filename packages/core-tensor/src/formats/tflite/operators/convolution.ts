import { add, conv2d, convTranspose2d, matmul, pad, reshape } from "../../../ops/index.ts";
import type { Pads2d, Pair } from "../../../ops/vocabulary.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { activate } from "../activation.ts";
import { channelsFirst, fileOrder } from "../layout.ts";
import type { OperatorNode, OperatorReader, OperatorRows } from "../node.ts";
import { conv2dOptions, depthwiseConv2dOptions, fullyConnectedOptions, transposeConvOptions } from "../options.ts";
import { type Quantization, quantization } from "../quantization.ts";
import { Value } from "../value.ts";
import { image, padding } from "./windows.ts";

/** Weights in our order, from the order of the file. */
const outputFirst: readonly number[] = [0, 3, 1, 2];
/** Depthwise [1, height, width, out] and transposed [out, height, width, in]: the last axis to the front. */
const lastFirst: readonly number[] = [3, 0, 1, 2];

/** Four axes of weights. */
function kernels(node: OperatorNode, input: number, axes: readonly number[]): Tensor {
  if (node.rank(input) !== 4) node.fail(`expected weights of four axes, got ${node.rank(input)}`);
  return node.held(input, "real", axes).tensor;
}

/** Where an operator has its image, weights and bias, and which axis of the weights counts the outputs. */
interface Places {
  readonly image: number;
  readonly weights: number;
  readonly bias: number;
  readonly outputAxis: number;
}

/**
 * y plus the bias of its channels, which stand before `trailing` axes. Quantised biases count in steps of the product of
 * the scales of image and weights: that is what TFLite's kernels add, whatever scale the bias itself names.
 */
function addBias(node: OperatorNode, y: Tensor, places: Places, trailing: number): Tensor {
  if (!node.has(places.bias)) return y;
  const { name, dtype, held } = node.value(places.bias);
  if (held.axes.length !== 1) node.fail(`expected a bias of one axis, got ${held.axes.length}`);
  const column = reshape(held.tensor, [held.tensor.shape[0] as number, ...new Array<number>(trailing).fill(1)]);
  const axes = fileOrder(column.rank);
  const steps = dtype === "int32" ? biasQuantization(node, places) : undefined;
  return add(y, new Value(node.program, name, dtype, steps, { tensor: column, axes }).real(axes));
}

function biasQuantization(node: OperatorNode, { image, weights, outputAxis }: Places): Quantization {
  const of = (input: number): Quantization =>
    node.value(input).quantization ?? node.fail(`a bias of whole numbers, but input ${input} is not quantised`);
  const { scales: factors } = of(image);
  const { scales, axis } = of(weights);
  if (factors.length !== 1) node.fail("expected one scale for the image");
  if (axis !== null && axis !== outputAxis) node.fail(`expected scales along axis ${outputAxis}, got axis ${axis}`);
  const products = scales.map((scale) => Math.fround(scale * (factors[0] as number)));
  const zeroPoints = products.map(() => 0);
  return quantization("int32", products, zeroPoints, axis === null ? null : 0);
}

const convPlaces: Places = { image: 0, weights: 1, bias: 2, outputAxis: 0 };
const depthwisePlaces: Places = { ...convPlaces, outputAxis: 3 };
const transposedPlaces: Places = { image: 2, weights: 1, bias: 3, outputAxis: 0 };

/** Inputs: image, weights [out, height, width, in / groups], bias. */
const conv: OperatorReader = (node) => {
  const { strideH, strideW, dilationH, dilationW, activation, padding: mode } = node.options(conv2dOptions);
  const x = image(node, 0, "real");
  const weight = kernels(node, 1, outputFirst);
  const [channels, perGroup] = [x.shape[1] as number, weight.shape[1] as number];
  if (!(perGroup > 0) || channels % perGroup !== 0) node.fail(`${channels} channels for weights of ${perGroup}`);
  const y = conv2d(x, weight, {
    strides: [strideH, strideW],
    dilations: [dilationH, dilationW],
    pads: padding(node, mode),
    groups: channels / perGroup,
  });
  return [{ tensor: activate(node, addBias(node, y, convPlaces, 2), activation), axes: channelsFirst }];
};

/** Inputs: image, weights [1, height, width, channels * multiplier], bias. */
const depthwise: OperatorReader = (node) => {
  const { strideH, strideW, dilationH, dilationW, activation, padding: mode } = node.options(depthwiseConv2dOptions);
  const x = image(node, 0, "real");
  const y = conv2d(x, kernels(node, 1, lastFirst), {
    strides: [strideH, strideW],
    dilations: [dilationH, dilationW],
    pads: padding(node, mode),
    groups: x.shape[1] as number,
  });
  return [{ tensor: activate(node, addBias(node, y, depthwisePlaces, 2), activation), axes: channelsFirst }];
};

/**
 * How a transposed convolution gets the size that the file asks for: cells cut off, or zeros added at the end. TFLite
 * pads as the convolution from that size back to the image would.
 */
function fit(
  node: OperatorNode,
  size: number,
  wanted: number,
  kernel: number,
  stride: number,
  same: boolean,
): readonly [before: number, after: number] {
  if (!(stride >= 1 && wanted >= 1)) node.fail(`expected strides and an output size >= 1, got ${stride} and ${wanted}`);
  const back = same ? Math.ceil(wanted / stride) : Math.ceil((wanted - kernel + 1) / stride);
  const before = Math.floor(Math.max((back - 1) * stride + kernel - wanted, 0) / 2);
  return [before, (size - 1) * stride + kernel - before - wanted];
}

/** The output shape [batch, height, width, out] that the file asks for; the batch is that of the image. */
function outputSize(node: OperatorNode): readonly [height: number, width: number, channels: number] {
  const { elements } = node.known(0, "output shapes");
  const [height, width, channels] = elements.slice(1);
  if (
    elements.length === 4 &&
    typeof height === "number" &&
    typeof width === "number" &&
    typeof channels === "number"
  ) {
    return [height, width, channels];
  }
  return node.fail(`expected an output shape [batch, height, width, channels], got [${elements}]`);
}

/** Inputs: size of the result [batch, height, width, out], weights [out, height, width, in], image, bias. */
const transposed: OperatorReader = (node) => {
  const { strideH, strideW, activation, padding: mode } = node.options(transposeConvOptions);
  const x = image(node, 2, "real");
  const weight = kernels(node, 1, lastFirst);
  const [wantedHeight, wantedWidth, wantedDepth] = outputSize(node);
  const same = padding(node, mode) === "same";
  const [height, width, kernelH, kernelW] = [x.shape[2], x.shape[3], weight.shape[2], weight.shape[3]] as [
    number,
    number,
    number,
    number,
  ];
  const [top, bottom] = fit(node, height, wantedHeight, kernelH, strideH, same);
  const [left, right] = fit(node, width, wantedWidth, kernelW, strideW, same);
  if (wantedDepth !== weight.shape[1]) node.fail(`expected ${weight.shape[1]} channels, got ${wantedDepth}`);
  const pads: Pads2d = [top, left, Math.max(bottom, 0), Math.max(right, 0)];
  const stamped = convTranspose2d(x, weight, { strides: [strideH, strideW], pads });
  const missing: Pair = [Math.max(-bottom, 0), Math.max(-right, 0)];
  const y =
    missing[0] + missing[1] === 0
      ? stamped
      : pad(stamped, [
          [0, 0],
          [0, 0],
          [0, missing[0]],
          [0, missing[1]],
        ]);
  return [{ tensor: activate(node, addBias(node, y, transposedPlaces, 2), activation), axes: channelsFirst }];
};

/** Inputs: x of any rank, weights [out, in], bias. All axes but the last one make up the batch. */
const fullyConnected: OperatorReader = (node) => {
  const { activation, weightsFormat, keepNumDims } = node.options(fullyConnectedOptions);
  if (weightsFormat !== 0) node.refuse("shuffled weights");
  if (node.rank(1) !== 2) node.fail(`expected weights of two axes, got ${node.rank(1)}`);
  const weight = node.held(1, "real", [1, 0]).tensor;
  const inner = weight.shape[0] as number;
  const shape = node.shape(0);
  const asIs = shape.at(-1) === inner && (keepNumDims ? shape.length > 1 : shape.length === 2);
  const x = asIs ? node.plain(0, "real") : reshape(node.value(0).flat("real"), [-1, inner]);
  const y = activate(node, addBias(node, matmul(x, weight), convPlaces, 0), activation);
  if (!keepNumDims || asIs) return [node.result(y)];
  return [node.result(reshape(y, [...shape.slice(0, -1), weight.shape[1] as number]))];
};

/** Operators with weights. */
export const convolution: OperatorRows = {
  CONV_2D: conv,
  DEPTHWISE_CONV_2D: depthwise,
  TRANSPOSE_CONV: transposed,
  FULLY_CONNECTED: fullyConnected,
};
