import type { Region } from "./kernels.ts";

/**
 * Where channel 0 of column 0 of a row of a map would stand, counted in cells: cell (y, x) begins `x * channels` further on.
 * (Column 0 itself need not be stored.)
 *
 * @param arenaStart in bytes.
 */
export function rowPosition(region: Region, y: number, channels: number, cellBytes: 1 | 4, arenaStart: number): number {
  const first = (arenaStart + region.address) / cellBytes;
  return first + ((y - region.top) * region.rowCells - region.left) * channels;
}
