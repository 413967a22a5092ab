import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../../base/errors.ts";
import { maskBytes } from "../../mask/mask.ts";
import { type ChooseFormatOptions, type ChosenFormat, chooseFormat } from "../formats/choose.ts";
import type { MatrixSides } from "../formats/format.ts";
import { bitsOf } from "../formats/parts.ts";
import { type SparseMatrix, sparseToDense } from "../formats/table.ts";

/**
 * A float32 tensor stored as a matrix. Its first axis are the rows and all others together the columns: `[in, out]` is in x
 * out, a convolution's `[out, in, kh, kw]` is out x (in kh kw), a vector is one row.
 */
export interface SparseTensor {
  readonly shape: readonly number[];
  /** Whether the matrix is the transpose of that: rows are then what columns were. */
  readonly transposed: boolean;
  readonly matrix: SparseMatrix;
}

export interface SparseTensorOptions extends Omit<ChooseFormatOptions, "mask"> {
  /** A bool tensor of the same shape, true for kept. Default: everything but +0 is kept. */
  readonly mask?: HostTensor;
  /** Default false. */
  readonly transposed?: boolean;
}

/** A stored tensor, and what `chooseFormat` reports. */
export interface ChosenTensor extends Omit<ChosenFormat, "matrix"> {
  readonly tensor: SparseTensor;
}

/**
 * A float32 tensor in the best of the formats: see `chooseFormat`.
 *
 * @throws LotteryError E_PARAMETERS for other dtypes; E_MASK for a mask of another shape; whatever `chooseFormat` throws.
 */
export function sparseTensor(value: HostTensor, options: SparseTensorOptions = {}): ChosenTensor {
  const { mask, transposed = false, ...rest } = options;
  const { shape, dtype } = value;
  if (dtype !== "float32") throw new LotteryError("E_PARAMETERS", `sparseTensor: expected float32, got ${dtype}`);
  if (mask !== undefined && (mask.dtype !== "bool" || mask.shape.join() !== shape.join())) {
    const message = `sparseTensor: expected a mask of bool [${shape}], got ${mask.dtype} [${mask.shape}]`;
    throw new LotteryError("E_MASK", message);
  }
  const { rows, columns } = matrixSides(shape, false);
  const turn = <T extends Float32Array | Uint8Array>(entries: T): T =>
    transposed ? transpose(entries, rows, columns) : entries;
  const sides = matrixSides(shape, transposed);
  const { matrix, ...report } = chooseFormat(turn(value.dataSync() as Float32Array), sides.rows, sides.columns, {
    ...rest,
    ...(mask && { mask: turn(maskBytes(mask)) }),
  });
  return { ...report, tensor: { shape, transposed, matrix } };
}

/** The tensor with all its elements, +0 where nothing is stored. Expects a matrix that its check accepts. */
export function denseTensor({ shape, transposed, matrix }: SparseTensor): HostTensor {
  const dense = sparseToDense(matrix);
  const data = transposed ? transpose(dense, matrix.rows, matrix.columns) : dense;
  return tensor(data, { shape: [...shape] });
}

/** Is this a record as `sparseTensor` makes it? */
export function isSparseTensor(value: unknown): value is SparseTensor {
  if (typeof value !== "object" || value === null) return false;
  const { matrix, transposed } = value as Partial<SparseTensor>;
  return typeof transposed === "boolean" && typeof matrix === "object" && "shape" in value;
}

/** The matrix as which a shape is seen. */
export function matrixSides(shape: readonly number[], transposed: boolean): MatrixSides {
  const first = shape.length > 1 ? (shape[0] as number) : 1;
  const others = (shape.length > 1 ? shape.slice(1) : shape).reduce((product, dim) => product * dim, 1);
  return transposed ? { rows: others, columns: first } : { rows: first, columns: others };
}

/** A row-major matrix with rows and columns exchanged, bit by bit. */
function transpose<T extends Float32Array | Uint8Array>(entries: T, rows: number, columns: number): T {
  const turned = entries.slice() as T;
  const [from, to] =
    entries instanceof Float32Array ? [bitsOf(entries), bitsOf(turned as Float32Array)] : [entries, turned];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      to[column * rows + row] = from[row * columns + column] as number;
    }
  }
  return turned;
}
