import { type DType, type HostTensor, fromBytes } from "@parsimony/core-tensor";
import { type RawTensor, type SafetensorsDType, parseSafetensors } from "@parsimony/core-tensor/safetensors";
import { type Named, sortedNames } from "../../base/parameters.ts";
import type { ElementType, SparseArray } from "../formats/format.ts";
import { checkSides, sparseFault } from "../formats/parts.ts";
import { type SparseMatrix, formatNamed } from "../formats/table.ts";
import { SPARSE_KEY, arrayName } from "./description.ts";
import { type SparseTensor, denseTensor, matrixSides } from "./sparseTensor.ts";

/** The content of a safetensors file with sparse tensors. */
export interface SparseSafetensors {
  /** Tensors that stand in the file with all their elements. */
  readonly tensors: Named;
  /** The sparse ones; every matrix has been checked. */
  readonly sparse: Readonly<Record<string, SparseTensor>>;
  /** Texts by key, without the description of the sparse tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

const where = "readSparseSafetensors";

/**
 * The tensors of a safetensors file: dense ones, and the sparse ones that `writeSparseSafetensors` (or any program that
 * follows docs/sparse-files.md) put there. They lie over the file's bytes where these are aligned: do not write into them.
 * Nothing is expanded: `denseTensors` does that.
 *
 * @throws SafetensorsError of core-tensor for a file that is no safetensors; LotteryError E_SPARSE (E_NM_SHAPE for groups that
 *   do not divide), with the tensor and the position in its array, for sparse tensors that are damaged.
 */
export function readSparseSafetensors(bytes: Uint8Array): SparseSafetensors {
  // A plain Uint8Array also where a Buffer came, whose slice() does not copy.
  const file = parseSafetensors(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const rest = new Map(Object.entries(file.tensors));
  const { [SPARSE_KEY]: described, ...metadata } = file.metadata;
  const descriptions = described === undefined ? [] : parseDescriptions(described);
  const sparse = descriptions.map(([name, description]): [string, SparseTensor] => {
    if (rest.has(name)) sparseFault(where, "stands in the file twice, as it is and as a matrix", name);
    return [name, readTensor(name, description, rest)];
  });
  const tensors = [...rest].map(([name, raw]): [string, HostTensor] => [name, readDense(name, raw)]);
  return { tensors: Object.fromEntries(tensors), sparse: Object.fromEntries(sparse), metadata };
}

export interface DenseTensorsOptions {
  /**
   * Most bytes that the expanded tensors may take together: a few bytes of a file can describe a matrix of 16 GB. Default 2^31.
   */
  readonly maxBytes?: number;
}

/**
 * All tensors of a file with all their elements, by name.
 *
 * @throws LotteryError E_SPARSE when the sparse ones would take more than `maxBytes`, naming the first that does not fit.
 */
export function denseTensors({ tensors, sparse }: SparseSafetensors, options: DenseTensorsOptions = {}): Named {
  const { maxBytes = 2 ** 31 } = options;
  let bytes = 0;
  for (const name of sortedNames(sparse)) {
    const { rows, columns } = (sparse[name] as SparseTensor).matrix;
    bytes += 4 * rows * columns;
    if (bytes > maxBytes)
      sparseFault("denseTensors", `expected at most ${maxBytes} bytes of dense tensors, got ${bytes}`, name);
  }
  const expanded = Object.entries(sparse).map(([name, tensor]): [string, HostTensor] => [name, denseTensor(tensor)]);
  return Object.fromEntries([...Object.entries(tensors), ...expanded]);
}

function parseDescriptions(text: string): [string, Readonly<Record<string, unknown>>][] {
  let descriptions: unknown;
  try {
    descriptions = JSON.parse(text);
  } catch (cause) {
    sparseFault(where, `metadata ${SPARSE_KEY} is no JSON: ${String(cause)}`);
  }
  if (!isRecord(descriptions)) return sparseFault(where, `metadata ${SPARSE_KEY} is no JSON object`);
  return Object.entries(descriptions).map(([name, each]) => {
    return isRecord(each) ? [name, each] : sparseFault(where, "its description is no JSON object", name);
  });
}

/** Takes the arrays of a tensor out of those that are left. */
function readTensor(
  name: string,
  description: Readonly<Record<string, unknown>>,
  rest: Map<string, RawTensor>,
): SparseTensor {
  const { format: formatName, shape, dtype, transposed = false, ...parameters } = description;
  const format = typeof formatName === "string" ? formatNamed(formatName) : undefined;
  if (format === undefined) return sparseFault(where, `there is no format ${JSON.stringify(formatName)}`, name);
  if (dtype !== "float32") sparseFault(where, `expected the dtype float32, got ${JSON.stringify(dtype)}`, name);
  if (typeof transposed !== "boolean") sparseFault(where, "expected transposed to be true or false", name);
  if (!isShape(shape))
    return sparseFault(where, "expected a shape of whole numbers with less than 2^53 elements", name);
  const sides = matrixSides(shape, transposed);
  checkSides(where, sides.rows, sides.columns, name);
  const arrays = Object.entries(format.arrayTypes).map(([part, types]): [string, SparseArray] => {
    const key = arrayName(name, formatName as string, part);
    const raw = rest.get(key) ?? sparseFault(where, `there is no tensor ${key}`, name);
    rest.delete(key);
    return [part, readArray(name, part, raw, types)];
  });
  const matrix: SparseMatrix = format.fromParts(sides, Object.fromEntries(arrays), parameters);
  format.check(where, matrix, name);
  return { shape, transposed, matrix };
}

const elementTypes: Readonly<Partial<Record<SafetensorsDType, ElementType>>> = {
  F32: "float32",
  U8: "uint8",
  U16: "uint16",
  U32: "uint32",
};

function readArray(
  name: string,
  part: string,
  { dtype, shape, bytes }: RawTensor,
  types: readonly ElementType[],
): SparseArray {
  const type = elementTypes[dtype];
  if (type === undefined || !types.includes(type)) {
    return sparseFault(where, `expected ${part} of ${types.join(" or ")}, got ${dtype}`, name);
  }
  if (shape.length !== 1) sparseFault(where, `expected ${part} with one axis, got [${shape}]`, name);
  const width = type === "float32" || type === "uint32" ? 4 : type === "uint16" ? 2 : 1;
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  const length = bytes.length / width;
  switch (type) {
    case "float32":
      return new Float32Array(buffer, byteOffset, length);
    case "uint8":
      return new Uint8Array(buffer, byteOffset, length);
    case "uint16":
      return new Uint16Array(buffer, byteOffset, length);
    case "uint32":
      return new Uint32Array(buffer, byteOffset, length);
  }
}

/** The element types of the format that are dtypes of ours. */
const dtypes: Readonly<Partial<Record<SafetensorsDType, DType>>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

function readDense(name: string, { dtype: stored, shape, bytes }: RawTensor): HostTensor {
  const dtype = dtypes[stored];
  if (dtype === undefined) return sparseFault(where, `expected elements of a type of Tensor, got ${stored}`, name);
  if (!isShape(shape)) return sparseFault(where, "expected a shape with less than 2^53 elements", name);
  const wrong = dtype === "bool" ? bytes.findIndex((byte) => byte > 1) : -1;
  if (wrong >= 0) sparseFault(where, `expected 0 or 1 for a boolean, got ${bytes[wrong]}`, name, wrong);
  return fromBytes(dtype, shape, bytes);
}

/** A product of all but zeros below 2^53, so that no product of some of them is 0 times Infinity. */
function isShape(shape: unknown): shape is readonly number[] {
  if (!Array.isArray(shape)) return false;
  let product = 1;
  for (const dim of shape as unknown[]) {
    if (!Number.isSafeInteger(dim) || (dim as number) < 0) return false;
    product *= (dim as number) || 1;
    if (product > Number.MAX_SAFE_INTEGER) return false;
  }
  return true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
