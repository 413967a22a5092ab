import type { SparseArray } from "../formats/format.ts";
import { sparseFault } from "../formats/parts.ts";
import { formatNamed } from "../formats/table.ts";
import type { SparseTensor } from "./sparseTensor.ts";

/** Key of a file's metadata whose text describes the sparse tensors: a JSON object with a description by name. */
export const SPARSE_KEY = "parsimony.sparse";

/** What the JSON says of a tensor, beside the numbers of its format (such as the shape of blocks). */
export interface Description {
  readonly format: string;
  /** Of the dense tensor. */
  readonly shape: readonly number[];
  readonly dtype: "float32";
  readonly transposed: boolean;
  readonly [parameter: string]: unknown;
}

/** A sparse tensor as a file has it: its description, and its arrays by their names there (`w.csr.values`, …). */
export interface FileParts {
  readonly description: Description;
  readonly arrays: readonly (readonly [string, SparseArray])[];
}

export function fileParts(name: string, { shape, transposed, matrix }: SparseTensor): FileParts {
  const format = formatNamed(matrix.format) ?? sparseFault("fileParts", `no format ${matrix.format}`, name);
  const arrays = Object.entries(format.arrays(matrix));
  return {
    description: { format: matrix.format, shape, dtype: "float32", transposed, ...format.parameters(matrix) },
    arrays: arrays.map(([part, array]) => [arrayName(name, matrix.format, part), array]),
  };
}

/** The last two parts of a name are a format and an array of it, so that no two tensors share a name. */
export function arrayName(tensor: string, format: string, part: string): string {
  return `${tensor}.${format}.${part}`;
}

/** Most bytes of `:{"dtype":"F32","shape":[…],"data_offsets":[…,…]},` in a header. */
const ENTRY_BYTES = 90;
/** The key above with its punctuation, and what filling the header up to a multiple of 8 may add. */
const ONCE_BYTES = 40;

/**
 * Bytes that a sparse tensor takes in a file's header, or a few more: a small matrix is not made sparse when naming its parts
 * costs more than they save.
 */
export function headerCost(name: string, tensor: SparseTensor): number {
  if (tensor.matrix.format === "dense") return 0;
  const { description, arrays } = fileParts(name, tensor);
  // A JSON text inside of a JSON text: quotes are escaped.
  const described = utf8Bytes(JSON.stringify(JSON.stringify({ [name]: description })));
  return arrays.reduce((sum, [each]) => sum + utf8Bytes(JSON.stringify(each)) + ENTRY_BYTES, described + ONCE_BYTES);
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
