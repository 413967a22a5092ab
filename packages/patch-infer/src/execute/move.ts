import { type HighWater, touch } from "./highWater.ts";
import type { Place } from "./schedule.ts";

/**
 * Makes what is kept of the patch before stand where patch (row, column) looks for it: columns move to the left edge of the
 * buffer, rows to its top.
 */
export function moveKept(arena: Uint8Array, place: Place, row: number, column: number, mark: HighWater): void {
  if (place.keepsColumns && column > 0) moveColumns(arena, place, row, column, mark);
  if (place.keepsRows && row > 0) moveRows(arena, place, row, column, mark);
}

function moveColumns(arena: Uint8Array, place: Place, row: number, column: number, mark: HighWater): void {
  const { from, to } = place.columns as NonNullable<Place["columns"]>;
  const start = from[column] as number;
  const shift = (start - (from[column - 1] as number)) * place.cell;
  const bytes = ((to[column - 1] as number) - start) * place.cell;
  if (shift <= 0 || bytes <= 0) return;
  const { from: firsts, to: ends } = place.rows as NonNullable<Place["rows"]>;
  const rows = (ends[row] as number) - (firsts[row] as number);
  const stride = place.buffer.columns * place.cell;
  for (let i = 0; i < rows; i++) {
    const target = place.buffer.offset + i * stride;
    arena.copyWithin(target, target + shift, target + shift + bytes);
    touch(mark, target, bytes);
  }
}

function moveRows(arena: Uint8Array, place: Place, row: number, column: number, mark: HighWater): void {
  const { from, to } = place.rows as NonNullable<Place["rows"]>;
  const start = from[row] as number;
  const shift = start - (from[row - 1] as number);
  const kept = (to[row - 1] as number) - start;
  if (shift <= 0 || kept <= 0) return;
  const { from: lefts, to: rights } = place.columns as NonNullable<Place["columns"]>;
  const bytes = ((rights[column] as number) - (lefts[column] as number)) * place.cell;
  const stride = place.buffer.columns * place.cell;
  for (let i = 0; i < kept; i++) {
    const target = place.buffer.offset + i * stride;
    arena.copyWithin(target, target + shift * stride, target + shift * stride + bytes);
    touch(mark, target, bytes);
  }
}

/** Copies the rows above the new ones from the line buffer into the new columns of the patch. */
export function takeLines(arena: Uint8Array, place: Place, row: number, column: number, mark: HighWater): void {
  if (place.lines === undefined || row === 0) return;
  const { from, compute } = place.rows as NonNullable<Place["rows"]>;
  copyLines(arena, place, row, column, from[row] as number, compute[row] as number, from[row] as number, false, mark);
}

/** Copies the rows that the next row of patches needs from the new columns of the patch into the line buffer. */
export function giveLines(arena: Uint8Array, place: Place, row: number, column: number, mark: HighWater): void {
  const rows = place.rows;
  if (place.lines === undefined || rows === undefined || row + 1 >= rows.from.length) return;
  const next = rows.from[row + 1] as number;
  copyLines(arena, place, row, column, next, rows.to[row] as number, next, true, mark);
}

/** Rows [start, end) of the new columns between the patch and the lines, whose first row is `top`. */
function copyLines(
  arena: Uint8Array,
  place: Place,
  row: number,
  column: number,
  start: number,
  end: number,
  top: number,
  intoLines: boolean,
  mark: HighWater,
): void {
  const lines = place.lines as NonNullable<Place["lines"]>;
  const { from, compute, to } = place.columns as NonNullable<Place["columns"]>;
  const left = compute[column] as number;
  const bytes = ((to[column] as number) - left) * place.cell;
  if (bytes <= 0) return;
  const patchTop = (place.rows as NonNullable<Place["rows"]>).from[row] as number;
  const patchLeft = left - (from[column] as number);
  for (let y = start; y < end; y++) {
    const inPatch = place.buffer.offset + ((y - patchTop) * place.buffer.columns + patchLeft) * place.cell;
    const inLines = lines.offset + ((y - top) * lines.columns + left) * place.cell;
    const target = intoLines ? inLines : inPatch;
    const origin = intoLines ? inPatch : inLines;
    arena.copyWithin(target, origin, origin + bytes);
    touch(mark, target, bytes);
  }
}
