import {
  abs,
  add,
  avgPool2d,
  cast,
  conv2d,
  div,
  full,
  max,
  maxPool2d,
  maxPool2dWithIndices,
  mean,
  mul,
  mulDims,
  pad,
  pow,
  reshape,
  scatterAdd,
  sum,
  zeros,
} from "../../../../ops/index.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";
import {
  type Ends,
  type SpatialWindow,
  asImage,
  extentOf,
  fromImage,
  pads2dOf,
  pairOf,
  spatialSizes,
  windowOf,
} from "./spatial.ts";

/** A pool's window, and the cells after the image that `ceil_mode` needs beyond the padding. */
interface PoolWindow extends SpatialWindow {
  readonly extra: readonly number[];
}

/**
 * With `ceil_mode` a last window may stand partly beyond the padding, but it must begin inside of the image or the padding
 * before it.
 */
function poolWindow(context: NodeContext, sizes: readonly number[]): PoolWindow {
  const window = windowOf(context, sizes, context.attributes.ints("kernel_shape"));
  if (window.kernel.some((length) => length < 1)) return invalid(`kernel_shape [${window.kernel.join(", ")}]`);
  const ceil = context.attributes.flag("ceil_mode", false);
  const extra = sizes.map((size, i) => {
    if (!ceil) return 0;
    const [before, after] = window.pads[i] as Ends;
    const stride = window.strides[i] as number;
    const reach = extentOf(window.kernel[i] as number, window.dilations[i] as number);
    const span = size + before + after - reach;
    let steps = Math.ceil(span / stride);
    if (steps * stride >= size + before) steps--;
    return Math.max(steps * stride - span, 0);
  });
  return { ...window, extra };
}

function widened(pads: readonly Ends[], extra: readonly number[]): Ends[] {
  return pads.map(([before, after], i) => [before, after + (extra[i] as number)]);
}

/** Positions count over the whole input, in row-major order or (`storage_order` 1) down the columns of each plane. */
const maxPool: OperatorReader = (context) => {
  const x = context.tensor(0);
  const sizes = spatialSizes(x);
  const { kernel, strides, dilations, pads, extra } = poolWindow(context, sizes);
  const options = {
    kernel: pairOf(kernel, 1),
    strides: pairOf(strides, 1),
    dilations: pairOf(dilations, 1),
    pads: pads2dOf(widened(pads, extra)),
  };
  if (!context.wants(1)) return fromImage(maxPool2d(asImage(x), options), x);
  const { values, indices } = maxPool2dWithIndices(asImage(x), options);
  const [height, width] = pairOf(sizes, 1);
  let places = cast(indices, "int64");
  if (context.attributes.int("storage_order", 0) !== 0) {
    const row = div(places, width);
    places = add(mul(add(places, mul(row, -width)), height), row);
  }
  const [batch, channels] = x.shape as readonly [number, number];
  const starts = mul(context.iota(mulDims(batch, channels), "int64"), height * width);
  return [fromImage(values, x), fromImage(add(places, reshape(starts, [batch, channels, 1, 1])), x)];
};

/** Sums under windows with holes, for which there is no pooling op: a convolution of every plane with ones. */
function dilatedSum(x: Tensor, window: SpatialWindow): Tensor {
  const image = asImage(x);
  const [batch, channels, ...size] = image.shape as readonly [number, number, number, number];
  const kernel = pairOf(window.kernel, 1);
  const sums = conv2d(
    reshape(image, [mulDims(batch, channels), 1, ...size]),
    full([1, 1, ...kernel], 1, { dtype: x.dtype }),
    {
      strides: pairOf(window.strides, 1),
      dilations: pairOf(window.dilations, 1),
      pads: pads2dOf(window.pads),
    },
  );
  return fromImage(reshape(sums, [batch, channels, ...sums.shape.slice(2)]), x);
}

/** x with zeros at its spatial ends. */
function padded(x: Tensor, pads: readonly Ends[]): Tensor {
  return pads.every(([before, after]) => before === 0 && after === 0) ? x : pad(x, [[0, 0], [0, 0], ...pads]);
}

/** Divides by the cells that count: those of the image, or of the padding that was asked for too. */
function average(x: Tensor, window: PoolWindow, countPads: boolean): Tensor {
  const { kernel, strides, dilations, pads, extra } = window;
  const ends = widened(pads, extra);
  const exact = extra.every((cells) => cells === 0);
  if (dilations.every((dilation) => dilation === 1)) {
    // The cells beyond the padding never count: with them the padding becomes part of the image.
    const image = countPads && !exact ? padded(x, pads) : x;
    const own = countPads && !exact ? extra.map((cells): Ends => [0, cells]) : ends;
    const options = { kernel: pairOf(kernel, 1), strides: pairOf(strides, 1), pads: pads2dOf(own) };
    return fromImage(avgPool2d(asImage(image), { ...options, countIncludePad: countPads && exact }), x);
  }
  const counted = countPads ? pads.map(([before, after]) => before + after) : pads.map(() => 0);
  const ones = full([1, 1, ...x.shape.slice(2).map((dim, i) => dim + (counted[i] as number))], 1, { dtype: x.dtype });
  const beyond = countPads ? extra.map((cells): Ends => [0, cells]) : ends;
  return div(dilatedSum(x, { ...window, pads: ends }), dilatedSum(ones, { ...window, pads: beyond }));
}

const averagePool: OperatorReader = (context) => {
  const x = context.tensor(0);
  const window = poolWindow(context, spatialSizes(x));
  return average(x, window, context.attributes.flag("count_include_pad", false));
};

/** `(sum |x|^p)^(1/p)` under a window. */
const lpPool: OperatorReader = (context) => {
  const x = context.tensor(0);
  const p = context.attributes.int("p", 2);
  const window = poolWindow(context, spatialSizes(x));
  const powers = dilatedSum(pow(abs(x), p), { ...window, pads: widened(window.pads, window.extra) });
  return pow(powers, 1 / p);
};

/** Reduces all spatial axes to length 1; any number of them. */
const global =
  (fn: (x: Tensor, axes: readonly number[]) => Tensor): OperatorReader =>
  (context) => {
    const x = context.tensor(0);
    return fn(x, x.shape.map((_, axis) => axis).slice(2));
  };

const keepDims = { keepDims: true };

const globalLp: OperatorReader = (context) => {
  const p = context.attributes.int("p", 2);
  return global((x, axes) => pow(sum(pow(abs(x), p), axes, keepDims), 1 / p))(context);
};

/** Values back at the positions that MaxPool gave; cells that none came from hold 0. */
const maxUnpool: OperatorReader = (context) => {
  const x = context.tensor(0);
  const { attributes } = context;
  const sizes = spatialSizes(x);
  const kernel = attributes.ints("kernel_shape");
  const strides = attributes.ints(
    "strides",
    sizes.map(() => 1),
  );
  const pads = attributes.ints("pads", new Array<number>(2 * sizes.length).fill(0));
  const inferred = sizes.map(
    (size, i) =>
      (size - 1) * (strides[i] as number) +
      (kernel[i] as number) -
      (pads[i] as number) -
      (pads[i + sizes.length] as number),
  );
  const [batch, channels] = x.shape as readonly [number, number];
  if (context.has(2)) {
    // The positions count in the inferred output; a larger one that is asked for has the same cells elsewhere.
    const wanted = context.ints(2, "the output's shape").slice(2);
    if (wanted.join() !== inferred.join()) return unsupported("an output of another shape than the pooled image had");
  }
  const shape = [batch, channels, ...inferred];
  const flat = scatterAdd(
    zeros([mulDims(...shape)], { dtype: x.dtype }),
    reshape(context.tensor(1), [mulDims(...x.shape)]),
    reshape(x, [mulDims(...x.shape)]),
    0,
  );
  return reshape(flat, shape);
};

/** Windows that need no weights. */
export const pooling: OperatorTable = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  GlobalAveragePool: global((x, axes) => mean(x, axes, keepDims)),
  GlobalMaxPool: global((x, axes) => max(x, axes, keepDims)),
  GlobalLpPool: globalLp,
  MaxUnpool: maxUnpool,
};
