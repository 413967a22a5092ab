import { length } from "../base/interval.ts";
import type { Binary, Convert, GlobalPool, Softmax, Unary } from "../network/layer.ts";
import type { FeatureMap } from "../network/network.ts";
import type { Axis, LayerRule } from "./rule.ts";

/** Length of a map along an axis. */
export function sizeOf(map: FeatureMap, axis: Axis): number {
  return axis === "rows" ? map.height : map.width;
}

/** Cell by cell. Only products that are added up count as multiply-accumulates, so these layers have none. */
const cellwise: LayerRule<Unary | Convert | Softmax> = {
  demand: (_layer, _index, _axis, output) => output,
  jump: () => 1,
  unit: () => 0,
  work: (_layer, _axis, output) => length(output),
};

export const unary: LayerRule<Unary> = cellwise;
export const convert: LayerRule<Convert> = cellwise;
export const softmax: LayerRule<Softmax> = cellwise;

export const binary: LayerRule<Binary> = {
  /** A map of 1 x 1 cells is read again for every cell of a larger one. */
  demand: (_layer, index, axis, output, maps) => {
    const input = maps.inputs[index];
    const repeated = input !== undefined && sizeOf(input, axis) === 1 && sizeOf(maps.output, axis) !== 1;
    return repeated ? { start: 0, end: 1 } : output;
  },
  jump: () => 1,
  unit: () => 0,
  work: (_layer, _axis, output) => length(output),
};

export const globalPool: LayerRule<GlobalPool> = {
  demand: () => null,
  jump: () => 1,
  unit: () => 0,
  work: (_layer, _axis, output) => length(output),
};
