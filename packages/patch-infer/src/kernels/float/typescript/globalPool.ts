import type { LayerMaps } from "../../../layers/rule.ts";
import type { GlobalPool } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { clamped } from "./clamp.ts";
import { larger } from "./pool2d.ts";

/** Cells in row-major order: sums from 0, each rounded to float32, then (mean) divided by the number of cells. */
export function globalPool({ fn, clamp }: GlobalPool, { inputs }: LayerMaps, memory: KernelMemory): PreparedLayer {
  const { height, width, channels } = inputs[0] as FeatureMap;
  return {
    run: ({ inputs: regions, output }) => {
      const { floats, arenaStart } = memory;
      const to = rowPosition(output, 0, channels, 4, arenaStart);
      for (let c = 0; c < channels; c++) {
        let folded = fn === "max" ? Number.NEGATIVE_INFINITY : 0;
        for (let y = 0; y < height; y++) {
          const row = rowPosition(regions[0] as Region, y, channels, 4, arenaStart);
          for (let x = 0; x < width; x++) {
            const value = floats[row + x * channels + c] as number;
            folded = fn === "max" ? larger(folded, value) : Math.fround(folded + value);
          }
        }
        floats[to + c] = clamped(fn === "mean" ? Math.fround(folded / (height * width)) : folded, clamp);
      }
    },
  };
}
