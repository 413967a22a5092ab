import { resizePlan } from "../../../ops/linalg/resizePlan.ts";
import type {
  AvgPoolAttributes,
  MaxPoolAttributes,
  OpAttributes,
  Pair,
  ResizeAttributes,
} from "../../../ops/vocabulary.ts";
import { mulDims } from "../../../tensor/dims.ts";
import { dtypes, isFloat } from "../../../tensor/dtype.ts";
import { Arithmetic } from "./arithmetic.ts";
import { imageOf, outputSize } from "./convolution.ts";
import { dimScalar, shapeVector } from "./dimensions.ts";
import { type Emitter, inSingle } from "./emitter.ts";
import { type LoweringNode, type OnnxLowering, type OnnxLoweringTable, outputType } from "./lowering.ts";
import { reshape } from "./movement.ts";
import { reduce } from "./reduction.ts";
import { type Window, unfold } from "./unfold.ts";

/** `MaxPool` of ONNX. Its positions count on over all planes, so that the start of each plane is taken off. */
function directMaxPool(emitter: Emitter, node: LoweringNode<MaxPoolAttributes>): (string | undefined)[] {
  const { kernel, strides, pads, dilations } = node.attributes;
  const { value, batch, channels, size } = imageOf(node);
  const attributes = { kernel_shape: kernel, strides, pads, dilations };
  if (node.used[1] !== true) return [emitter.emit("MaxPool", [value], attributes), undefined];
  const [best, places] = emitter.emitAll("MaxPool", [value], attributes, 2) as [string, string];
  const plane = size[0] * size[1];
  const starts = emitter.emit("Range", [
    emitter.scalar("int64", 0),
    dimScalar(emitter, mulDims(batch, channels * plane), "int64"),
    emitter.scalar("int64", plane),
  ]);
  const columns = reshape(emitter, starts, [mulDims(batch, channels)], [batch, channels, 1, 1]);
  // A modulo would say the same, and took several times as long. Windows of NaN only have a position below 0.
  const inPlane = emitter.cast(emitter.emit("Sub", [places, columns]), "int32");
  return [best, emitter.emit("Max", [inPlane, emitter.scalar("int32", 0)])];
}

/** The windows written out and reduced: for the types and paddings that `MaxPool` does not take. */
function unfoldedMaxPool(emitter: Emitter, node: LoweringNode<MaxPoolAttributes>): (string | undefined)[] {
  const image = imageOf(node);
  const dtype = emitter.dtype(image.value);
  const output = outputSize(node);
  const windows = unfold(emitter, image, node.attributes, output, lowest(dtype));
  const along = { axes: [2], keepDims: false };
  const best = reduce(emitter, "ReduceMax", windows, along);
  if (node.used[1] !== true) return [best, undefined];
  // Among equal cells the first one of the image wins: the padding holds the lowest value, as a cell may too.
  const places = windowPlaces(node.attributes, image.size, output);
  const cells = node.attributes.kernel[0] * node.attributes.kernel[1];
  const table = emitter.numbers("int32", [1, 1, cells, ...output], places);
  const beyond = image.size[0] * image.size[1];
  const a = new Arithmetic(emitter, "int32");
  const equal = emitter.emit("Equal", [windows, emitter.emit("Unsqueeze", [best, emitter.ints([2])])]);
  const candidates = a.where(a.and(equal, a.less(table, beyond)), table, beyond);
  const first = reduce(emitter, "ReduceMin", candidates, along);
  // A window with NaN may have no best: its position stays inside all the same.
  return [best, isFloat(dtype) ? a.min(first, beyond - 1) : first];
}

const lowest = (dtype: keyof typeof dtypes): number => (isFloat(dtype) ? -Infinity : dtypes[dtype].min);

/** The position in the plane of each cell of each window, or the size of the plane for one in the padding. */
function windowPlaces(
  { kernel, strides, pads, dilations }: Window,
  [height, width]: Pair,
  [rows, columns]: Pair,
): Int32Array {
  const places = new Int32Array(kernel[0] * kernel[1] * rows * columns);
  let at = 0;
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const y = row * strides[0] - pads[0] + i * dilations[0];
          const x = column * strides[1] - pads[1] + j * dilations[1];
          places[at++] = y >= 0 && y < height && x >= 0 && x < width ? y * width + x : height * width;
        }
      }
    }
  }
  return places;
}

const maxPool2d: OnnxLowering<MaxPoolAttributes> = (emitter, node) => {
  const { kernel, pads } = node.attributes;
  const narrow = pads[0] < kernel[0] && pads[2] < kernel[0] && pads[1] < kernel[1] && pads[3] < kernel[1];
  const float = isFloat(emitter.dtype(node.inputs[0] as string));
  const able = emitter.program.target.poolIndices || node.used[1] !== true;
  return float && narrow && able ? directMaxPool(emitter, node) : unfoldedMaxPool(emitter, node);
};

const avgPool2d: OnnxLowering<AvgPoolAttributes> = (emitter, node) => {
  const { kernel, strides, pads, countIncludePad } = node.attributes;
  const image = imageOf(node);
  const dtype = emitter.dtype(image.value);
  if (dtype !== "float64") {
    return emitter.emit("AveragePool", [image.value], {
      kernel_shape: kernel,
      strides,
      pads,
      count_include_pad: countIncludePad ? 1 : 0,
    });
  }
  const window: Window = { kernel, strides, pads, dilations: [1, 1] };
  const output = outputSize(node);
  const sum = emitter.emit("ReduceSum", [unfold(emitter, image, window, output, 0), emitter.ints([2])], {
    keepdims: 0,
  });
  const counts = new Float64Array(output[0] * output[1]);
  const cells = kernel[0] * kernel[1];
  windowPlaces(window, image.size, output).forEach((place, i) => {
    if (countIncludePad || place < image.size[0] * image.size[1]) (counts[i % counts.length] as number) += 1;
  });
  return emitter.emit("Div", [
    sum,
    countIncludePad ? emitter.scalar(dtype, cells) : emitter.numbers(dtype, [1, 1, ...output], counts),
  ]);
};

/** Nearest by the indices of the cells that the definition picks, so that ties at halves fall as it says. */
function resizeNearest(emitter: Emitter, node: LoweringNode<ResizeAttributes>): string {
  const { value, size } = imageOf(node);
  return [0, 1].reduce((x, axis) => {
    const { low } = resizePlan(size[axis] as number, node.attributes.size[axis] as number, node.attributes);
    const same = low.length === size[axis] && low.every((cell, i) => cell === i);
    return same ? x : emitter.emit("Gather", [x, emitter.numbers("int64", [low.length], low)], { axis: axis + 2 });
  }, value);
}

/** The two neighbours of each position, weighed, axis after axis. */
function resizeLinear(emitter: Emitter, node: LoweringNode<ResizeAttributes>): string {
  const { value, size } = imageOf(node);
  return inSingle(emitter, value, (image) =>
    [0, 1].reduce((x, axis) => {
      const { low, high, share } = resizePlan(
        size[axis] as number,
        node.attributes.size[axis] as number,
        node.attributes,
      );
      const dtype = emitter.dtype(x);
      const a = new Arithmetic(emitter, dtype);
      const pick = (cells: Int32Array): string =>
        emitter.emit("Gather", [x, emitter.numbers("int64", [cells.length], cells)], { axis: axis + 2 });
      const column = axis === 0 ? [share.length, 1] : [share.length];
      const [first, second] = [pick(low), pick(high)];
      return a.add(
        a.mul(
          first,
          emitter.numbers(
            dtype,
            column,
            share.map((s) => 1 - s),
          ),
        ),
        a.mul(second, emitter.numbers(dtype, column, share)),
      );
    }, image),
  );
}

/** `Resize` of ONNX, for types and modes where it agrees with the definition. */
function directResize(emitter: Emitter, node: LoweringNode<ResizeAttributes>): string {
  const { mode, coordinateMode, nearestMode } = node.attributes;
  const attributes = { mode, coordinate_transformation_mode: coordinateMode, nearest_mode: nearestMode };
  return emitter.emit(
    "Resize",
    [node.inputs[0] as string, "", "", shapeVector(emitter, outputType(node).shape)],
    attributes,
  );
}

const resize2d: OnnxLowering<ResizeAttributes> = (emitter, node) => {
  const { mode, coordinateMode } = node.attributes;
  if (mode === "nearest") return resizeNearest(emitter, node);
  const known = coordinateMode !== "half_pixel_symmetric" && emitter.dtype(node.inputs[0] as string) !== "float64";
  return known ? directResize(emitter, node) : resizeLinear(emitter, node);
};

export type PoolingOps = Pick<OpAttributes, "maxPool2d" | "avgPool2d" | "resize2d">;

/** Windows over images that need no weights, and resizing. */
export const pooling: OnnxLoweringTable<PoolingOps> = { maxPool2d, avgPool2d, resize2d };
