import { uniformFrom } from "../base/uniform.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import { cellCount, type Cells, newCells } from "./cells.ts";

/**
 * Cells for all inputs of a network, by name: uniform numbers in [-1, 1) for float32, uniform codes for int8. The same seed
 * gives the same cells.
 */
export function randomInputs(network: Network, seed: number): Record<string, Cells> {
  const uniform = uniformFrom(seed);
  return Object.fromEntries(
    network.inputs.map(({ name, map: mapName }) => {
      const map = network.maps[mapName] as FeatureMap;
      const cells = newCells(map.type, cellCount(map));
      for (let i = 0; i < cells.length; i++) {
        cells[i] = map.type === "float32" ? 2 * uniform() - 1 : Math.floor(256 * uniform()) - 128;
      }
      return [name, cells];
    }),
  );
}
