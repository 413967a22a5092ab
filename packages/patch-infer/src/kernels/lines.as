// Windows whose results overwrite what they read: rows of the input are set aside before their place is written. It is done in bands
// of rows, for some channels at a time:
//
//   if (!begin(lines, call)) ...;
//   while (nextBand(lines, call)) run the channels [lines.first, lines.end) of the call's box, reading cells of lines.cellChannels;
//   restore(lines, call);

import { Call } from "./call";

@unmanaged
export class Lines {
  height: i32;
  width: i32;
  /** The window of output position p reads `span` positions from `origin + p * stride` on, those that are in the image. */
  spanY: i32;
  spanX: i32;
  strideY: i32;
  strideX: i32;
  originY: i32;
  originX: i32;
  /** Channels of a cell, and bytes of one of them. */
  channels: i32;
  channelBytes: i32;
  /** Outside of the arena, for `spanY` rows (or all) of 16 bytes per cell at least. */
  roomBytes: i32;
  room: usize;

  /** The channels of this turn. */
  first: i32;
  end: i32;
  /** Channels of each cell that are set aside. */
  cellChannels: i32;
  /** Cells of the input that the box needs. */
  top: i32;
  bottom: i32;
  left: i32;
  cells: i32;
  /** Rows that there is room for. */
  capacity: i32;
  /** The rows that are set aside are [base, filled). */
  base: i32;
  filled: i32;
  /** The call as it was. */
  input: usize;
  inputTop: i32;
  inputLeft: i32;
  inputRowCells: i32;
  rowStart: i32;
  rowEnd: i32;
}

/** False, with nothing done, if a row would be written where a later one still reads. */
export function begin(lines: Lines, call: Call): bool {
  const top = max(0, lines.originY + call.rowStart * lines.strideY);
  const bottom = max(top, min(lines.height, lines.originY + (call.rowEnd - 1) * lines.strideY + lines.spanY));
  const left = max(0, lines.originX + call.columnStart * lines.strideX);
  const right = min(lines.width, lines.originX + (call.columnEnd - 1) * lines.strideX + lines.spanX);
  const cells = max(1, right - left);
  const cellBytes = lines.channels * lines.channelBytes;
  if (!isFree(call, lines, left, bottom, cellBytes)) return false;

  // Channels in units of 16 bytes: so many that there is room for about two windows.
  const units = (cellBytes + 15) >> 4;
  const wanted = max(1, min(bottom - top, 2 * lines.spanY)) * cells << 4;
  const most = max(1, min(units, lines.roomBytes / wanted));
  const turns = (units + most - 1) / most;
  const cellChannels = turns == 1 ? lines.channels : (((units + turns - 1) / turns) << 4) / lines.channelBytes;
  const capacity = lines.roomBytes / (cells * cellChannels * lines.channelBytes);
  if (capacity < min(lines.spanY, bottom - top)) return false;

  lines.first = 0;
  lines.end = min(cellChannels, lines.channels);
  lines.cellChannels = cellChannels;
  lines.top = top;
  lines.bottom = bottom;
  lines.left = left;
  lines.cells = cells;
  lines.capacity = capacity;
  lines.base = top;
  lines.filled = top;
  lines.input = call.input;
  lines.inputTop = call.inputTop;
  lines.inputLeft = call.inputLeft;
  lines.inputRowCells = call.inputRowCells;
  lines.rowStart = call.rowStart;
  lines.rowEnd = call.rowEnd;
  call.inputLeft = left;
  call.inputRowCells = cells;
  call.rowEnd = call.rowStart;
  return true;
}

/** Is every row written before the place of the rows that are not yet set aside, and channel over channel? */
function isFree(call: Call, lines: Lines, left: i32, bottom: i32, cellBytes: i32): bool {
  if (<i32>(call.output - call.input) % cellBytes != 0) return false;
  for (let y = call.rowStart; y < call.rowEnd; y++) {
    const next = max(0, lines.originY + y * lines.strideY + lines.spanY);
    if (next >= bottom) return true;
    const written = (y - call.outputTop) * call.outputRowCells + call.columnEnd - call.outputLeft;
    const read = (next - call.inputTop) * call.inputRowCells + left - call.inputLeft;
    if (call.output + written * cellBytes > call.input + read * cellBytes) return false;
  }
  return true;
}

/** Makes the call that of the next band. False when all are done. */
export function nextBand(lines: Lines, call: Call): bool {
  if (call.rowEnd == lines.rowEnd) {
    if (lines.end == lines.channels) return false;
    lines.first = lines.end;
    lines.end = min(lines.first + lines.cellChannels, lines.channels);
    lines.base = lines.top;
    lines.filled = lines.top;
    call.rowEnd = lines.rowStart;
  }
  const y = call.rowEnd;
  const bottom = lines.bottom;
  const start = min(bottom, max(lines.top, lines.originY + y * lines.strideY));
  let next = lines.rowEnd;
  let needed = bottom;
  if (bottom - start > lines.capacity) {
    next = (start + lines.capacity - lines.spanY - lines.originY) / lines.strideY + 1;
    needed = max(start, lines.originY + (next - 1) * lines.strideY + lines.spanY);
  }
  setAside(lines, start, needed);
  call.input = lines.room - lines.first * lines.channelBytes;
  call.inputTop = start;
  call.rowStart = y;
  call.rowEnd = next;
  return true;
}

/** Makes [start, end) the rows that are set aside; those that are there already move up. */
function setAside(lines: Lines, start: i32, end: i32): void {
  const bytes = <usize>(lines.cellChannels * lines.channelBytes);
  const rowBytes = <usize>lines.cells * bytes;
  const room = lines.room;
  if (lines.filled > start) {
    memory.copy(room, room + <usize>(start - lines.base) * rowBytes, <usize>(lines.filled - start) * rowBytes);
  }
  const cellBytes = <usize>(lines.channels * lines.channelBytes);
  const first = max(start, lines.filled);
  let from =
    lines.input +
    <usize>((first - lines.inputTop) * lines.inputRowCells + lines.left - lines.inputLeft) * cellBytes +
    <usize>(lines.first * lines.channelBytes);
  let to = room + <usize>(first - start) * rowBytes;
  for (let row = first; row < end; row++) {
    if (bytes == cellBytes) memory.copy(to, from, rowBytes);
    else copyCells(from, cellBytes, to, bytes, to + rowBytes);
    from += <usize>lines.inputRowCells * cellBytes;
    to += rowBytes;
  }
  lines.base = start;
  lines.filled = end;
}

/** The first `bytes` bytes (a multiple of 16) of each cell of a row. */
// @ts-ignore: decorator
@inline
function copyCells(from: usize, cellBytes: usize, to: usize, bytes: usize, end: usize): void {
  while (to < end) {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
    from += cellBytes;
    to += bytes;
  }
}

export function restore(lines: Lines, call: Call): void {
  call.input = lines.input;
  call.inputTop = lines.inputTop;
  call.inputLeft = lines.inputLeft;
  call.inputRowCells = lines.inputRowCells;
  call.rowStart = lines.rowStart;
  call.rowEnd = lines.rowEnd;
}
