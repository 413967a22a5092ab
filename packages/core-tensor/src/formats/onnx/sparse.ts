import { fromBytes } from "../../tensor/create.ts";
import { dtypes } from "../../tensor/dtype.ts";
import { type HostTensor, denseStorage } from "../../tensor/host.ts";
import { quote } from "../quote.ts";
import { offsetOf } from "./decode.ts";
import { OnnxError } from "./error.ts";
import type { ExternalData } from "./external.ts";
import { type SparseTensorProto, type TensorProto, dataType } from "./schema.ts";
import { readTensor, tensorShape } from "./tensor.ts";

/** Dense bytes that a stored value may stand for, times its width: a density of 1/1024 is always read. */
const GROWTH = 1024;
/** Bytes beyond that, for all sparse constants of a model together. */
const ALLOWANCE = 2 ** 26;

/** How much memory the sparse constants of one model may still take beside what their values account for. */
export class Expansion {
  #left = ALLOWANCE;

  /** @throws OnnxError when a constant of so many bytes, of which so many are stored, is too much. */
  reserve(denseBytes: number, storedBytes: number, at: number, label: string): void {
    this.#left -= Math.max(0, denseBytes - GROWTH * storedBytes);
    if (this.#left >= 0) return;
    throw new OnnxError("too-large", at, `${label}: ${storedBytes} bytes of values stand for ${denseBytes}`);
  }
}

/**
 * A sparse constant with all its elements.
 *
 * @throws OnnxError when values, places and dimensions do not fit together; UnsupportedError for element types that Tensor does
 *   not have. The packed dtypes must have been refused before.
 */
export function readSparseTensor(proto: SparseTensorProto, expansion: Expansion, external?: ExternalData): HostTensor {
  const at = offsetOf(proto);
  const label = `sparse constant ${quote(proto.values.name ?? "")}`;
  const shape = tensorShape({ ...proto.values, dims: proto.dims });
  const values = readTensor(proto.values, external);
  if (values.rank !== 1)
    throw new OnnxError("invalid-dims", at, `${label}: values with ${values.rank} axes and not one`);
  const places = linearPlaces(proto, shape, values.size, label, external);
  const size = shape.includes(0) ? 0 : shape.reduce((product, dim) => product * dim, 1);
  const width = dtypes[values.dtype].bits / 8;
  expansion.reserve(size * width, values.size * width, at, label);
  const bytes = new Uint8Array(size * width);
  const [from, to] = [elementBits(denseStorage(values), width), elementBits(bytes, width)];
  let before = -1;
  places.forEach((place, i) => {
    if (place <= before || place >= size) {
      const expected = `expected rising places in [0, ${size})`;
      throw new OnnxError(
        "invalid-sparsity",
        offsetOf(proto.indices),
        `${label}: place ${i}: ${expected}, got ${place}`,
      );
    }
    to[place] = from[i] as never;
    before = place;
  });
  return fromBytes(values.dtype, shape, bytes);
}

type ElementBits = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** Elements as whole numbers of their width, so that no NaN changes on the way. */
function elementBits({ buffer, byteOffset, byteLength }: ArrayBufferView, width: number): ElementBits {
  const length = byteLength / width;
  switch (width) {
    case 1:
      return new Uint8Array(buffer, byteOffset, length);
    case 2:
      return new Uint16Array(buffer, byteOffset, length);
    case 4:
      return new Uint32Array(buffer, byteOffset, length);
    default:
      return new BigUint64Array(buffer, byteOffset, length);
  }
}

function linearPlaces(
  { indices }: SparseTensorProto,
  shape: readonly number[],
  count: number,
  label: string,
  external: ExternalData | undefined,
): Float64Array {
  const at = offsetOf(indices);
  if (indices.dataType !== dataType.INT64) {
    throw new OnnxError("invalid-sparsity", at, `${label}: expected places of INT64, got type ${indices.dataType}`);
  }
  const read = readTensor(indices, external);
  const columns = read.rank === 2 ? shape.length : 1;
  const expected = read.rank === 2 ? [count, shape.length] : [count];
  if (read.shape.join() !== expected.join()) {
    throw new OnnxError("size-mismatch", at, `${label}: expected places of [${expected}], got [${read.shape}]`);
  }
  const stored = read.dataSync() as BigInt64Array;
  if (read.rank !== 2) return Float64Array.from(stored, Number);
  const places = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < columns; axis++) {
      const [place, dim] = [Number(stored[i * columns + axis]), shape[axis] as number];
      if (place < 0 || place >= dim) {
        const message = `${label}: place ${i}: expected a number in [0, ${dim}) along axis ${axis}, got ${place}`;
        throw new OnnxError("invalid-sparsity", at, message);
      }
      places[i] = (places[i] as number) * dim + place;
    }
  }
  return places;
}

/** Constants of fewer bytes stay dense: engines want shapes and the like as they are. */
const MIN_BYTES = 1024;
/** What the parts of a sparse constant take at most beside values and places: keys, lengths, dimensions, types. */
const FRAME_BYTES = 64;

/** Parts constants into those that stay, and those that are shorter when only their non-zeros are written. */
export function splitSparse(constants: readonly TensorProto[]): {
  readonly initializer: readonly TensorProto[];
  readonly sparseInitializer: readonly SparseTensorProto[];
} {
  const pairs = constants.map((dense) => ({ dense, sparse: shorterSparse(dense) }));
  return {
    initializer: pairs.flatMap(({ dense, sparse }) => (sparse === undefined ? [dense] : [])),
    sparseInitializer: pairs.flatMap(({ sparse }) => (sparse === undefined ? [] : [sparse])),
  };
}

/**
 * The sparse form of a constant, if it takes fewer bytes. Everything is stored but elements whose bits are all zero, so -0 is.
 * Places are written as varints, 1 to 3 bytes in matrices of up to two million elements, and not as 8 raw bytes.
 */
function shorterSparse({ name = "", dims, dataType: type, rawData }: TensorProto): SparseTensorProto | undefined {
  const width = widths.get(type);
  if (width === undefined || rawData === undefined || rawData.length < MIN_BYTES) return undefined;
  const aligned = rawData.byteOffset % width === 0 ? rawData : new Uint8Array(rawData);
  const elements = elementBits(aligned, width);
  const zero = width === 8 ? 0n : 0;
  let [count, bytes] = [0, FRAME_BYTES];
  for (let i = 0; i < elements.length; i++) {
    if (elements[i] === zero) continue;
    bytes += width + varintBytes(i);
    count++;
  }
  if (bytes >= rawData.length) return undefined;
  const values = new Uint8Array(count * width);
  const to = elementBits(values, width);
  const places: number[] = [];
  for (let i = 0; i < elements.length; i++) {
    if (elements[i] === zero) continue;
    to[places.length] = elements[i] as never;
    places.push(i);
  }
  return {
    values: { name, dims: [count], dataType: type, rawData: values },
    indices: { dims: [count], dataType: dataType.INT64, int64Data: places },
    dims,
  };
}

/** Bytes of an element, for the types that fill whole ones. */
const widths: ReadonlyMap<number, number> = new Map([
  [dataType.FLOAT, 4],
  [dataType.DOUBLE, 8],
  [dataType.FLOAT16, 2],
  [dataType.BFLOAT16, 2],
  [dataType.INT8, 1],
  [dataType.UINT8, 1],
  [dataType.INT32, 4],
  [dataType.INT64, 8],
]);

function varintBytes(value: number): number {
  let bytes = 1;
  for (let limit = 128; value >= limit; limit *= 128) bytes++;
  return bytes;
}
