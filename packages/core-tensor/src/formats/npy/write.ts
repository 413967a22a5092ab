import { DeviceError } from "../../tensor/errors.ts";
import { HostTensor, denseStorage, isDense, isHostTensor } from "../../tensor/host.ts";
import { type Tensor, residence } from "../../tensor/tensor.ts";
import { descriptors } from "./elements.ts";
import { MAGIC, MAX_RANK } from "./header.ts";

/** Elements start at a multiple of this. */
const ALIGNMENT = 64;

/** NumPy leaves room for the axis along which a file may grow to become a number of so many digits. */
const GROWTH_DIGITS = 21;

/**
 * The bytes of an npy file (version 1.0) with this tensor: the same that `np.save` of NumPy >= 1.23 writes. As there,
 * a view that is the transpose of a dense tensor is written in Fortran order, every other one in row-major order.
 * bfloat16 is written as the package ml_dtypes has it, which reads it back; NumPy alone gives two raw bytes (`<V2`),
 * and `array.view(ml_dtypes.bfloat16)` gives them their meaning.
 *
 * @throws TypeError for the packed dtypes (int4, uint4, int2), which NumPy does not have; DeviceError for a tensor that
 *   is not in this process's memory; RangeError for more than 64 dimensions.
 * @example await writeFile("weights.npy", writeNpy(weights))
 */
export function writeNpy(value: Tensor): Uint8Array<ArrayBuffer> {
  return npyBytes("writeNpy", value);
}

/** As `writeNpy`, with another label in messages. */
export function npyBytes(label: string, value: Tensor): Uint8Array<ArrayBuffer> {
  const descriptor = descriptors[value.dtype];
  if (descriptor === undefined) {
    const known = Object.keys(descriptors).join(", ");
    throw new TypeError(`${label}: expected one of ${known}, got ${value.dtype}; cast it to int8 or uint8 first`);
  }
  if (!isHostTensor(value)) {
    const found = `a ${residence(value)} tensor`;
    throw new DeviceError(`${label}: expected values in memory, got ${found}; await toHost(tensor) first`);
  }
  if (value.rank > MAX_RANK) {
    throw new RangeError(`${label}: expected at most ${MAX_RANK} dimensions, got ${value.rank}`);
  }
  const transposed = transposeOf(value);
  const fortran = !isDense(value) && isDense(transposed);
  const { buffer, byteOffset, byteLength } = denseStorage(fortran ? transposed : value);
  const header = headerBytes(descriptor, fortran, value.shape);
  const file = new Uint8Array(header.length + byteLength);
  file.set(header);
  file.set(new Uint8Array(buffer, byteOffset, byteLength), header.length);
  return file;
}

function headerBytes(descriptor: string, fortran: boolean, shape: readonly number[]): Uint8Array {
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const growing = shape[fortran ? shape.length - 1 : 0];
  const room = growing === undefined ? 0 : GROWTH_DIGITS - String(growing).length;
  const order = fortran ? "True" : "False";
  const text = `{'descr': '${descriptor}', 'fortran_order': ${order}, 'shape': ${tuple}, }${" ".repeat(room)}`;
  const before = MAGIC.length + 4;
  // At least one byte of padding: the line feed at its end.
  const padding = ALIGNMENT - ((before + text.length + 1) % ALIGNMENT) + 1;
  const header = new Uint8Array(before + text.length + padding).fill(" ".charCodeAt(0));
  header.set([...MAGIC, 1, 0]);
  new DataView(header.buffer).setUint16(MAGIC.length + 2, text.length + padding, true);
  header.set(new TextEncoder().encode(text), before);
  header[header.length - 1] = "\n".charCodeAt(0);
  return header;
}

/** The same elements with the axes in reverse order. */
function transposeOf({ dtype, shape, storage, strides, offset }: HostTensor): HostTensor {
  return new HostTensor(dtype, shape.toReversed(), storage, { strides: strides.toReversed(), offset });
}
