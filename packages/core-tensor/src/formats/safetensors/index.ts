import { DeviceError } from "../../tensor/errors.ts";
import { denseStorage, isHostTensor } from "../../tensor/host.ts";
import { type Tensor, residence } from "../../tensor/tensor.ts";
import type { RawTensor } from "./format.ts";
import { quote } from "../quote.ts";
import { dtypeOf, hostTensor, storedNames } from "./hostTensor.ts";
import { parseLayout } from "./parse.ts";
import { type SerializeSafetensorsOptions, serializeSafetensors } from "./serialize.ts";

export {
  type RawSafetensors,
  type RawTensor,
  type SafetensorsDType,
  SafetensorsError,
  type SafetensorsErrorCode,
} from "./format.ts";
export { type RowRange, type SafetensorsFile, type TensorInfo, openSafetensors } from "./open.ts";
export { parseSafetensors } from "./parse.ts";
export { type SerializeSafetensorsOptions, serializeSafetensors } from "./serialize.ts";
export type { BlobLike, ByteSource, FileHandleLike, SafetensorsSource, UrlLike } from "./source.ts";

/** The content of a safetensors file. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  /** Free text by key; empty where the file has none. */
  readonly metadata: Record<string, string>;
}

/**
 * The tensors of a safetensors file, over the file's bytes where these are aligned for the dtype (they are in files
 * that `writeSafetensors` or the reference implementation wrote, read as a whole): do not write into them afterwards.
 *
 * @throws SafetensorsError when the file is damaged, or holds a type that Tensor does not have (U16, U32, U64, I16,
 *   F8_…): `parseSafetensors` gives the bytes of those.
 * @example readSafetensors(await readFile("model.safetensors")).tensors["encoder.weight"]
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  // A plain Uint8Array also where a Buffer came, whose slice() does not copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { tensors, metadata } = parseLayout(plain, plain.length);
  const entries = tensors.map(({ name, dtype: stored, shape, begin, end }): [string, Tensor] => {
    const dtype = dtypeOf(name, stored, begin);
    return [name, hostTensor(name, dtype, shape, plain.subarray(begin, end), begin)];
  });
  return { tensors: Object.fromEntries(entries), metadata };
}

/**
 * The bytes of a safetensors file with these tensors. Equal contents give equal bytes, whatever the order of the keys.
 *
 * @throws TypeError for the packed dtypes (int4, uint4, int2), which the format does not have; DeviceError for tensors
 *   that are not in this process's memory; RangeError for the name `__metadata__` and for texts that UTF-8 cannot hold.
 * @example await writeFile("model.safetensors", writeSafetensors(parameters, { metadata: { epoch: "3" } }))
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options: SerializeSafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors).map(([name, value]) => [name, rawTensor(name, value)] as const);
  return serializeSafetensors(Object.fromEntries(entries), options);
}

function rawTensor(name: string, value: Tensor): RawTensor {
  const label = `writeSafetensors: tensor ${quote(name)}`;
  const dtype = storedNames[value.dtype];
  if (dtype === undefined) {
    const known = Object.keys(storedNames).join(", ");
    throw new TypeError(`${label}: expected one of ${known}, got ${value.dtype}; cast it to int8 or uint8 first`);
  }
  if (!isHostTensor(value)) {
    const found = `a ${residence(value)} tensor`;
    throw new DeviceError(`${label}: expected values in memory, got ${found}; await toHost(tensor) first`);
  }
  const { buffer, byteOffset, byteLength } = denseStorage(value);
  return { dtype, shape: value.shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}
