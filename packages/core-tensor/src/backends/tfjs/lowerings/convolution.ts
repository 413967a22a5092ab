import type {
  ConvAttributes,
  ConvTransposeAttributes,
  ConvWeightGradAttributes,
  OpAttributes,
  Pair,
} from "../../../ops/vocabulary.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type KernelQuery, type TfContext, type TfLoweringTable, binary, outputType } from "../lowering.ts";
import { type Windows, patchKernels, patches } from "../patches.ts";

/** Is every group one channel of the image? */
function isDepthwise(channels: number | string | undefined, groups: number): boolean {
  return groups > 1 && channels === groups;
}

/** The engine convolves with strides or with dilations, not with both. */
function engineConvolves({ strides, dilations }: ConvAttributes): boolean {
  return Math.max(...strides) === 1 || Math.max(...dilations) === 1;
}

function convolutionKernels({ inputTypes, attributes }: KernelQuery<ConvAttributes>): readonly string[] {
  if (!engineConvolves(attributes)) return [...patchKernels, "BatchMatMul", "Transpose", "Fill"];
  const { groups } = attributes;
  const kernel = isDepthwise(inputTypes[0]?.shape[1], groups) ? ["DepthwiseConv2dNative"] : ["Conv2D"];
  return [...kernel, "Transpose", "PadV2", "Fill", ...(groups > 1 ? ["Slice", "Concat"] : [])];
}

/** Convolution of [N, C, H, W] with weights [O, C / groups, kh, kw]. */
function convolve(
  c: TfContext,
  x: TfTensor,
  weight: TfTensor,
  attributes: ConvAttributes,
  out: readonly number[],
): TfTensor {
  if (x.size === 0 || weight.size === 0) return c.tf.fill([...out], 0, "float32");
  return engineConvolves(attributes)
    ? engineConvolution(c, x, weight, attributes)
    : patchConvolution(c, x, weight, attributes, out);
}

/** By the engine's own convolution, whose layout is [N, H, W, C] with weights [kh, kw, C, O]. */
function engineConvolution(
  c: TfContext,
  x: TfTensor,
  weight: TfTensor,
  { strides, pads, dilations, groups }: ConvAttributes,
): TfTensor {
  const { tf } = c;
  const [top, left, bottom, right] = pads;
  const [outputs, groupChannels, kh, kw] = weight.shape as [number, number, number, number];
  const padded = pads.some((cells) => cells > 0)
    ? tf.pad(
        x,
        [
          [0, 0],
          [0, 0],
          [top, bottom],
          [left, right],
        ],
        0,
      )
    : x;
  const image = tf.transpose(padded, [0, 2, 3, 1]);
  const filter = tf.transpose(weight, [2, 3, 1, 0]);
  const [sy, sx] = strides;
  const [dy, dx] = dilations;
  const channelsFirst = (y: TfTensor): TfTensor => tf.transpose(y, [0, 3, 1, 2]);
  if (isDepthwise(image.shape[3], groups)) {
    // Output o belongs to channel o / (O / groups): the engine's order of [channel, multiplier].
    const depthwise = tf.reshape(filter, [kh, kw, groups, outputs / groups]);
    return channelsFirst(tf.depthwiseConv2d(image, depthwise, [sy, sx], "valid", "NHWC", [dy, dx]));
  }
  if (groups === 1) return channelsFirst(tf.conv2d(image, filter, [sy, sx], "valid", "NHWC", [dy, dx]));
  const [batch, height, width] = image.shape as [number, number, number, number];
  const groupOutputs = outputs / groups;
  const parts = Array.from({ length: groups }, (_, g) => {
    const channels = tf.slice(image, [0, 0, 0, g * groupChannels], [batch, height, width, groupChannels]);
    const filters = tf.slice(filter, [0, 0, 0, g * groupOutputs], [kh, kw, groupChannels, groupOutputs]);
    return tf.conv2d(channels, filters, [sy, sx], "valid", "NHWC", [dy, dx]);
  });
  return channelsFirst(tf.concat(parts, 3));
}

/** Windows as columns, [groups, C / groups kh kw, N oh ow]. */
function windowColumns(tf: Tf, x: TfTensor, windows: Windows, groups: number): TfTensor {
  const depth = ((x.shape[1] as number) / groups) * windows.kernel[0] * windows.kernel[1];
  const columns = tf.transpose(patches(tf, x, windows, 0), [1, 3, 0, 2, 4]);
  return tf.reshape(columns, [groups, depth, columns.size / (groups * depth)]);
}

/** By im2col: windows [groups, K, N oh ow] under the weights [groups, O / groups, K]. */
function patchConvolution(
  c: TfContext,
  x: TfTensor,
  weight: TfTensor,
  attributes: ConvAttributes,
  out: readonly number[],
): TfTensor {
  const { tf } = c;
  const { groups } = attributes;
  const [outputs, groupChannels, kh, kw] = weight.shape as [number, number, number, number];
  const [batch, , rows, columns] = out as [number, number, number, number];
  const cells = windowColumns(tf, x, { ...attributes, kernel: [kh, kw], count: [rows, columns] }, groups);
  const weights = tf.reshape(weight, [groups, outputs / groups, groupChannels * kh * kw]);
  const result = tf.matMul(weights, cells, false, false);
  return tf.transpose(tf.reshape(result, [outputs, batch, rows, columns]), [1, 0, 2, 3]);
}

const transposedKernels = ["PadV2", "Slice", "Transpose", "Reverse", "Fill"];

/** Zeros between the cells of the images: [N, C, h, w] to [N, C, (h - 1) sy + 1, (w - 1) sx + 1]. */
function spread(c: TfContext, x: TfTensor, [sy, sx]: Pair): TfTensor {
  if (sy === 1 && sx === 1) return x;
  const { tf } = c;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const cells = tf.reshape(x, [batch * channels, height, 1, width, 1]);
  const padded = tf.pad(
    cells,
    [
      [0, 0],
      [0, 0],
      [0, sy - 1],
      [0, 0],
      [0, sx - 1],
    ],
    0,
  );
  const images = tf.reshape(padded, [batch, channels, height * sy, width * sx]);
  return tf.slice(images, [0, 0, 0, 0], [batch, channels, (height - 1) * sy + 1, (width - 1) * sx + 1]);
}

/** Weights [C, O / groups, kh, kw] of a transposed convolution as those of the convolution that equals it. */
function transposedWeight(c: TfContext, weight: TfTensor, groups: number): TfTensor {
  const { tf } = c;
  const [channels, groupOutputs, kh, kw] = weight.shape as [number, number, number, number];
  const grouped = tf.reshape(weight, [groups, channels / groups, groupOutputs, kh, kw]);
  const swapped = tf.reshape(tf.transpose(grouped, [0, 2, 1, 3, 4]), [
    groups * groupOutputs,
    channels / groups,
    kh,
    kw,
  ]);
  return tf.reverse(swapped, [2, 3]);
}

/** The adjoint of conv2d in its image: a convolution of the image with zeros between its cells. */
function convTranspose(c: TfContext, x: TfTensor, weight: TfTensor, attributes: ConvTransposeAttributes): TfTensor {
  const { tf } = c;
  const { strides, pads, dilations, groups, outputPadding } = attributes;
  const { shape } = outputType(c);
  if (x.size === 0 || weight.size === 0) return tf.fill([...shape], 0, "float32");
  const [kh, kw] = weight.shape.slice(2) as [number, number];
  const reach: Pair = [dilations[0] * (kh - 1), dilations[1] * (kw - 1)];
  // Where the padding that is left is negative, cells fall off instead.
  const top = reach[0] - pads[0];
  const left = reach[1] - pads[1];
  const bottom = reach[0] - pads[2] + outputPadding[0];
  const right = reach[1] - pads[3] + outputPadding[1];
  const off = (cells: number): number => Math.max(-cells, 0);
  const on = (cells: number): number => Math.max(cells, 0);
  const wide = spread(c, x, strides);
  const [batch, channels, height, width] = wide.shape as [number, number, number, number];
  const cropped = tf.slice(
    wide,
    [0, 0, off(top), off(left)],
    [batch, channels, height - off(top) - off(bottom), width - off(left) - off(right)],
  );
  const plain: ConvAttributes = {
    strides: [1, 1],
    pads: [on(top), on(left), on(bottom), on(right)],
    dilations,
    groups,
  };
  return convolve(c, cropped, transposedWeight(c, weight, groups), plain, shape);
}

/**
 * The adjoint of conv2d in its weight: windows of the image against the gradient of the output. No engine kernel for it
 * is everywhere, so it is im2col and a matrix product.
 */
function weightGradient(c: TfContext, x: TfTensor, dy: TfTensor, attributes: ConvWeightGradAttributes): TfTensor {
  const { tf } = c;
  const { groups } = attributes;
  const { shape } = outputType(c);
  if (x.size === 0 || dy.size === 0) return tf.fill([...shape], 0, "float32");
  const [batch, outputs, rows, columns] = dy.shape as [number, number, number, number];
  const cells = windowColumns(tf, x, { ...attributes, count: [rows, columns] }, groups);
  const left = tf.reshape(tf.transpose(dy, [1, 0, 2, 3]), [groups, outputs / groups, batch * rows * columns]);
  return tf.reshape(tf.matMul(left, cells, false, true), [...shape]);
}

/** Convolution and its two adjoints. */
export const convolutionLowerings: TfLoweringTable<
  Pick<OpAttributes, "conv2d" | "convTranspose2d" | "conv2dWeightGrad">
> = {
  conv2d: binary(convolutionKernels, (c, x, weight, attributes) =>
    convolve(c, x, weight, attributes, outputType(c).shape),
  ),
  convTranspose2d: binary(
    ({ attributes, inputTypes }: KernelQuery<ConvTransposeAttributes>) => [
      ...transposedKernels,
      ...convolutionKernels({ inputTypes, attributes: { ...attributes, strides: [1, 1] } }),
    ],
    convTranspose,
  ),
  conv2dWeightGrad: binary([...patchKernels, "BatchMatMul", "Transpose", "Fill"], weightGradient),
};
