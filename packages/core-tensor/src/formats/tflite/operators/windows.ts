import { avgPool2d, maxPool2d, reshape, resize2d, transpose } from "../../../ops/index.ts";
import type { Pair } from "../../../ops/vocabulary.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { activate } from "../activation.ts";
import { channelsFirst } from "../layout.ts";
import type { Form, OperatorNode, OperatorReader, OperatorRows } from "../node.ts";
import {
  depthToSpaceOptions,
  pool2dOptions,
  resizeBilinearOptions,
  resizeNearestOptions,
  spaceToDepthOptions,
} from "../options.ts";

/** Longest side of an image that is looked at window by window while the file is read. */
const MAX_SIDE = 2 ** 20;

/** An image [batch, channels, height, width]. */
export function image(node: OperatorNode, input: number, form: Form): Tensor {
  if (node.rank(input) !== 4) node.fail(`expected an image of four axes, got ${node.rank(input)}`);
  return node.held(input, form, channelsFirst).tensor;
}

/** `Padding` of the schema. */
export function padding(node: OperatorNode, mode: number): "same" | "valid" {
  if (mode !== 0 && mode !== 1) node.fail(`expected padding SAME (0) or VALID (1), got ${mode}`);
  return mode === 0 ? "same" : "valid";
}

/** Borders count for nothing: averages divide by the cells inside of the image. */
function pool(op: typeof avgPool2d | typeof maxPool2d): OperatorReader {
  return (node) => {
    const { strideH, strideW, filterH, filterW, activation, padding: mode } = node.options(pool2dOptions);
    const x = image(node, 0, "real");
    if (x.shape.slice(2).some((side) => side > MAX_SIDE)) node.refuse(`images above ${MAX_SIDE} cells along a side`);
    const y = op(x, { kernel: [filterH, filterW], strides: [strideH, strideW], pads: padding(node, mode) });
    return [{ tensor: activate(node, y, activation), axes: channelsFirst }];
  };
}

function size(node: OperatorNode): Pair {
  const [height, width, ...more] = node.integers(1, "sizes");
  if (height === undefined || width === undefined || more.length > 0) return node.fail("expected height and width");
  return [height, width];
}

function expectOneMode(node: OperatorNode, alignCorners: boolean, halfPixelCenters: boolean): void {
  if (alignCorners && halfPixelCenters) node.fail("expected aligned corners or half pixel centers, got both");
}

const resizeBilinear: OperatorReader = (node) => {
  const { alignCorners, halfPixelCenters } = node.options(resizeBilinearOptions);
  expectOneMode(node, alignCorners, halfPixelCenters);
  const coordinateMode = alignCorners ? "align_corners" : halfPixelCenters ? "half_pixel" : "asymmetric";
  return [{ tensor: resize2d(image(node, 0, "real"), size(node), { coordinateMode }), axes: channelsFirst }];
};

/** TFLite rounds down, after it has added half a cell for half pixel centers, and to the nearest with aligned corners. */
const resizeNearest: OperatorReader = (node) => {
  const { alignCorners, halfPixelCenters } = node.options(resizeNearestOptions);
  expectOneMode(node, alignCorners, halfPixelCenters);
  const coordinateMode = alignCorners ? "align_corners" : halfPixelCenters ? "half_pixel" : "asymmetric";
  const nearestMode = alignCorners || halfPixelCenters ? "round_prefer_ceil" : "floor";
  const x = image(node, 0, node.moving(0));
  return [{ tensor: resize2d(x, size(node), { mode: "nearest", coordinateMode, nearestMode }), axes: channelsFirst }];
};

function expectBlock(node: OperatorNode, block: number): void {
  if (!(block >= 1)) node.fail(`expected blocks of at least 1, got ${block}`);
}

/** Channel (i * block + j) * depth + c goes to row i and column j of a block, channel c. */
const depthToSpace: OperatorReader = (node) => {
  const { block } = node.options(depthToSpaceOptions);
  expectBlock(node, block);
  const x = image(node, 0, node.moving(0));
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const depth = channels / (block * block);
  if (!Number.isInteger(depth)) node.fail(`${channels} channels for blocks of ${block} x ${block}`);
  const apart = reshape(x, [batch, block, block, depth, height, width]);
  const tensor = reshape(transpose(apart, [0, 3, 4, 1, 5, 2]), [batch, depth, height * block, width * block]);
  return [{ tensor, axes: channelsFirst }];
};

const spaceToDepth: OperatorReader = (node) => {
  const { block } = node.options(spaceToDepthOptions);
  expectBlock(node, block);
  const x = image(node, 0, node.moving(0));
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (height % block !== 0 || width % block !== 0) node.fail(`blocks of ${block} in an image of ${height} x ${width}`);
  const apart = reshape(x, [batch, channels, height / block, block, width / block, block]);
  const shape = [batch, channels * block * block, height / block, width / block];
  return [{ tensor: reshape(transpose(apart, [0, 3, 5, 1, 2, 4]), shape), axes: channelsFirst }];
};

/** Operators on images without weights. */
export const windows: OperatorRows = {
  AVERAGE_POOL_2D: pool(avgPool2d),
  MAX_POOL_2D: pool(maxPool2d),
  RESIZE_BILINEAR: resizeBilinear,
  RESIZE_NEAREST_NEIGHBOR: resizeNearest,
  DEPTH_TO_SPACE: depthToSpace,
  SPACE_TO_DEPTH: spaceToDepth,
};
