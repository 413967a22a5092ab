import type { CFunction } from "./variant.ts";

/** Where the taps of a window fall inside the image. */
export const inside: CFunction = {
  name: "net_inside",
  needs: [],
  text: `typedef struct {
  int32_t first;
  int32_t end;
} net_range;

/* Taps first <= k < end of a window of which start + k * dilation lies in [0, size). */
static inline net_range net_inside(int32_t start, int32_t dilation, int32_t kernel, int32_t size)
{
  net_range taps = { 0, kernel };
  if (start < 0) taps.first = (dilation - 1 - start) / dilation;
  if (start + (kernel - 1) * dilation >= size) taps.end = start < size ? (size - 1 - start) / dilation + 1 : 0;
  if (taps.end < taps.first) taps.end = taps.first;
  return taps;
}
`,
};

export const cellAt: CFunction = {
  name: "net_cell",
  needs: [],
  text: `/* Number of the cell (row, column) of a map among the stored ones. */
static inline int32_t net_cell(const net_region *region, int32_t row, int32_t column)
{
  return (row - region->top) * region->row_cells + (column - region->left);
}
`,
};
