import type { LayerMaps } from "../../../layers/rule.ts";
import type { GlobalPool } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall, Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { clamped } from "./clamp.ts";
import { larger } from "./pool2d.ts";

/** Cells in row-major order: sums from 0, each rounded to float32, then (mean) divided by the number of cells. */
export function globalPool({ fn, clamp }: GlobalPool, { inputs }: LayerMaps, memory: KernelMemory): PreparedLayer {
  const { height, width, channels } = inputs[0] as FeatureMap;
  const start = fn === "max" ? Number.NEGATIVE_INFINITY : 0;
  const fold = (
    from: Region,
    channel: number,
    { rowStart, rowEnd, columnStart, columnEnd }: Box,
    so: number,
  ): number => {
    const { floats, arenaStart } = memory;
    let folded = so;
    for (let y = rowStart; y < rowEnd; y++) {
      const row = rowPosition(from, y, channels, 4, arenaStart) + channel;
      for (let x = columnStart; x < columnEnd; x++) {
        const value = floats[row + x * channels] as number;
        folded = fn === "max" ? larger(folded, value) : Math.fround(folded + value);
      }
    }
    return folded;
  };
  const finish = (folded: number): number =>
    clamped(fn === "mean" ? Math.fround(folded / (height * width)) : folded, clamp);
  const whole = { rowStart: 0, rowEnd: height, columnStart: 0, columnEnd: width };
  return {
    run: ({ inputs: [from], output }) => {
      const { floats, arenaStart } = memory;
      const to = rowPosition(output, 0, channels, 4, arenaStart);
      for (let c = 0; c < channels; c++) floats[to + c] = finish(fold(from as Region, c, whole, start));
    },
    runPooling: (call, sums, isFirst, isLast) => {
      const { floats, arenaStart } = memory;
      const to = rowPosition(call.output, 0, channels, 4, arenaStart);
      const at = (arenaStart + sums) / 4;
      for (let c = 0; c < channels; c++) {
        const folded = fold(call.inputs[0] as Region, c, call, isFirst ? start : (floats[at + c] as number));
        if (isLast) floats[to + c] = finish(folded);
        else floats[at + c] = folded;
      }
    },
  };
}

type Box = Pick<LayerCall, "rowStart" | "rowEnd" | "columnStart" | "columnEnd">;
