import type {
  ConvAttributes,
  ConvTransposeAttributes,
  ConvWeightGradAttributes,
  OpAttributes,
  Pair,
} from "../../../ops/vocabulary.ts";
import type { Dim } from "../../../tensor/dims.ts";
import type { Emitter } from "./emitter.ts";
import { type LoweringNode, type OnnxLowering, type OnnxLoweringTable, inputType, outputType } from "./lowering.ts";
import { filled, pad, reshape, transpose } from "./movement.ts";
import { type Image, unfold } from "./unfold.ts";

/** An input as an image; shape rules made sure that all but the batch is known. */
export function imageOf(node: LoweringNode<unknown>, index = 0): Image {
  const [batch, channels, height, width] = inputType(node, index).shape as readonly [Dim, number, number, number];
  return { value: node.inputs[index] as string, batch, channels, size: [height, width] };
}

/** Height and width of the result. */
export function outputSize(node: LoweringNode<unknown>): Pair {
  const [, , height, width] = outputType(node).shape as readonly [Dim, Dim, number, number];
  return [height, width];
}

/** The attributes of `Conv`. */
export const geometry = ({
  strides,
  pads,
  dilations,
  groups,
}: ConvAttributes): Record<string, number | readonly number[]> => ({
  strides,
  pads,
  dilations,
  group: groups,
});

/**
 * A convolution as a product of matrices, for float64, which ONNX Runtime does not convolve.
 *
 * @param weight `[out, channels / groups, kernel height, kernel width]`
 */
function byProducts(
  emitter: Emitter,
  image: Image,
  weight: string,
  attributes: ConvAttributes,
  kernel: Pair,
  out: number,
  output: Pair,
): string {
  const { groups } = attributes;
  const cells = kernel[0] * kernel[1];
  const positions = output[0] * output[1];
  const perGroup = image.channels / groups;
  const windows = unfold(emitter, image, { ...attributes, kernel }, output, 0);
  const cellsShape = [image.batch, image.channels, cells, ...output];
  const columns = reshape(emitter, windows, cellsShape, [image.batch, groups, perGroup * cells, positions]);
  const rows = reshape(emitter, weight, [out, perGroup, ...kernel], [groups, out / groups, perGroup * cells]);
  const product = emitter.emit("MatMul", [rows, columns]);
  return reshape(emitter, product, [image.batch, groups, out / groups, positions], [image.batch, out, ...output]);
}

const conv2d: OnnxLowering<ConvAttributes> = (emitter, node) => {
  const { attributes, inputs } = node;
  if (emitter.dtype(inputs[0] as string) !== "float64") return emitter.emit("Conv", inputs, geometry(attributes));
  const [out, , height, width] = inputType(node, 1).shape as readonly [number, number, number, number];
  const output = outputSize(node);
  return byProducts(emitter, imageOf(node), inputs[1] as string, attributes, [height, width], out, output);
};

/** x with `stride - 1` zeros between neighbouring cells. */
function spread(emitter: Emitter, { value, batch, channels, size: [height, width] }: Image, strides: Pair): Image {
  const [down, right] = strides;
  const apart = reshape(emitter, value, [batch, channels, height, width], [batch, channels, height, 1, width, 1]);
  const filled = pad(emitter, apart, [0, 0, 0, 0, 0, 0], [0, 0, 0, down - 1, 0, right - 1], 0);
  const joined = reshape(
    emitter,
    filled,
    [batch, channels, height, down, width, right],
    [batch, channels, height * down, width * right],
  );
  return { value: joined, batch, channels, size: [height * down, width * right] };
}

/** A window of an image that may reach beyond its edges: cropped where it starts inside, zeros where outside. */
function crop(emitter: Emitter, image: Image, from: Pair, to: Pair): Image {
  const [height, width] = image.size;
  const inside = [Math.max(from[0], 0), Math.max(from[1], 0), Math.min(to[0], height), Math.min(to[1], width)] as const;
  const axes = emitter.ints([2, 3]);
  const cut = emitter.emit("Slice", [
    image.value,
    emitter.ints(inside.slice(0, 2)),
    emitter.ints(inside.slice(2)),
    axes,
  ]);
  const value = pad(
    emitter,
    cut,
    [0, 0, inside[0] - from[0], inside[1] - from[1]],
    [0, 0, to[0] - inside[2], to[1] - inside[3]],
    0,
  );
  return { ...image, value, size: [to[0] - from[0], to[1] - from[1]] };
}

/** The kernel turned around, `[out, channels / groups, height, width]`: what a convolution wants of a transposed one's. */
function turned(emitter: Emitter, node: LoweringNode<ConvTransposeAttributes>): string {
  const { groups } = node.attributes;
  const [channels, perGroup, ...cell] = inputType(node, 1).shape as readonly [number, number, number, number];
  const grouped = [groups, channels / groups, perGroup, ...cell];
  const exchanged = transpose(
    emitter,
    reshape(emitter, node.inputs[1] as string, [channels, perGroup, ...cell], grouped),
    [0, 2, 1, 3, 4],
  );
  const backwards = emitter.emit("Slice", [
    exchanged,
    emitter.ints([-1, -1]),
    emitter.ints([-(2n ** 63n - 1n), -(2n ** 63n - 1n)]),
    emitter.ints([3, 4]),
    emitter.ints([-1, -1]),
  ]);
  return reshape(
    emitter,
    backwards,
    [groups, perGroup, channels / groups, ...cell],
    [groups * perGroup, channels / groups, ...cell],
  );
}

/** Steps of 1 and pads that the turned kernel reaches over: a plain convolution with what it reaches further as pads. */
function plainGeometry({ strides, pads, outputPadding, ...rest }: ConvTransposeAttributes, [height, width]: Pair) {
  const { dilations } = rest;
  const reach = [dilations[0] * (height - 1), dilations[1] * (width - 1)] as const;
  const own = [
    reach[0] - pads[0],
    reach[1] - pads[1],
    reach[0] - pads[2] + outputPadding[0],
    reach[1] - pads[3] + outputPadding[1],
  ] as const;
  const fits = strides[0] === 1 && strides[1] === 1 && height * width > 1 && own.every((pad) => pad >= 0);
  return fits ? geometry({ ...rest, strides, pads: own }) : undefined;
}

/** The transposed convolution as a convolution of the image spread by the strides with the kernel turned around. */
function transposedByProducts(emitter: Emitter, node: LoweringNode<ConvTransposeAttributes>): string {
  const { strides, pads, dilations, groups } = node.attributes;
  const image = imageOf(node);
  const [, perGroup, height, width] = inputType(node, 1).shape as readonly [number, number, number, number];
  const output = outputSize(node);
  const extent = [dilations[0] * (height - 1), dilations[1] * (width - 1)] as const;
  const from: Pair = [pads[0] - extent[0], pads[1] - extent[1]];
  const wide = crop(emitter, spread(emitter, image, strides), from, [output[0] + pads[0], output[1] + pads[1]]);
  const weight = turned(emitter, node);
  const plain: ConvAttributes = { strides: [1, 1], pads: [0, 0, 0, 0], dilations, groups };
  return byProducts(emitter, wide, weight, plain, [height, width], groups * perGroup, output);
}

/**
 * With strides of 1 it is a convolution with the kernel turned around, which ONNX Runtime computed in about two thirds of
 * the time: gradients of images need it. It refuses output padding of a stride or more. Such rows are rows that the pads
 * would cut off, and zeros where there are none.
 */
const convTranspose2d: OnnxLowering<ConvTransposeAttributes> = (emitter, node) => {
  if (emitter.dtype(node.inputs[0] as string) === "float64") return transposedByProducts(emitter, node);
  const { strides, pads, outputPadding } = node.attributes;
  const [, , height, width] = inputType(node, 1).shape as readonly [number, number, number, number];
  const plain = plainGeometry(node.attributes, [height, width]);
  if (plain !== undefined) return emitter.emit("Conv", [node.inputs[0] as string, turned(emitter, node)], plain);
  const output_padding = outputPadding;
  if (outputPadding[0] < strides[0] && outputPadding[1] < strides[1]) {
    return emitter.emit("ConvTranspose", node.inputs, { ...geometry(node.attributes), output_padding });
  }
  const [bottom, right] = [pads[2] - outputPadding[0], pads[3] - outputPadding[1]];
  const shorter = { ...node.attributes, pads: [pads[0], pads[1], Math.max(bottom, 0), Math.max(right, 0)] as const };
  const whole = emitter.emit("ConvTranspose", node.inputs, geometry(shorter));
  return pad(emitter, whole, [0, 0, 0, 0], [0, 0, Math.max(-bottom, 0), Math.max(-right, 0)], 0);
};

/**
 * The windows of the image times the cotangent, image by image, then summed over the batch. For a 3x3 kernel on
 * [32, 64, 16, 16] this ran at several times the speed of the convolution with batch and channels exchanged.
 */
const conv2dWeightGrad: OnnxLowering<ConvWeightGradAttributes> = (emitter, node) => {
  const { groups, kernel } = node.attributes;
  const image = imageOf(node);
  const { batch, channels } = image;
  const [, out, ...output] = inputType(node, 1).shape as readonly [Dim, number, number, number];
  const positions = output[0] * output[1];
  const columns = (channels / groups) * kernel[0] * kernel[1];
  const windows = unfold(emitter, image, node.attributes, output, 0);
  const cells = reshape(
    emitter,
    windows,
    [batch, channels, kernel[0] * kernel[1], ...output],
    [batch, groups, columns, positions],
  );
  const cotangent = reshape(
    emitter,
    node.inputs[1] as string,
    [batch, out, ...output],
    [batch, groups, out / groups, positions],
  );
  const product = emitter.emit("MatMul", [cotangent, transpose(emitter, cells, [0, 1, 3, 2])]);
  const sum = emitter.emit("ReduceSum", [product, emitter.ints([0])], { keepdims: 0 });
  return reshape(emitter, sum, [groups, out / groups, columns], outputType(node).shape);
};

export type ConvolutionOps = Pick<OpAttributes, "matmul" | "conv2d" | "convTranspose2d" | "conv2dWeightGrad">;

/** Products of matrices and convolutions. */
export const convolution: OnnxLoweringTable<ConvolutionOps> = {
  matmul: (emitter, node) => {
    // A sum of nothing; the kernel of the webgpu provider ends the process over it.
    if (inputType(node).shape.at(-1) === 0) return filled(emitter, outputType(node).dtype, outputType(node).shape, 0);
    return emitter.emit("MatMul", node.inputs);
  },
  conv2d,
  convTranspose2d,
  conv2dWeightGrad,
};
