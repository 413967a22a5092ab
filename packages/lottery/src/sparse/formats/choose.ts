import { LotteryError } from "../../base/errors.ts";
import { bcsrFromDense } from "./bcsr.ts";
import { bitmapFromDense } from "./bitmap.ts";
import { csrFromDense } from "./csr.ts";
import { deltaFromDense } from "./delta.ts";
import { denseFromDense } from "./dense.ts";
import { fitsNm, nmFromDense } from "./nm.ts";
import { type SparseMatrix, sparseBytes } from "./table.ts";

/** Stores a dense row-major matrix in one way; undefined where the format cannot hold it (N:M with a fuller group). */
export type SparseCandidate = (
  data: Float32Array,
  rows: number,
  columns: number,
  mask?: Uint8Array,
) => SparseMatrix | undefined;

const blocks =
  (...blockShape: readonly [number, number]): SparseCandidate =>
  (data, rows, columns, mask) =>
    bcsrFromDense(data, rows, columns, { blockShape, ...(mask && { mask }) });

const groups =
  (keep: number, of: number): SparseCandidate =>
  (data, rows, columns, mask) => {
    const options = { keep, of, ...(mask && { mask }) };
    return fitsNm(data, rows, columns, options) ? nmFromDense(data, rows, columns, options) : undefined;
  };

const gaps =
  (gapBits: number): SparseCandidate =>
  (data, rows, columns, mask) =>
    deltaFromDense(data, rows, columns, { gapBits, ...(mask && { mask }) });

/** Names of the ways below: N:M by values and entries of a group, blocks by their rows and columns, delta by bits of a code. */
export type SparseCandidateName =
  | "dense"
  | "csr"
  | "bitmap"
  | `nm-${"2:4" | "1:4"}`
  | `bcsr-${"1x4" | "4x1" | "4x4" | "8x1" | "16x1"}`
  | `delta-${4 | 6 | 8}`;

/** The ways to store a matrix that are tried unless others are given. Of equal ones the first is taken. */
export const sparseCandidates: Readonly<Record<SparseCandidateName, SparseCandidate>> = {
  dense: denseFromDense,
  csr: csrFromDense,
  "nm-2:4": groups(2, 4),
  "nm-1:4": groups(1, 4),
  bitmap: bitmapFromDense,
  "bcsr-1x4": blocks(1, 4),
  "bcsr-4x1": blocks(4, 1),
  "bcsr-4x4": blocks(4, 4),
  "bcsr-8x1": blocks(8, 1),
  "bcsr-16x1": blocks(16, 1),
  "delta-4": gaps(4),
  "delta-6": gaps(6),
  "delta-8": gaps(8),
};

export interface ChooseFormatOptions {
  /** One byte per entry, 1 for kept. Default: everything but +0 is kept. */
  readonly mask?: Uint8Array;
  /** What should be least: bytes (`"size"`, the default), or any number that a function gives for a matrix. */
  readonly goal?: "size" | ((matrix: SparseMatrix) => number);
  /** What is tried, in the order in which ties are decided. Default: `sparseCandidates`. */
  readonly candidates?: Readonly<Record<string, SparseCandidate>>;
}

/** The best way found, and how all of them did. */
export interface ChosenFormat {
  /** Name of the candidate. */
  readonly name: string;
  readonly matrix: SparseMatrix;
  /** Bytes of every candidate that can hold the matrix, by its name. */
  readonly bytes: Readonly<Record<string, number>>;
  /** What the goal gave for each; the same as `bytes` for `"size"`. */
  readonly costs: Readonly<Record<string, number>>;
}

/**
 * Stores a row-major matrix in every way that is given and takes the one of least cost.
 *
 * @throws LotteryError E_SPARSE when lengths do not fit rows x columns; E_OPTION when no candidate can hold the matrix, or the
 *   goal gives NaN.
 */
export function chooseFormat(
  data: Float32Array,
  rows: number,
  columns: number,
  options: ChooseFormatOptions = {},
): ChosenFormat {
  const { mask, goal = "size", candidates = sparseCandidates } = options;
  const cost = goal === "size" ? sparseBytes : goal;
  const bytes: Record<string, number> = {};
  const costs: Record<string, number> = {};
  let best: { readonly name: string; readonly matrix: SparseMatrix } | undefined;
  for (const [name, candidate] of Object.entries(candidates)) {
    const matrix = candidate(data, rows, columns, mask);
    if (matrix === undefined) continue;
    const found = cost(matrix);
    if (Number.isNaN(found)) throw new LotteryError("E_OPTION", `chooseFormat: the goal gave NaN for ${name}`);
    bytes[name] = sparseBytes(matrix);
    costs[name] = found;
    if (best === undefined || found < (costs[best.name] as number)) best = { name, matrix };
  }
  if (best === undefined) throw new LotteryError("E_OPTION", "chooseFormat: no candidate can hold the matrix");
  return { ...best, bytes, costs };
}
