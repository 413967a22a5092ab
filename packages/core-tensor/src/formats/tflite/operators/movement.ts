import {
  broadcastTo,
  concat,
  gather,
  reshape,
  reverse,
  slice,
  split,
  stack,
  subDims,
  tile,
} from "../../../ops/index.ts";
import { plainShape } from "../../../ops/traced.ts";
import { activate } from "../activation.ts";
import { moves } from "../known.ts";
import { type Held, fileOrder, isFlat } from "../layout.ts";
import type { OperatorNode, OperatorReader, OperatorRow, OperatorRows } from "../node.ts";
import {
  concatenationOptions,
  gatherOptions,
  packOptions,
  reshapeOptions,
  squeezeOptions,
  unpackOptions,
} from "../options.ts";

/** The elements of the first input under other dimensions. Constants stay constants. */
function reshaped(node: OperatorNode, shape: readonly number[]): Held[] {
  const value = node.value(0);
  const form = node.moving(0);
  const { constant, held } = value;
  const free = constant !== undefined && form === "stored" && isFlat(held);
  return [node.result(reshape(free ? constant : value.flat(form), shape))];
}

/** The shape is an input, or in old files an option. */
const reshapeReader: OperatorReader = (node) => {
  const shape = node.has(1) ? node.dimensions(1, "shapes") : node.options(reshapeOptions).shape;
  return reshaped(node, shape);
};

const squeeze: OperatorReader = (node) => {
  const shape = node.shape(0);
  const given = node.options(squeezeOptions).axes.map((axis) => node.axis(axis, shape.length));
  const wrong = given.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined) node.fail(`expected axes of length 1, got axis ${wrong} of [${shape}]`);
  const dropped = given.length > 0 ? given : shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  return reshaped(
    node,
    shape.filter((_, axis) => !dropped.includes(axis)),
  );
};

const expandDims: OperatorReader = (node) => {
  const shape = node.shape(0);
  shape.splice(node.axis(node.integer(1, "axes"), shape.length + 1), 0, 1);
  return reshaped(node, shape);
};

/** Nothing is moved: the note of the order changes. */
const transposeReader: OperatorReader = (node) => {
  const { held } = node.value(0);
  const permutation = node.integers(1, "orders of axes");
  const rank = held.axes.length;
  if (permutation.length !== rank || fileOrder(rank).some((axis) => !permutation.includes(axis))) {
    node.fail(`expected each of ${rank} axes once, got [${permutation}]`);
  }
  const axes = held.axes.map((axis) => permutation.indexOf(axis));
  return [{ tensor: node.moving(0) === "stored" ? held.tensor : node.value(0).real(held.axes), axes }];
};

const concatenation: OperatorReader = (node) => {
  const { axis: given, activation } = node.options(concatenationOptions);
  const inputs = [...node.inputs.keys()];
  const ranks = new Set(inputs.map((input) => node.rank(input)));
  const [rank] = ranks;
  if (rank === undefined || ranks.size > 1) return node.fail("expected inputs of one rank");
  const axis = node.axis(given, rank);
  const { tensors, axes } = node.together(inputs, activation === 0 ? node.moving(...inputs) : "real");
  return [{ tensor: activate(node, concat(tensors, axes.indexOf(axis)), activation), axes }];
};

/** Parts of an input along an axis. */
function parts(node: OperatorNode, input: number, lengths: number | readonly number[], axis: number): Held[] {
  const { tensor, axes } = node.held(input, node.moving(input));
  const count = typeof lengths === "number" ? lengths : lengths.length;
  if (count !== node.outputs.length) node.fail(`expected ${node.outputs.length} parts, got ${count}`);
  return split(tensor, lengths, axes.indexOf(axis)).map((part) => ({ tensor: part, axes }));
}

/** Inputs: axis, x. */
const splitReader: OperatorReader = (node) =>
  parts(node, 1, node.outputs.length, node.axis(node.integer(0, "axes"), node.rank(1)));

/** Inputs: x, lengths of which one may be -1, axis. */
const splitV: OperatorReader = (node) => {
  const axis = node.axis(node.integer(2, "axes"), node.rank(0));
  const lengths = node.integers(1, "lengths");
  const known = lengths.filter((length) => length >= 0).reduce((a, b) => a + b, 0);
  const rest = subDims(node.shape(0)[axis] as number, known);
  return parts(
    node,
    0,
    lengths.map((length) => (length === -1 ? rest : length)),
    axis,
  );
};

/** Inputs: x, begins, sizes of which any may be -1 for all that is left. */
const sliceReader: OperatorReader = (node) => {
  const { tensor, axes } = node.held(0, node.moving(0));
  const begins = node.integers(1, "begins");
  const sizes = node.integers(2, "sizes");
  if (begins.length !== axes.length || sizes.length !== axes.length) {
    node.fail(`expected ${axes.length} begins and sizes, got ${begins.length} and ${sizes.length}`);
  }
  const shape = plainShape(node.shape(0));
  const ends = begins.map((begin, axis) => {
    const size = sizes[axis] as number;
    const dim = shape[axis];
    const end = size === -1 ? null : begin + size;
    const outside = begin < 0 || size < -1 || (typeof dim === "number" && (end ?? begin) > dim);
    return outside ? node.fail(`expected a range inside of axis ${axis} of ${dim}, got ${size} from ${begin}`) : end;
  });
  const result = slice(
    tensor,
    axes.map((axis) => begins[axis] as number),
    axes.map((axis) => ends[axis] as number | null),
  );
  return [{ tensor: result, axes }];
};

const pack: OperatorReader = (node) => {
  const inputs = [...node.inputs.keys()];
  const form = node.moving(...inputs);
  const axis = node.axis(node.options(packOptions).axis, node.rank(0) + 1);
  const values = inputs.map((input) => node.plain(input, form));
  return [node.result(stack(values, axis))];
};

const unpack: OperatorReader = (node) => {
  const x = node.plain(0, node.moving(0));
  const axis = node.axis(node.options(unpackOptions).axis, x.rank);
  const shape = x.shape.filter((_, i) => i !== axis);
  if (x.shape[axis] !== node.outputs.length) node.fail(`expected ${node.outputs.length} parts, got ${x.shape[axis]}`);
  return split(x, node.outputs.length, axis).map((part) => node.result(reshape(part, shape)));
};

const gatherReader: OperatorReader = (node) => {
  const { axis: given, batchDims } = node.options(gatherOptions);
  if (batchDims !== 0) node.refuse(`batch_dims ${batchDims}`);
  const { tensor, axes } = node.held(0, node.moving(0));
  const axis = node.axis(given, axes.length);
  const indices = node.plain(1, "stored");
  // One axis takes the place of another, in any order.
  if (indices.rank === 1) return [{ tensor: gather(tensor, indices, axes.indexOf(axis)), axes }];
  return [node.result(gather(node.plain(0, node.moving(0)), indices, axis))];
};

const tileReader: OperatorReader = (node) => {
  const x = node.plain(0, node.moving(0));
  const repeats = node.dimensions(1, "repeats");
  if (repeats.length !== x.rank) node.fail(`expected ${x.rank} repeats, got ${repeats.length}`);
  return [node.result(tile(x, repeats))];
};

const broadcastReader: OperatorReader = (node) => [
  node.result(broadcastTo(node.plain(0, node.moving(0)), node.dimensions(1, "shapes"))),
];

const reverseReader: OperatorReader = (node) => {
  const { tensor, axes } = node.held(0, node.moving(0));
  const reversed = node.axes(1, axes.length).map((axis) => axes.indexOf(axis));
  return [{ tensor: reverse(tensor, reversed), axes }];
};

/** A number that is always known, and then never part of the program. */
const shapeRow: OperatorRow = {
  read: (node) => node.fail(`expected a result of int32 or int64, got ${node.output().dtype}`),
  known: (node) => {
    const elements = plainShape(node.shape(0));
    return [{ shape: [elements.length], elements }];
  },
};

const rankRow: OperatorRow = {
  read: shapeRow.read,
  known: (node) => [{ shape: [], elements: [node.rank(0)] }],
};

const everyInput = (): boolean => true;

/** Operators that move elements and compute nothing: quantised numbers stay as they are. */
export const movement: OperatorRows = {
  RESHAPE: moves(reshapeReader),
  SQUEEZE: moves(squeeze),
  EXPAND_DIMS: moves(expandDims),
  TRANSPOSE: transposeReader,
  CONCATENATION: moves(concatenation, everyInput),
  SPLIT: moves(splitReader, (input) => input === 1),
  SPLIT_V: moves(splitV),
  SLICE: moves(sliceReader),
  PACK: moves(pack, everyInput),
  UNPACK: moves(unpack),
  GATHER: moves(gatherReader),
  TILE: tileReader,
  BROADCAST_TO: broadcastReader,
  REVERSE_V2: reverseReader,
  SHAPE: shapeRow,
  RANK: rankRow,
};
