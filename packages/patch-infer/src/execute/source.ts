import type { Tensor } from "@parsimony/core-tensor";
import type { Box } from "../base/interval.ts";
import type { Cells } from "./cells.ts";

/**
 * Gives a part of an input: writes the cells of `box` into `into`, row by row, channels next to each other. Both objects are used
 * again for the next part, so nothing of them may be kept.
 */
export type TileSource = (box: Box, into: Cells) => void | Promise<void>;

/**
 * An input: a tensor in the program's shape and dtype; the cells of its feature map as they are stored (height x width x
 * channels, in the map's cell type; read in place, never copied as a whole); or a function that is asked for parts.
 */
export type InputSource = Tensor | Cells | TileSource;

/** The input of a network with one, or inputs by name. */
export type Inputs = InputSource | Readonly<Record<string, InputSource>>;

/**
 * Takes a part of an output that leaves the arena: `cells` are those of `box`, row by row, channels next to each other. Both objects
 * are used again for the next part, so nothing of them may be kept.
 */
export type TileSink = (name: string, box: Box, cells: Cells) => void | Promise<void>;
