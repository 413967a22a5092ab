import type { LayerCall, Region } from "../../kernels.ts";

/** Calls `visit` with the number of each stored cell of the box: in the output, and in an input (0 for an input of 1 x 1). */
export function eachCell(
  call: LayerCall,
  inputs: readonly { readonly height: number; readonly width: number }[],
  visit: (to: number, first: number, second: number) => void,
): void {
  const { output, inputs: regions } = call;
  const cellIn = (index: number, y: number, x: number): number => {
    const region = regions[index] as Region | undefined;
    const map = inputs[index];
    if (region === undefined || map === undefined) return 0;
    const row = map.height === 1 ? 0 : y;
    const column = map.width === 1 ? 0 : x;
    return (row - region.top) * region.rowCells + (column - region.left);
  };
  for (let y = call.rowStart; y < call.rowEnd; y++) {
    for (let x = call.columnStart; x < call.columnEnd; x++) {
      visit((y - output.top) * output.rowCells + (x - output.left), cellIn(0, y, x), cellIn(1, y, x));
    }
  }
}
