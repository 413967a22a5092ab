import { conv2d, convTranspose2d, pad } from "../../../../ops/index.ts";
import { plainDim } from "../../../../ops/traced.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";
import {
  type Ends,
  asImage,
  explicitEnds,
  extentOf,
  fromImage,
  pads2dOf,
  pairOf,
  spatialSizes,
  windowOf,
} from "./spatial.ts";

/** The kernel's lengths, from the attribute or the weight itself. */
function kernelOf(context: NodeContext, weight: Tensor): readonly number[] {
  const own = weight.shape.slice(2).map((dim) => {
    const length = plainDim(dim);
    return typeof length === "number" ? length : unsupported("a kernel of unknown size");
  });
  const named = context.attributes.ints("kernel_shape", own);
  return named.join() === own.join()
    ? own
    : invalid(`kernel_shape [${named.join(", ")}] for a weight of [${own.join(", ")}]`);
}

/** Convolution over one or two spatial axes, with the window that the node's attributes describe. */
export function convolve(context: NodeContext, x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const sizes = spatialSizes(x);
  if (weight.rank !== x.rank) return invalid(`a weight of ${weight.rank} axes for an input of ${x.rank}`);
  const { strides, dilations, pads } = windowOf(context, sizes, kernelOf(context, weight));
  const y = conv2d(asImage(x), asImage(weight), {
    strides: pairOf(strides, 1),
    dilations: pairOf(dilations, 1),
    pads: pads2dOf(pads),
    groups: context.attributes.int("group", 1),
    ...(bias === undefined ? {} : { bias }),
  });
  return fromImage(y, x);
}

/**
 * Transposed convolution. A given `output_shape`, or `SAME_…`, decides what is cut: the odd cell at the end for
 * `SAME_UPPER`, at the start otherwise.
 */
const convTranspose: OperatorReader = (context) => {
  const { attributes } = context;
  const x = context.tensor(0);
  const weight = context.tensor(1);
  const sizes = spatialSizes(x);
  const kernel = kernelOf(context, weight);
  const ones = sizes.map(() => 1);
  const strides = attributes.ints("strides", ones);
  const dilations = attributes.ints("dilations", ones);
  const added = attributes.ints(
    "output_padding",
    sizes.map(() => 0),
  );
  const mode = attributes.text("auto_pad", "NOTSET");
  const wanted = attributes.has("output_shape") ? attributes.ints("output_shape").slice(-sizes.length) : undefined;
  const pads = sizes.map((size, i): Ends => {
    const stride = strides[i] ?? 1;
    const full = stride * (size - 1) + (added[i] ?? 0) + extentOf(kernel[i] as number, dilations[i] ?? 1);
    if (wanted === undefined && !mode.startsWith("SAME"))
      return mode === "VALID" ? [0, 0] : explicitEnds(context, sizes.length, i);
    const total = full - (wanted?.[i] ?? size * stride);
    const small = Math.floor(total / 2);
    if (total < 0) return [0, total];
    return mode === "SAME_UPPER" ? [small, total - small] : [total - small, small];
  });
  // What is larger than the stamps of the inputs is zeros at the end, as an output padding beyond the stride is.
  const limit = strides.map((stride, i) => Math.max(stride, dilations[i] ?? 1) - 1);
  const inside = added.map((cells, i) => Math.min(cells, limit[i] as number));
  const extra = added.map((cells, i) => cells - (inside[i] as number) + Math.max(-(pads[i] as Ends)[1], 0));
  const cut = pads.map(([before, after]): Ends => [Math.max(before, 0), Math.max(after, 0)]);
  const bias = context.optional(2);
  const y = convTranspose2d(asImage(x), asImage(weight), {
    strides: pairOf(strides, 1),
    dilations: pairOf(dilations, 1),
    pads: pads2dOf(cut),
    groups: attributes.int("group", 1),
    outputPadding: pairOf(inside, 0),
    ...(bias === undefined || extra.some((cells) => cells > 0) ? {} : { bias }),
  });
  if (!extra.some((cells) => cells > 0)) return fromImage(y, x);
  if (bias !== undefined) return unsupported("a bias beside zeros that are added at the end");
  return fromImage(pad(y, [[0, 0], [0, 0], ...pairOf(extra, 0).map((cells) => [0, cells] as const)]), x);
};

/** Convolutions. */
export const convolutions: OperatorTable = {
  Conv: (context) => convolve(context, context.tensor(0), context.tensor(1), context.optional(2)),
  ConvTranspose: convTranspose,
};
