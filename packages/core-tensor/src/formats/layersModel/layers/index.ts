import type { LayerReader } from "../layer.ts";
import { convolutions } from "./convolution.ts";
import { mergings } from "./merging.ts";
import { poolings } from "./pooling.ts";
import { simpleLayers } from "./simple.ts";

/** How each class of layers is read. */
export const layerReaders: ReadonlyMap<string, LayerReader> = new Map(
  Object.entries({ ...convolutions, ...mergings, ...poolings, ...simpleLayers }),
);
