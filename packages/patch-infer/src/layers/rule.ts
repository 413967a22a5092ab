import type { Interval } from "../base/interval.ts";
import type { Layer } from "../network/layer.ts";
import type { FeatureMap } from "../network/network.ts";

/** The two axes along which images are cut. */
export type Axis = "rows" | "columns";

/** The maps around a layer. */
export interface LayerMaps {
  readonly inputs: readonly FeatureMap[];
  readonly output: FeatureMap;
}

/** What planning knows of a kind of layer. All of it is exact and separable: rows and columns do not know each other. */
export interface LayerRule<L extends Layer> {
  /**
   * The positions of input `index` that output positions `output` are made from, along one axis, not yet clipped to the image:
   * positions outside are the layer's own padding. `null` when the layer needs the whole image along this axis, whatever is
   * asked for. Never called with an empty interval.
   */
  demand(layer: L, index: number, axis: Axis, output: Interval, maps: LayerMaps): Interval | null;
  /** Input positions from the demand of one output position to that of the next, on average. Only asked where `demand` is not null. */
  jump(layer: L, axis: Axis, maps: LayerMaps): number;
  /** Multiply-accumulates of a box of the output are `unit * work(rows) * work(columns)`; taps that fall into padding count. */
  unit(layer: L, maps: LayerMaps): number;
  work(layer: L, axis: Axis, output: Interval): number;
}
