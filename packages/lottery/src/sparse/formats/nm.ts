import { LotteryError } from "../../base/errors.ts";
import { codeBytes, endsCleanly, packCodes, unpackCodes } from "./codes.ts";
import type { SparseFormat } from "./format.ts";
import { bitsOf, checkSides, keptEntries, sparseFault } from "./parts.ts";

/**
 * N:M packed: every `of` neighbouring entries of a row keep at most `keep`, so that each group stores exactly `keep` values
 * and where in the group each was. Groups that keep fewer are filled up with +0 at their first free places.
 */
export interface NmMatrix {
  readonly format: "nm";
  readonly rows: number;
  readonly columns: number;
  readonly keep: number;
  readonly of: number;
  /** Group after group, `keep` each. */
  readonly values: Float32Array;
  /** One code per value, rising within a group: its place in the group in ceil(log2(of)) bits, low bits first. */
  readonly places: Uint8Array;
}

export interface NmOptions {
  /** Stored values per group. */
  readonly keep: number;
  /** Entries per group, at most 256. */
  readonly of: number;
  /** One byte per entry, 1 for kept. Default: everything but +0 is kept. */
  readonly mask?: Uint8Array;
}

/**
 * The packed N:M form of a row-major matrix.
 *
 * @throws LotteryError E_NM_SHAPE when groups do not divide the rows, or not 1 <= keep <= of <= 256; E_SPARSE when a group
 *   keeps too many (its first entry is the error's index), or lengths do not fit.
 */
export function nmFromDense(data: Float32Array, rows: number, columns: number, options: NmOptions): NmMatrix {
  const { keep, of, mask } = options;
  const kept = keptEntries("nmFromDense", data, [rows, columns], mask);
  checkGroups("nmFromDense", { columns, keep, of });
  const groups = (rows * columns) / of;
  const values = new Float32Array(groups * keep);
  const places = new Uint8Array(groups * keep);
  const [from, to] = [bitsOf(data), bitsOf(values)];
  for (let group = 0, next = 0; group < groups; group++) {
    const first = group * of;
    const count = keptIn(kept, first, of);
    if (count > keep) {
      sparseFault(
        "nmFromDense",
        `the group from entry ${first} on keeps ${count}, expected at most ${keep}`,
        undefined,
        first,
      );
    }
    let filling = keep - count;
    for (let place = 0; place < of; place++) {
      const stored = kept[first + place] === 1;
      if (!stored && filling-- <= 0) continue;
      if (stored) to[next] = from[first + place] as number;
      places[next++] = place;
    }
  }
  return { format: "nm", rows, columns, keep, of, values, places: packCodes(places, placeBits(of)) };
}

/** Does every group of a matrix keep few enough, and do groups divide its rows? */
export function fitsNm(data: Float32Array, rows: number, columns: number, { keep, of, mask }: NmOptions): boolean {
  const kept = keptEntries("fitsNm", data, [rows, columns], mask);
  if (columns % of !== 0) return false;
  for (let first = 0; first < kept.length; first += of) if (keptIn(kept, first, of) > keep) return false;
  return true;
}

/** The row-major matrix, +0 where nothing is stored. Expects a matrix that `checkNm` accepts. */
export function nmToDense({ rows, columns, keep, of, values, places }: NmMatrix): Float32Array {
  const dense = new Float32Array(rows * columns);
  const [from, to] = [bitsOf(values), bitsOf(dense)];
  const codes = unpackCodes(places, placeBits(of), values.length);
  for (let i = 0; i < codes.length; i++) to[Math.floor(i / keep) * of + (codes[i] as number)] = from[i] as number;
  return dense;
}

/** Throws E_SPARSE or E_NM_SHAPE unless every group has its values at places that rise and lie inside of it. */
export function checkNm(where: string, matrix: NmMatrix, tensor?: string): void {
  const { rows, columns, keep, of, values, places } = matrix;
  checkSides(where, rows, columns, tensor);
  checkGroups(where, matrix, tensor);
  const count = ((rows * columns) / of) * keep;
  if (values.length !== count) sparseFault(where, `expected ${count} values, got ${values.length}`, tensor);
  const bits = placeBits(of);
  if (!endsCleanly(places, bits, count)) {
    sparseFault(
      where,
      `expected ${codeBytes(count, bits)} bytes of places, unused bits 0, got ${places.length}`,
      tensor,
    );
  }
  const codes = unpackCodes(places, bits, count);
  for (let i = 0; i < count; i++) {
    const place = codes[i] as number;
    if (place >= of) sparseFault(where, `place ${place} of value ${i} is outside its group of ${of}`, tensor, i);
    if (i % keep > 0 && place <= (codes[i - 1] as number)) {
      sparseFault(where, `place ${place} of value ${i} does not come after ${codes[i - 1]}`, tensor, i);
    }
  }
}

/** Bits of a place in a group: 2 for groups of 4, none would do for groups of 1 but 1 is taken. */
function placeBits(of: number): number {
  return Math.max(1, Math.ceil(Math.log2(of)));
}

function keptIn(kept: Uint8Array, first: number, of: number): number {
  let count = 0;
  for (let i = first; i < first + of; i++) count += kept[i] as number;
  return count;
}

function checkGroups(
  where: string,
  { columns, keep, of }: Pick<NmMatrix, "columns" | "keep" | "of">,
  tensor?: string,
): void {
  const whole = Number.isInteger(keep) && Number.isInteger(of);
  if (whole && keep >= 1 && keep <= of && of <= 256 && columns % of === 0) return;
  const subject = tensor === undefined ? "" : `${tensor}: `;
  const message = `${where}: ${subject}expected 1 <= keep <= of <= 256 with rows that groups divide`;
  throw new LotteryError("E_NM_SHAPE", `${message}, got ${keep} of ${of} in rows of ${columns}`, {
    ...(tensor === undefined ? {} : { tensor }),
  });
}

type NmArrays = { readonly values: Float32Array; readonly places: Uint8Array };

export const nmFormat: SparseFormat<NmMatrix, NmArrays> = {
  arrayTypes: { values: ["float32"], places: ["uint8"] },
  arrays: ({ values, places }) => ({ values, places }),
  parameters: ({ keep, of }) => ({ keep, of }),
  fromParts: ({ rows, columns }, { values, places }, { keep, of }) => {
    return { format: "nm", rows, columns, keep: keep as number, of: of as number, values, places };
  },
  toDense: nmToDense,
  check: checkNm,
};
