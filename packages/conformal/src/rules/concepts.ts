import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { ProbabilityMatrix } from "../base/matrix.ts";

/** Lower and upper bounds on the probability of each concept. */
export interface ConceptBounds {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

/** One probability in [0, 1] for each concept, copied; unlike those of classes they need not sum to 1. */
export function readConcepts(where: string, values: ArrayLike<number>, concepts: number, row?: number): Float64Array {
  const name = row === undefined ? "probabilities" : `row ${row}`;
  checkLength(where, name, values.length, concepts);
  const copy = new Float64Array(concepts);
  for (let k = 0; k < concepts; k++) {
    const p = values[k] as number;
    if (Number.isNaN(p)) throw new ConformalError("E_NAN", `${where}: ${name} has NaN for concept ${k}`, row ?? k);
    if (!(p >= 0 && p <= 1)) {
      const message = `${where}: ${name} must hold probabilities in [0, 1], got ${p} for concept ${k}`;
      throw new ConformalError("E_PROBS", message, row ?? k);
    }
    copy[k] = p;
  }
  return copy;
}

/** The rows of a matrix `[rows, concepts]`, checked and copied. */
export function readConceptRows(where: string, matrix: ProbabilityMatrix, concepts: number): Float64Array[] {
  if (Array.isArray(matrix)) {
    return (matrix as readonly ArrayLike<number>[]).map((row, i) => readConcepts(where, row, concepts, i));
  }
  const { shape, ...rest } = matrix as Exclude<ProbabilityMatrix, readonly unknown[]>;
  const data = "dataSync" in matrix ? matrix.dataSync() : (rest as { data: ArrayLike<number> }).data;
  const rows = shape[0] ?? 0;
  if (shape.length !== 2) {
    throw new ConformalError("E_PROBS", `${where}: needs shape [rows, concepts], got [${shape.join(", ")}]`);
  }
  checkLength(where, `the data of shape [${shape.join(", ")}]`, data.length, rows * (shape[1] as number));
  checkLength(where, "rows", shape[1] as number, concepts);
  return Array.from({ length: rows }, (_, i) =>
    readConcepts(where, Array.prototype.slice.call(data, i * concepts, (i + 1) * concepts) as number[], concepts, i),
  );
}

/** Bounds in [0, 1] with lower <= upper, copied. */
export function readBounds(
  where: string,
  bounds: ConceptBounds,
  concepts: number,
  row?: number,
): { lower: Float64Array; upper: Float64Array } {
  const at = row === undefined ? "" : ` of row ${row}`;
  checkLength(where, `lower${at}`, bounds.lower.length, concepts);
  checkLength(where, `upper${at}`, bounds.upper.length, concepts);
  for (let k = 0; k < concepts; k++) {
    const low = bounds.lower[k] as number;
    const high = bounds.upper[k] as number;
    if (Number.isNaN(low) || Number.isNaN(high)) {
      throw new ConformalError("E_NAN", `${where}: the bounds${at} have NaN for concept ${k}`, row ?? k);
    }
    if (!(low >= 0 && low <= high && high <= 1)) {
      const message = `${where}: needs 0 <= lower <= upper <= 1${at}, got [${low}, ${high}] for concept ${k}`;
      throw new ConformalError("E_RANGE", message, row ?? k);
    }
  }
  return { lower: Float64Array.from(bounds.lower), upper: Float64Array.from(bounds.upper) };
}
