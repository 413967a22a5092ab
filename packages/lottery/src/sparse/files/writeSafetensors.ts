import {
  type RawTensor,
  type SafetensorsDType,
  parseSafetensors,
  serializeSafetensors,
  writeSafetensors,
} from "@parsimony/core-tensor/safetensors";
import { LotteryError } from "../../base/errors.ts";
import { type Named, sortedNames } from "../../base/parameters.ts";
import type { SparseArray } from "../formats/format.ts";
import { checkSparse } from "../formats/table.ts";
import { type CompressTensorsOptions, compressTensors } from "./compress.ts";
import { type Description, SPARSE_KEY, fileParts } from "./description.ts";
import { type SparseTensor, isSparseTensor } from "./sparseTensor.ts";

export interface WriteSparseSafetensorsOptions extends CompressTensorsOptions {
  /** Texts by key, kept in the file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file in which tensors that are smaller that way are stored as sparse matrices. Any reader of the
 * format can open it: dense tensors stand under their names, the arrays of sparse ones under `<name>.<format>.<array>`, for
 * example `w.csr.values`, `w.csr.indices` and `w.csr.indptr`. With the goal `"size"` and without forced formats the file is
 * never longer than the one with dense tensors. Equal contents give equal bytes, whatever the order of keys.
 *
 * @param params a tree of tensors on the host; `SparseTensor` records may be among them and are checked.
 * @throws LotteryError E_OPTION for metadata under the key "parsimony.sparse"; E_PARAMETERS when a tensor has the name of
 *   another one's array; whatever `compressTensors` and `writeSafetensors` of core-tensor throw.
 */
export function writeSparseSafetensors(
  params: unknown,
  options: WriteSparseSafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  const where = "writeSparseSafetensors";
  const { metadata = {}, ...rest } = options;
  if (Object.hasOwn(metadata, SPARSE_KEY)) {
    throw new LotteryError("E_OPTION", `${where}: metadata ${SPARSE_KEY} is for the description of sparse tensors`);
  }
  const { tensors } = compressTensors(params, rest);
  const names = sortedNames(tensors);
  const dense: Named = Object.fromEntries(
    names.flatMap((name) => {
      const value = tensors[name];
      return value === undefined || isSparseTensor(value) ? [] : [[name, value]];
    }),
  );
  const raw: Record<string, RawTensor> = { ...parseSafetensors(writeSafetensors(dense)).tensors };
  const descriptions: [string, Description][] = [];
  for (const name of names) {
    if (Object.hasOwn(dense, name)) continue;
    const tensor = tensors[name] as SparseTensor;
    checkSparse(where, tensor.matrix, name);
    const { description, arrays } = fileParts(name, tensor);
    descriptions.push([name, description]);
    for (const [each, array] of arrays) {
      if (Object.hasOwn(raw, each)) {
        const message = `${where}: there is a tensor with the name of ${name}'s array ${each}`;
        throw new LotteryError("E_PARAMETERS", message, { tensor: name });
      }
      raw[each] = rawArray(array);
    }
  }
  if (descriptions.length === 0) return serializeSafetensors(raw, { metadata });
  const described = JSON.stringify(Object.fromEntries(descriptions));
  return serializeSafetensors(raw, { metadata: { ...metadata, [SPARSE_KEY]: described } });
}

function rawArray(array: SparseArray): RawTensor {
  const { buffer, byteOffset, byteLength, length } = array;
  return { dtype: typeOf(array), shape: [length], bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

function typeOf(array: SparseArray): SafetensorsDType {
  if (array instanceof Float32Array) return "F32";
  if (array instanceof Uint8Array) return "U8";
  return array instanceof Uint16Array ? "U16" : "U32";
}
