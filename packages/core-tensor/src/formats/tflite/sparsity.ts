import { TfliteError } from "./errors.ts";
import type { Table } from "./flatbuffer.ts";
import { MAX_RANK } from "./schema.ts";

/** A step of the walk through a sparse tensor: one dimension, or a dimension inside of the blocks. */
interface Level {
  /** Number of places along the dimension. */
  readonly length: number;
  /** Elements of the dense tensor between neighbouring places. */
  readonly stride: number;
  /** Table of the file that says which places are stored. */
  readonly metadata: Table;
}

/** Values of the field `format` of `DimensionMetadata`. */
const DENSE = 0;
const SPARSE_CSR = 1;

/**
 * Where the stored elements of a sparse tensor lie in the dense one (row-major): the format of TensorFlow's
 * `SparsityParameters`, a tree of dimensions after Kjolstad et al., "The Tensor Algebra Compiler" (2017). Each level is
 * dense (all its places follow) or compressed (segments of an array of places, as in CSR); innermost dimensions may walk
 * through blocks of neighbouring elements.
 *
 * @param shape of the dense tensor; the caller made sure that memory for 8 bytes per element may be taken.
 * @throws TfliteError where levels, segments or places do not fit the shape.
 */
export function sparsePositions(sparsity: Table, shape: readonly number[]): Float64Array {
  const size = shape.reduce((product, dim) => product * dim, 1);
  let positions = new Float64Array(1);
  for (const level of levels(sparsity, shape)) {
    positions = isDense(level.metadata) ? allPlaces(positions, level, size) : listedPlaces(positions, level, size);
  }
  return positions;
}

function fail(at: Table, message: string): never {
  throw new TfliteError("invalid-sparsity", at.offset, message);
}

function levels(sparsity: Table, shape: readonly number[]): Level[] {
  const order = sparsity.int32s(0);
  const blockMap = sparsity.int32s(1);
  const metadata = sparsity.tables(2);
  const rank = shape.length;
  const count = rank + blockMap.length;
  if (order.length !== count || metadata.length !== count || count > 2 * MAX_RANK) {
    fail(sparsity, `expected ${count} dimensions in order, got ${order.length} and ${metadata.length} descriptions`);
  }
  const inPlace = (entry: number, i: number): boolean => (i < rank ? entry >= 0 && entry < rank : entry >= rank);
  if (new Set(order).size !== count || order.some((entry, i) => entry >= count || !inPlace(entry, i))) {
    fail(sparsity, `expected each dimension once, those of the blocks at the end, got [${order}]`);
  }
  if (new Set(blockMap).size !== blockMap.length || blockMap.some((axis) => !(axis >= 0 && axis < rank))) {
    fail(sparsity, `expected blocks along different axes of ${rank}, got [${blockMap}]`);
  }
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, dim) => product * dim, 1));
  // Blocks along an axis: the number of elements of a block.
  const blocks = new Map<number, number>();
  order.forEach((entry, i) => {
    if (entry >= rank) blocks.set(blockMap[entry - rank] as number, (metadata[i] as Table).int32(1));
  });
  return order.map((entry, i) => {
    const description = metadata[i] as Table;
    const axis = entry < rank ? entry : (blockMap[entry - rank] as number);
    const block = blocks.get(axis) ?? 1;
    const dim = shape[axis] as number;
    if (block < 1 || dim % block !== 0)
      fail(description, `expected blocks that divide axis ${axis} of ${dim}, got ${block}`);
    const stride = strides[axis] as number;
    return entry < rank
      ? { length: dim / block, stride: stride * block, metadata: description }
      : { length: block, stride, metadata: description };
  });
}

function isDense(metadata: Table): boolean {
  const format = metadata.int8(0);
  if (format !== DENSE && format !== SPARSE_CSR) fail(metadata, `expected a dense or compressed level, got ${format}`);
  return format === DENSE;
}

function allPlaces(
  positions: Float64Array,
  { length, stride, metadata }: Level,
  size: number,
): Float64Array<ArrayBuffer> {
  if (metadata.int32(1) !== length) fail(metadata, `expected a level of ${length}, got ${metadata.int32(1)}`);
  // More elements than the dense tensor has cannot come together at the end.
  if (positions.length * length > size) fail(metadata, `more places than the ${size} elements of the tensor`);
  const next = new Float64Array(positions.length * length);
  positions.forEach((position, i) => {
    for (let place = 0; place < length; place++) next[i * length + place] = position + place * stride;
  });
  return next;
}

function listedPlaces(
  positions: Float64Array,
  { length, stride, metadata }: Level,
  size: number,
): Float64Array<ArrayBuffer> {
  const segments = indexVector(metadata, 2);
  const places = indexVector(metadata, 4);
  if (segments.length !== positions.length + 1) {
    fail(metadata, `expected ${positions.length + 1} bounds of segments, got ${segments.length}`);
  }
  const rising = segments.every((bound, i) => i === 0 || bound >= (segments[i - 1] as number));
  if (segments[0] !== 0 || segments.at(-1) !== places.length || !rising) {
    fail(metadata, `expected segments that rise from 0 to the ${places.length} places`);
  }
  if (places.some((place) => place < 0 || place >= length)) fail(metadata, `expected places below ${length}`);
  if (places.length > size) fail(metadata, `more places than the ${size} elements of the tensor`);
  const next = new Float64Array(places.length);
  positions.forEach((position, i) => {
    for (let at = segments[i] as number; at < (segments[i + 1] as number); at++) {
      next[at] = position + (places[at] as number) * stride;
    }
  });
  return next;
}

/** The union `SparseIndexVector`: its type in one field, the table with the numbers in the next. */
function indexVector(metadata: Table, field: number): number[] {
  const vector = metadata.table(field + 1);
  if (vector === undefined) return fail(metadata, "expected segments and places, got none");
  switch (metadata.uint8(field)) {
    case 1:
      return vector.int32s(0);
    case 2:
      return vector.uint16s(0);
    case 3:
      return vector.uint8s(0);
    default:
      return fail(metadata, `expected numbers of 8, 16 or 32 bits, got type ${metadata.uint8(field)}`);
  }
}
