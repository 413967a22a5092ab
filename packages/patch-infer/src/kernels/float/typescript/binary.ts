import type { LayerMaps } from "../../../layers/rule.ts";
import type { Binary, BinaryFunction } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { clamped } from "./clamp.ts";

/** Results before rounding to float32. */
const functions: Readonly<Record<BinaryFunction, (left: number, right: number) => number>> = {
  add: (left, right) => left + right,
  sub: (left, right) => left - right,
  mul: (left, right) => left * right,
  div: (left, right) => left / right,
  minimum: Math.min,
  maximum: Math.max,
  rsub: (left, right) => right - left,
  rdiv: (left, right) => right / left,
};

/** An operand of 1 x 1 cells is read again for every cell, one of one channel for every channel. */
export function binary(
  { fn, constant, clamp }: Binary,
  { inputs, output }: LayerMaps,
  memory: KernelMemory,
): PreparedLayer {
  const apply = functions[fn];
  const { channels } = output;
  const [left, right] = inputs as [FeatureMap, FeatureMap?];
  const steps = (
    map: FeatureMap | undefined,
  ): { readonly cell: number; readonly channel: number; readonly single: boolean } => {
    const own = map === undefined ? (constant?.length ?? 0) : map.channels;
    const single = map === undefined || (map.height === 1 && map.width === 1);
    return { cell: single ? 0 : own, channel: own === 1 ? 0 : 1, single };
  };
  const a = steps(left);
  const b = steps(right);
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: outputRegion }) => {
      const { floats, arenaStart } = memory;
      const rights = right === undefined ? (constant as Float32Array) : floats;
      for (let y = rowStart; y < rowEnd; y++) {
        const to = rowPosition(outputRegion, y, channels, 4, arenaStart);
        const fromA = rowPosition(regions[0] as Region, a.single ? 0 : y, left.channels, 4, arenaStart);
        const fromB =
          right === undefined ? 0 : rowPosition(regions[1] as Region, b.single ? 0 : y, right.channels, 4, arenaStart);
        for (let x = columnStart; x < columnEnd; x++) {
          for (let c = 0; c < channels; c++) {
            const value = apply(
              floats[fromA + x * a.cell + c * a.channel] as number,
              rights[fromB + x * b.cell + c * b.channel] as number,
            );
            floats[to + x * channels + c] = clamped(Math.fround(value), clamp);
          }
        }
      }
    },
  };
}
