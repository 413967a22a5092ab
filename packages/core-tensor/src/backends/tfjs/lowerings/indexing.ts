import type { OpAttributes } from "../../../ops/vocabulary.ts";
import { rowMajorStrides, sizeOf } from "../../../tensor/shape.ts";
import { wrap, wrapKernels } from "../arithmetic.ts";
import { carrier, indexTensor, numbers } from "../carriers.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfContext, type TfLoweringTable, binary, inputType, outputType, unary } from "../lowering.ts";

const flatKernels = ["Multiply", "Add"];

/** Positions in the flattened x of the elements that indices of x's rank pick along an axis. */
function flatPositions(tf: Tf, indices: TfTensor, x: readonly number[], axis: number): TfTensor {
  const strides = rowMajorStrides(x);
  // What the other axes contribute is added up while it is small: broadcasting over all indices is the slow part.
  let offsets: TfTensor | undefined;
  x.forEach((dim, other) => {
    if (other === axis || dim === 1) return;
    const shape = x.map((_, i) => (i === other ? dim : 1));
    const own = indexTensor(
      tf,
      shape,
      Array.from({ length: dim }, (_, i) => i * (strides[other] as number)),
    );
    offsets = offsets === undefined ? own : tf.add(offsets, own);
  });
  const stride = strides[axis] as number;
  const along = stride === 1 ? indices : tf.mul(indices, tf.scalar(stride, "int32"));
  return offsets === undefined ? along : tf.add(along, offsets);
}

const scatterKernels = ["ScatterNd", "Add", "Transpose", ...wrapKernels];

/** x with slices of updates added along an axis: scattered with the axis in front, then moved back. */
function scatterAdd(c: TfContext, x: TfTensor, indices: TfTensor, updates: TfTensor, axis: number): TfTensor {
  if (updates.size === 0) return x.clone();
  const { tf } = c;
  const before = sizeOf(x.shape.slice(0, axis));
  const length = x.shape[axis] as number;
  const after = sizeOf(x.shape.slice(axis + 1));
  const rows = tf.transpose(tf.reshape(updates, [before, indices.size, after]), [1, 0, 2]);
  const sums = tf.scatterND(tf.reshape(indices, [indices.size, 1]), rows, [length, before, after]);
  const added = tf.reshape(tf.transpose(sums, [1, 0, 2]), [...x.shape]);
  return wrap(tf, tf.add(x, added), inputType(c).dtype);
}

function scatterAddElements(c: TfContext, x: TfTensor, indices: TfTensor, updates: TfTensor, axis: number): TfTensor {
  if (updates.size === 0) return x.clone();
  const { tf } = c;
  const flat = tf.reshape(flatPositions(tf, indices, x.shape, axis), [indices.size, 1]);
  const sums = tf.scatterND(flat, tf.reshape(updates, [updates.size]), [x.size]);
  return wrap(tf, tf.add(x, tf.reshape(sums, [...x.shape])), inputType(c).dtype);
}

/** Gathering, scattering and values that are made of positions. */
export const indexingLowerings: TfLoweringTable<
  Pick<OpAttributes, "gather" | "gatherElements" | "scatterAdd" | "scatterAddElements" | "iota" | "dimValue" | "oneHot">
> = {
  gather: binary(["GatherV2"], ({ tf }, x, indices, { axis }) => tf.gather(x, indices, axis)),
  gatherElements: binary(["GatherV2", ...flatKernels], ({ tf }, x, indices, { axis }) =>
    tf.gather(tf.reshape(x, [x.size]), flatPositions(tf, indices, x.shape, axis), 0),
  ),
  scatterAdd: {
    kernels: scatterKernels,
    lower: (c, [x, indices, updates], { axis }) => [
      scatterAdd(c, x as TfTensor, indices as TfTensor, updates as TfTensor, axis),
    ],
  },
  scatterAddElements: {
    kernels: [...scatterKernels, ...flatKernels],
    lower: (c, [x, indices, updates], { axis }) => [
      scatterAddElements(c, x as TfTensor, indices as TfTensor, updates as TfTensor, axis),
    ],
  },
  iota: {
    kernels: [],
    lower: (c) => {
      const { dtype, shape } = outputType(c);
      return [
        numbers(
          c.tf,
          dtype,
          shape,
          Array.from({ length: shape[0] as number }, (_, i) => i),
        ),
      ];
    },
  },
  dimValue: {
    kernels: [],
    lower: (c, _, { dim }) => [numbers(c.tf, outputType(c).dtype, [], [dim as number])],
  },
  oneHot: unary(["Equal"], (c, indices, { depth, axis, dtype }) => {
    const { tf } = c;
    const shape = indices.shape.toSpliced(axis, 0, 1);
    const classes = indexTensor(
      tf,
      shape.map((_, i) => (i === axis ? depth : 1)),
      Array.from({ length: depth }, (_, i) => i),
    );
    const hits = tf.equal(tf.reshape(indices, shape), classes);
    return dtype === "bool" ? hits : tf.cast(hits, carrier(dtype));
  }),
};
