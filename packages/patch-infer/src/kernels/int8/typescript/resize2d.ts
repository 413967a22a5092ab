import type { Resize2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import type { KernelRow } from "../../table.ts";
import { needSameScale, sharesIn1024ths } from "../requantize.ts";

/**
 * Codes of four neighbours times whole shares (1024ths along each axis), divided by 2^20, halves away from zero: TFLite's
 * RESIZE_BILINEAR. A share of 0 copies, so nearest is the same kernel.
 */
export const resize2d: KernelRow<Resize2d, KernelMemory> = (layer, maps, memory) => {
  needSameScale(layer, maps);
  const { rows, columns } = layer;
  const { channels } = maps.inputs[0] as FeatureMap;
  const rowShares = sharesIn1024ths(rows.share);
  const columnShares = sharesIn1024ths(columns.share);
  return {
    run: (call) => {
      const { codes, arenaStart } = memory;
      const from = call.inputs[0] as Region;
      const to = call.output;
      const at = (y: number, x: number): number =>
        arenaStart + from.address + ((y - from.top) * from.rowCells + (x - from.left)) * channels;
      for (let y = call.rowStart; y < call.rowEnd; y++) {
        const below = rowShares[y] as number;
        for (let x = call.columnStart; x < call.columnEnd; x++) {
          const right = columnShares[x] as number;
          // A neighbour without a share may lie outside of what is stored.
          const [top, bottom] = [rows.low[y] as number, (below === 0 ? rows.low[y] : rows.high[y]) as number];
          const [left, beyond] = [columns.low[x] as number, (right === 0 ? columns.low[x] : columns.high[x]) as number];
          const cell = arenaStart + to.address + ((y - to.top) * to.rowCells + (x - to.left)) * channels;
          const [a, b, c, d] = [at(top, left), at(top, beyond), at(bottom, left), at(bottom, beyond)];
          for (let channel = 0; channel < channels; channel++) {
            const sum =
              (1024 - below) * ((1024 - right) * code(codes, a + channel) + right * code(codes, b + channel)) +
              below * ((1024 - right) * code(codes, c + channel) + right * code(codes, d + channel));
            codes[cell + channel] = Math.trunc((sum + (sum > 0 ? 2 ** 19 : -(2 ** 19))) / 2 ** 20);
          }
        }
      }
    },
  };
};

function code(codes: Int8Array, at: number): number {
  return codes[at] as number;
}
