import {
  add,
  broadcastTo,
  cast,
  dimSize,
  expandDims,
  full,
  gather,
  gatherElements,
  greater,
  less,
  mul,
  mulDims,
  oneHot,
  reshape,
  scatterAdd,
  scatterAddElements,
  slice,
  squeeze,
  sub,
  transpose,
  where,
  zeros,
} from "../../../../ops/index.ts";
import { plainDim } from "../../../../ops/traced.ts";
import { fromLanes, readLanes } from "../../../../tensor/lanes.ts";
import { normalizeAxis } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";

/** Indices as ours, which are not counted from the end: those that are constants now, others by the program. */
function indices(context: NodeContext, index: number, x: Tensor, axis: number): Tensor {
  const length = plainDim(x.shape[axis]);
  const constant = context.constant(index);
  if (constant !== undefined && !(constant.dtype === "int64" || constant.dtype === "int32")) {
    return invalid(`expected indices of int32 or int64, got ${constant.dtype}`);
  }
  if (constant !== undefined && typeof length === "number") {
    const own = readLanes(constant);
    if (!own.some((value) => value < 0)) return context.tensor(index);
    return context.surroundings.tensor(
      fromLanes(
        constant.dtype,
        constant.shape,
        Array.from(own, (value) => (value < 0 ? value + length : value)),
      ),
      `${context.node.input[index]}/normalized`,
    );
  }
  return fromEnd(context.tensor(index), dimSize(x, axis, { dtype: context.dtype(index) }));
}

function fromEnd(values: Tensor, length: Tensor): Tensor {
  return where(less(values, 0), add(values, length), values);
}

const gatherReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const axis = normalizeAxis("Gather", context.attributes.int("axis", 0), x.rank);
  return gather(x, indices(context, 1, x, axis), axis);
};

/** `out[i, j] = x[indices[i, j], j]`; unlike our op, indices may be shorter than x along the other axes too. */
const gatherElementsReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const axis = normalizeAxis("GatherElements", context.attributes.int("axis", 0), x.rank);
  const places = indices(context, 1, x, axis);
  return gatherElements(cut(x, places, axis), places, axis);
};

/** x cut to the lengths of `like` along all axes but one. */
function cut(x: Tensor, like: Tensor, axis: number): Tensor {
  return x.shape.reduce<Tensor>((value, dim, other) => {
    const length = plainDim(like.shape[other]);
    if (other === axis || length === plainDim(dim)) return value;
    if (typeof length !== "number") return unsupported("indices of another, unknown length than the data");
    return slice(
      value,
      [],
      x.shape.map((_, i) => (i === other ? length : null)),
    );
  }, x);
}

/**
 * Places given by coordinates, `[…, k]` for the first k axes after the batch ones, as positions in those axes seen as
 * one. Negative coordinates count from the end.
 */
function positions(coordinates: Tensor, lengths: readonly number[], x: Tensor, from: number): Tensor {
  const { dtype } = coordinates;
  const last = coordinates.rank - 1;
  return lengths.reduce<Tensor>((position, _, i) => {
    const own = squeeze(gather(coordinates, [i], last), last);
    const length = dimSize(x, from + i, { dtype });
    const inside = fromEnd(own, length);
    return i === 0 ? inside : add(mul(position, length), inside);
  }, coordinates);
}

const gatherNd: OperatorReader = (context) => {
  const x = context.tensor(0);
  const coordinates = context.tensor(1);
  const batch = context.attributes.int("batch_dims", 0);
  const depth = lastLength(coordinates);
  if (batch < 0 || batch + depth > x.rank) return invalid(`${depth} coordinates for an input of ${x.rank} axes`);
  const place = positions(coordinates, x.shape.slice(batch, batch + depth), x, batch);
  const batchDims = x.shape.slice(0, batch);
  const rest = x.shape.slice(batch + depth);
  const middle = mulDims(...x.shape.slice(batch, batch + depth));
  if (batch === 0) return gather(reshape(x, [middle, ...rest]), place, 0);
  // Batches stand one behind the other in a single axis, so that each index gets the start of its own batch.
  const size = mulDims(...batchDims);
  const perBatch = mulDims(...place.shape.slice(batch));
  const flat = reshape(place, [size, perBatch]);
  const starts = mul(reshape(context.iota(size, flat.dtype), [size, 1]), product(x, batch, batch + depth, flat));
  const picked = gather(
    reshape(x, [mulDims(size, middle), ...rest]),
    reshape(add(flat, starts), [mulDims(size, perBatch)]),
    0,
  );
  return reshape(picked, [...place.shape, ...rest]);
};

function product(x: Tensor, from: number, to: number, like: Tensor): Tensor {
  let result: Tensor = dimSize(x, from, { dtype: like.dtype });
  for (let axis = from + 1; axis < to; axis++) result = mul(result, dimSize(x, axis, { dtype: like.dtype }));
  return result;
}

function lastLength(x: Tensor): number {
  const length = plainDim(x.shape.at(-1) ?? 0);
  return typeof length === "number" && length > 0 ? length : unsupported("coordinates of an unknown number");
}

/** Puts updates in their places: `add` adds them up; otherwise each place must occur once at most, as ONNX asks. */
function combine(
  reduction: string,
  x: Tensor,
  scatter: (target: Tensor, updates: Tensor) => Tensor,
  updates: Tensor,
): Tensor {
  if (reduction === "add") return scatter(x, updates);
  if (reduction !== "none") return unsupported(`reduction="${reduction}"`);
  const wide = x.dtype === "bool" ? "uint8" : x.dtype;
  const hits = scatter(zeros(x.shape, { dtype: "int32" }), cast(full(updates.shape, 1), "int32"));
  const placed = scatter(zeros(x.shape, { dtype: wide }), cast(updates, wide));
  return where(greater(hits, 0), cast(placed, x.dtype), x);
}

const scatterElements: OperatorReader = (context) => {
  const x = context.tensor(0);
  const axis = normalizeAxis("ScatterElements", context.attributes.int("axis", 0), x.rank);
  const places = indices(context, 1, x, axis);
  const updates = context.tensor(2);
  if (x.shape.some((dim, other) => other !== axis && plainDim(dim) !== plainDim(places.shape[other]))) {
    return unsupported("updates that do not cover the axes beside the scattered one");
  }
  return combine(
    context.attributes.text("reduction", "none"),
    x,
    (target, values) => scatterAddElements(target, places, values, axis),
    updates,
  );
};

const scatterNd: OperatorReader = (context) => {
  const x = context.tensor(0);
  const coordinates = context.tensor(1);
  const updates = context.tensor(2);
  const depth = lastLength(coordinates);
  if (depth > x.rank) return invalid(`${depth} coordinates for an input of ${x.rank} axes`);
  const place = positions(coordinates, x.shape.slice(0, depth), x, 0);
  const count = mulDims(...place.shape);
  const rest = x.shape.slice(depth);
  const flat = reshape(x, [mulDims(...x.shape.slice(0, depth)), ...rest]);
  const result = combine(
    context.attributes.text("reduction", "none"),
    flat,
    (target, values) => scatterAdd(target, reshape(place, [count]), values, 0),
    reshape(updates, [count, ...rest]),
  );
  return reshape(result, x.shape);
};

/** Any two values, at any axis; indices outside of [-depth, depth) give the off value everywhere. */
const oneHotReader: OperatorReader = (context) => {
  const given = context.tensor(0);
  const depth = context.numbers(1, "depth")[0] ?? invalid("expected a depth");
  if (!Number.isInteger(depth) || depth < 1) return invalid(`depth is ${depth}`);
  const axis = normalizeAxis("OneHot", context.attributes.int("axis", -1), given.rank + 1);
  const whole = cast(given, "int64");
  const hot = oneHot(where(less(whole, 0), add(whole, depth), whole), depth, { axis, dtype: "bool" });
  const values = context.tensor(2);
  const value = (at: number): Tensor => squeeze(gather(values, [at], 0), 0);
  return where(hot, broadcastTo(value(1), hot.shape), broadcastTo(value(0), hot.shape));
};

/** Keeps what a condition that is known now says. */
const compress: OperatorReader = (context) => {
  const x = context.tensor(0);
  const keep = context.numbers(1, "the condition").flatMap((value, i) => (value === 0 ? [] : [i]));
  if (!context.attributes.has("axis")) return gather(reshape(x, [mulDims(...x.shape)]), indexList(keep), 0);
  return gather(x, indexList(keep), normalizeAxis("Compress", context.attributes.int("axis"), x.rank));
};

function indexList(values: readonly number[]): Tensor {
  return fromLanes("int64", [values.length], values);
}

/** Coordinates of the elements other than 0; only where these are known now. */
const nonZero: OperatorReader = (context) => {
  const values = context.numbers(0, "the elements");
  const shape = context.shape(0) as readonly number[];
  const found = values.flatMap((value, i) => (value === 0 ? [] : [i]));
  const rows = shape.map((dim, axis) => {
    const inner = shape.slice(axis + 1).reduce((size, length) => size * length, 1);
    return found.map((i) => Math.floor(i / inner) % dim);
  });
  return fromLanes("int64", [shape.length, found.length], rows.flat());
};

/** The first `lengths[b]` steps of each sequence backwards, the others as they are. */
const reverseSequence: OperatorReader = (context) => {
  const x = context.tensor(0);
  const time = context.attributes.int("time_axis", 0);
  const batch = context.attributes.int("batch_axis", 1);
  if (x.rank < 2 || time + batch !== 1 || time * batch !== 0) return invalid(`axes ${time} and ${batch}`);
  const lengths = cast(context.tensor(1), "int64");
  const rows = time === 0 ? transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]) : x;
  const steps = reshape(context.iota(rows.shape[1] as number, "int64"), [1, rows.shape[1] as number]);
  const ends = expandDims(lengths, 1);
  const places = where(
    less(steps, ends),
    sub(sub(ends, 1), steps),
    broadcastTo(steps, [rows.shape[0] as number, rows.shape[1] as number]),
  );
  const size = mulDims(rows.shape[0] as number, rows.shape[1] as number);
  const starts = mul(
    reshape(context.iota(rows.shape[0] as number, "int64"), [rows.shape[0] as number, 1]),
    dimSize(rows, 1, { dtype: "int64" }),
  );
  const flat = gather(reshape(rows, [size, ...rows.shape.slice(2)]), reshape(add(places, starts), [size]), 0);
  const picked = reshape(flat, rows.shape);
  return time === 0 ? transpose(picked, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]) : picked;
};

/** Operators that pick and place elements by indices. */
export const indexing: OperatorTable = {
  Gather: gatherReader,
  GatherElements: gatherElementsReader,
  GatherND: gatherNd,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterNd,
  OneHot: oneHotReader,
  Compress: compress,
  NonZero: nonZero,
  ReverseSequence: reverseSequence,
};
