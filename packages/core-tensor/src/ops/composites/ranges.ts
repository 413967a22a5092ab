import { tensor } from "../../tensor/create.ts";
import type { DType } from "../../tensor/dtype.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { cast } from "../cast/index.ts";
import { subDims } from "../dimensions.ts";
import { add, equal, greaterEqual, where } from "../elementwise/index.ts";
import { iota, reshape, zerosLike } from "../movement/index.ts";
import { type Operand, operand } from "../operand.ts";
import { isSymbolicDim } from "../traced.ts";

export interface RangeOptions {
  /** Element type. Default int32 when start and step are whole numbers, float32 otherwise. */
  readonly dtype?: DType;
}

/**
 * `start, start + step, …` before `stop`, each computed in float64 and rounded once.
 *
 * @param stop exclusive; may be a symbolic dimension when start is a whole number and step is 1.
 * @param step any number but 0. Default 1.
 * @throws ArgumentError for step 0, what is not finite, or a symbolic range with another step.
 * @example arange(1, 2, 0.25).toArray() // [1, 1.25, 1.5, 1.75]
 */
export function arange(start: number, stop: number, step = 1, options: RangeOptions = {}): Tensor {
  if (isSymbolicDim(stop) || isSymbolicDim(start)) {
    if (step !== 1 || isSymbolicDim(start)) {
      throw new ArgumentError({
        op: "arange",
        expected: "step 1 and a start that is a number, with a symbolic stop",
        found: `start ${start}, step ${step}`,
      });
    }
    return add(iota(subDims(stop, start), options), start);
  }
  const length = Math.ceil((stop - start) / step);
  if (!Number.isFinite(length) || !Number.isFinite(start)) {
    throw new ArgumentError({
      op: "arange",
      expected: "finite numbers and a step other than 0",
      found: `${start}, ${stop}, ${step}`,
    });
  }
  const dtype = options.dtype ?? (Number.isInteger(start) && Number.isInteger(step) ? "int32" : "float32");
  const values = Float64Array.from({ length: Math.max(length, 0) }, (_, i) => start + i * step);
  return tensor(values, { dtype });
}

/** Row number plus `offset` beside column number, as int32 [rows, 1] and [1, columns]. */
function places(rows: number, columns: number, offset: number): [row: Tensor, column: Tensor] {
  const row = reshape(iota(rows), [rows, 1]);
  return [offset === 0 ? row : add(row, offset), reshape(iota(columns), [1, columns])];
}

export interface EyeOptions {
  /** Default: as many as rows. */
  readonly columns?: number;
  /** Which diagonal: 0 is the main one, positive ones lie above it. Default 0. */
  readonly diagonal?: number;
  /** Default float32. */
  readonly dtype?: DType;
}

/** A matrix with ones on a diagonal and zeros elsewhere. Lengths may be symbolic dimensions. */
export function eye(rows: number, options: EyeOptions = {}): Tensor {
  const [row, column] = places(rows, options.columns ?? rows, options.diagonal ?? 0);
  return cast(equal(row, column), options.dtype ?? "float32");
}

/** bool [rows, columns]: true where the column is at most row + diagonal. Lengths may be symbolic dimensions. */
export function lowerTriangle(rows: number, columns: number = rows, diagonal = 0): Tensor {
  const [row, column] = places(rows, columns, diagonal);
  return greaterEqual(row, column);
}

/**
 * The lower triangle of the matrices in the last two axes: zero above a diagonal.
 *
 * @param diagonal 0 keeps the main diagonal and what is below it; positive ones keep more. Default 0.
 */
export function tril(x: Operand, diagonal = 0): Tensor {
  const value = operand(x);
  return where(lowerTriangle(value.shape.at(-2) ?? 1, value.shape.at(-1) ?? 1, diagonal), value, zerosLike(value));
}

/**
 * The upper triangle of the matrices in the last two axes: zero below a diagonal.
 *
 * @param diagonal 0 keeps the main diagonal and what is above it; positive ones keep less. Default 0.
 */
export function triu(x: Operand, diagonal = 0): Tensor {
  const value = operand(x);
  return where(lowerTriangle(value.shape.at(-2) ?? 1, value.shape.at(-1) ?? 1, diagonal - 1), zerosLike(value), value);
}
