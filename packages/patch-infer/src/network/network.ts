import type { Layer } from "./layer.ts";

/** What the cells of a feature map are: float32, or quantised to int8 with one scale and zero point. */
export type CellType = "float32" | "int8";

/**
 * A value of the network that is computed at run time: height x width x channels cells, stored row by row with the
 * channels of a cell next to each other (as microcontrollers hold images), batch 1.
 *
 * A value with other than four axes is stored in its own row-major order: the last axis counts as channels, the one
 * before as width, all others as height.
 */
export interface FeatureMap {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly type: CellType;
  /** int8: a cell `q` stands for `scale * (q - zeroPoint)`. */
  readonly scale?: number;
  readonly zeroPoint?: number;
  /**
   * The map whose bytes these are, when this is only another way to see them (a reshape that moves nothing). It is never
   * itself a view. Height, width and channels may differ, their product doesn't.
   */
  readonly viewOf?: string;
}

/** An input or output of the program, and the feature map that holds it. */
export interface Port {
  /** The name in the program. */
  readonly name: string;
  readonly map: string;
  /** The shape in the program, batch 1. */
  readonly shape: readonly number[];
  /**
   * Where axis i of the program's shape (without leading axes of length 1 that were dropped) stands in memory: `"nchw"` for
   * images whose channels come first in the program (they are moved to the end), `"rowMajor"` for all others.
   */
  readonly layout: "nchw" | "rowMajor";
  /** The program's dtype of this port, for example float32 for a network whose inside is int8. */
  readonly dtype: "float32" | "int8" | "uint8";
}

/**
 * A CNN as a list of layers over feature maps, in an order in which they can run. Made from a program by `toNetwork`;
 * plain data but for the typed arrays with weights.
 */
export interface Network {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly layers: readonly Layer[];
  readonly maps: Readonly<Record<string, FeatureMap>>;
}
