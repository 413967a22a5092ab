import { HostTensor } from "../../tensor/host.ts";
import { rowMajorStrides } from "../../tensor/shape.ts";
import { decodeElements } from "./elements.ts";
import { NpyError } from "./error.ts";
import { parseHeader } from "./header.ts";

/**
 * The array in an npy file (what `np.save` writes, versions 1.0 to 3.0). Its elements stay where they are in `bytes`
 * when they are aligned there (they are in files that NumPy wrote, read as a whole) and need no change: do not write
 * into them afterwards. An array in Fortran order is a view with strides.
 *
 * int16 and uint16 are read as int32, uint32 as int64; bfloat16 is what NumPy writes for the package ml_dtypes (`<V2`).
 * Big-endian elements are turned round.
 *
 * @throws NpyError when the file is damaged, goes on after the array, or holds something else: uint64, complex numbers,
 *   texts, dates, records, or pickled Python objects, which are never touched.
 * @example readNpy(await readFile("weights.npy")).shape
 */
export function readNpy(bytes: Uint8Array): HostTensor {
  // A plain Uint8Array also where a Buffer came, whose slice() does not copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { elements, shape, fortranOrder, begin, end } = parseHeader(plain);
  if (plain.length < end) throw new NpyError("truncated", plain.length, `the array ends at byte ${end}`);
  if (plain.length > end) {
    throw new NpyError("trailing-bytes", end, `${plain.length - end} bytes follow the last element`);
  }
  const read = decodeElements(elements, shape, plain.subarray(begin, end), begin);
  if (!fortranOrder || shape.length < 2) return read;
  return new HostTensor(read.dtype, shape, read.storage, { strides: columnMajorStrides(shape), offset: 0 });
}

/** Strides of an array whose first index runs fastest. */
function columnMajorStrides(shape: readonly number[]): number[] {
  return rowMajorStrides(shape.toReversed()).reverse();
}
