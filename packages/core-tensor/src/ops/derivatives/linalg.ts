import { tensor } from "../../tensor/create.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { sumTo } from "../composites/sumTo.ts";
import { mulDims } from "../dimensions.ts";
import { div } from "../elementwise/index.ts";
import { conv2dWeightGrad, convTranspose2d, conv2d, matmul, type LinalgOps } from "../linalg/index.ts";
import { resizeMatrix, resizePlan } from "../linalg/resizePlan.ts";
import { extent } from "../linalg/window.ts";
import { ones, pad, reshape, scatterAddElements, slice, transpose, zeros } from "../movement/index.ts";
import type { DerivativeTable } from "../primitive.ts";
import type { AvgPoolAttributes, ConvAttributes, Pair } from "../vocabulary.ts";

/** x with its last two axes exchanged. */
function flip(x: Tensor): Tensor {
  const { rank } = x;
  return transpose(
    x,
    x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis)),
  );
}

/** All axes but the last as one. */
function asRows(x: Tensor): Tensor {
  return reshape(x, [mulDims(...x.shape.slice(0, -1)), x.shape.at(-1) as number]);
}

function spatial(x: Tensor): Pair {
  return [x.shape[2] as number, x.shape[3] as number];
}

/**
 * The cotangent of a convolution's image. Several image sizes give the same output size; `outputPadding` says
 * which one it was: what the last window left over at the bottom and right.
 */
function imageCotangent(g: Tensor, weight: Tensor, size: Pair, attributes: ConvAttributes): Tensor {
  const { strides, pads, dilations, groups } = attributes;
  const kernel = spatial(weight);
  const left = (axis: 0 | 1): number => {
    const padded = size[axis] + pads[axis] + pads[(axis + 2) as 2 | 3];
    return (padded - extent(kernel[axis], dilations[axis])) % strides[axis];
  };
  return convTranspose2d(g, weight, { strides, pads, dilations, groups, outputPadding: [left(0), left(1)] });
}

/** How many cells of the image each window covers, [rows, columns]. */
function cellCounts(
  image: Pair,
  output: Pair,
  { kernel, strides, pads, countIncludePad }: AvgPoolAttributes,
): Float64Array {
  const along = (axis: 0 | 1): number[] =>
    Array.from({ length: output[axis] }, (_, i) => {
      const start = i * strides[axis] - pads[axis];
      return Math.min(start + kernel[axis], image[axis]) - Math.max(start, 0);
    });
  const columns = along(1);
  const whole = kernel[0] * kernel[1];
  return Float64Array.from(
    along(0).flatMap((rows) => columns.map((cells) => (countIncludePad ? whole : rows * cells))),
  );
}

/** Derivatives of matrix products and of the ops on images. */
export const linalgDerivatives: DerivativeTable<LinalgOps> = {
  matmul: ({ inputs, cotangents }) => {
    const [a, b] = inputs as readonly [Tensor, Tensor];
    const g = cotangents[0] as Tensor;
    const da = sumTo(matmul(g, flip(b)), a.shape);
    // A matrix that all of a batch is multiplied with: the batch is summed inside one product.
    if (b.rank === 2) return [da, matmul(transpose(asRows(a)), asRows(g))];
    return [da, sumTo(matmul(flip(a), g), b.shape)];
  },
  conv2d: ({ inputs, attributes, cotangents }) => {
    const [x, weight] = inputs as readonly [Tensor, Tensor];
    const g = cotangents[0] as Tensor;
    return [
      imageCotangent(g, weight, spatial(x), attributes),
      conv2dWeightGrad(x, g, { ...attributes, kernel: spatial(weight) }),
    ];
  },
  convTranspose2d: ({ inputs, attributes: { outputPadding, ...attributes }, cotangents }) => {
    const [x, weight] = inputs as readonly [Tensor, Tensor];
    const g = cotangents[0] as Tensor;
    // An output padding of a stride or more makes room for windows that belong to no cell of x.
    const beyond = ([0, 1] as const).map((axis) => Math.floor(outputPadding[axis] / attributes.strides[axis])) as [
      number,
      number,
    ];
    const [height, width] = spatial(x);
    const dx = slice(conv2d(g, weight, attributes), [], [null, null, height, width]);
    const stamps = pad(x, [
      [0, 0],
      [0, 0],
      [0, beyond[0]],
      [0, beyond[1]],
    ]);
    return [dx, conv2dWeightGrad(g, stamps, { ...attributes, kernel: spatial(weight) })];
  },
  conv2dWeightGrad: ({ inputs, attributes: { kernel: _, ...attributes }, cotangents }) => {
    const [x, dy] = inputs as readonly [Tensor, Tensor];
    const g = cotangents[0] as Tensor;
    return [imageCotangent(dy, g, spatial(x), attributes), conv2d(x, g, attributes)];
  },
  maxPool2d: ({ inputs, outputs, cotangents }) => {
    const [x] = inputs as readonly [Tensor];
    const g = cotangents[0] as Tensor;
    const planes = (value: Tensor): Tensor => reshape(value, [...value.shape.slice(0, 2), mulDims(...spatial(value))]);
    const empty = zeros([...x.shape.slice(0, 2), mulDims(...spatial(x))], { dtype: x.dtype });
    return [reshape(scatterAddElements(empty, planes(outputs[1] as Tensor), planes(g), 2), x.shape)];
  },
  avgPool2d: ({ inputs, attributes, cotangents }) => {
    const [x] = inputs as readonly [Tensor];
    const g = cotangents[0] as Tensor;
    const { kernel, strides, pads } = attributes;
    const output = spatial(g);
    const shares = div(g, tensor(cellCounts(spatial(x), output, attributes), { shape: output, dtype: x.dtype }));
    const planes = reshape(shares, [mulDims(x.shape[0] as number, x.shape[1] as number), 1, ...output]);
    const stamp = ones([1, 1, ...kernel], { dtype: x.dtype });
    return [
      reshape(imageCotangent(planes, stamp, spatial(x), { strides, pads, dilations: [1, 1], groups: 1 }), x.shape),
    ];
  },
  resize2d: ({ inputs, attributes, cotangents }) => {
    const [x] = inputs as readonly [Tensor];
    const g = cotangents[0] as Tensor;
    // Resampling is linear along each axis: y = R x along it, so its adjoint multiplies with R transposed.
    const matrix = (from: number, to: number): Tensor =>
      tensor(resizeMatrix(resizePlan(from, to, attributes), from), { shape: [to, from], dtype: x.dtype });
    const [height, width] = spatial(x);
    const [rows, columns] = attributes.size;
    return [matmul(matmul(transpose(matrix(height, rows)), g), matrix(width, columns))];
  },
};
