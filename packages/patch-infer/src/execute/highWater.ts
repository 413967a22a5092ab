import type { LayerCall } from "../kernels/kernels.ts";

/** The highest byte that was written so far, plus one. */
export interface HighWater {
  bytes: number;
}

/** Notes that rows of `count` cells were written: the last of them begins at `lastRow` bytes. */
export function touch(mark: HighWater, lastRow: number, bytes: number): void {
  if (lastRow + bytes > mark.bytes) mark.bytes = lastRow + bytes;
}

/** Notes the box that a call writes; `cell` is the bytes of one output cell with all channels. */
export function touchCall(mark: HighWater, call: LayerCall, cell: number): void {
  const { address, top, left, rowCells } = call.output;
  const last = (call.rowEnd - 1 - top) * rowCells + (call.columnEnd - left);
  touch(mark, address, last * cell);
}
