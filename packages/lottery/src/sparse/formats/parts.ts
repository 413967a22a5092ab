import { LotteryError } from "../../base/errors.ts";

/** Where columns stand: two bytes each as long as they fit. */
export type IndexArray = Uint16Array | Uint32Array;

/** Most entries that a matrix may have: row pointers are 32 bits wide. */
const MOST_ENTRIES = 2 ** 32 - 1;

/** Zeros for `length` numbers below `limit`: two bytes each while `limit` <= 65,536, else four. */
export function indexArray(limit: number, length: number): IndexArray {
  return limit <= 65_536 ? new Uint16Array(length) : new Uint32Array(length);
}

/** Throws E_SPARSE unless rows and columns are whole numbers >= 0 with at most 2^32 - 1 entries together. */
export function checkSides(where: string, rows: number, columns: number, tensor?: string): void {
  const whole = Number.isSafeInteger(rows) && Number.isSafeInteger(columns) && rows >= 0 && columns >= 0;
  if (whole && rows < MOST_ENTRIES && columns <= MOST_ENTRIES && rows * columns <= MOST_ENTRIES) return;
  sparseFault(where, `expected whole rows and columns with at most 2^32 - 1 entries, got ${rows} x ${columns}`, tensor);
}

/**
 * Which entries of a dense row-major matrix a sparse one stores: 1 where the mask says kept, whatever the value; without a
 * mask everything but +0, so that -0, NaN and infinities come back as they were.
 *
 * @throws LotteryError E_SPARSE when lengths do not fit rows x columns.
 */
export function keptEntries(
  where: string,
  data: Float32Array,
  [rows, columns]: readonly [number, number],
  mask?: Uint8Array,
): Uint8Array {
  checkSides(where, rows, columns);
  const size = rows * columns;
  if (data.length !== size) sparseFault(where, `expected ${rows} x ${columns} = ${size} values, got ${data.length}`);
  if (mask === undefined) {
    const bits = bitsOf(data);
    const kept = new Uint8Array(size);
    for (let i = 0; i < size; i++) if (bits[i] !== 0) kept[i] = 1;
    return kept;
  }
  if (mask.length !== size) sparseFault(where, `expected a mask of ${size} bytes, got ${mask.length}`);
  const wrong = mask.findIndex((byte) => byte > 1);
  if (wrong >= 0) sparseFault(where, `expected 0 or 1 in a mask, got ${mask[wrong]}`, undefined, wrong);
  return mask;
}

/** How many of these bytes are 1. */
export function countOnes(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) count += bytes[i] as number;
  return count;
}

/** The bits of floats: copied as integers, every NaN keeps its payload. Only +0 has all bits zero. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** @param index of the element, in the part that the message names. */
export function sparseFault(where: string, reason: string, tensor?: string, index?: number): never {
  throw new LotteryError("E_SPARSE", `${where}: ${tensor === undefined ? "" : `${tensor}: `}${reason}`, {
    ...(tensor === undefined ? {} : { tensor }),
    ...(index === undefined ? {} : { index }),
  });
}
