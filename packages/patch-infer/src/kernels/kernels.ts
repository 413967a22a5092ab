import type { Network } from "../network/network.ts";

/**
 * Where the stored part of a map stands in the arena: channel c of the cell (y, x) of the map is found
 * `((y - top) * rowCells + (x - left)) * channels + c` cells after `address`.
 */
export interface Region {
  /** Bytes from the start of the arena. */
  address: number;
  top: number;
  left: number;
  /** Cells from one stored row to the next. */
  rowCells: number;
}

/**
 * One run of a layer: which box of its output, and where maps stand. Boxes are in the map's own coordinates, so that a layer
 * knows from them alone where the image ends and its padding begins. Kernels read it and keep nothing of it; the executor
 * writes into the same object again, because a run allocates nothing.
 */
export interface LayerCall {
  rowStart: number;
  rowEnd: number;
  columnStart: number;
  columnEnd: number;
  /** One per input of the layer. */
  readonly inputs: Region[];
  readonly output: Region;
}

/**
 * The arithmetic of a network over one arena. The order in which products are added up is fixed per output cell: it depends
 * on nothing but the layer, so any box gives the bits that the whole image gives.
 */
export interface Kernels {
  /** `"wasm"`, `"typescript"`, or the name of your own. */
  readonly engine: string;
  /** The arena. Addresses in calls count from its start. */
  readonly arena: Uint8Array;
  /** Bytes that the kernels hold besides the arena while they run: weights in their order, tables, scratch. */
  readonly constantBytes: number;
  /** Runs a layer of the network (by its position) on a box. */
  run(layer: number, call: LayerCall): void;
  /**
   * Runs a convolution whose results are at once added to what stands at the output, as the layer `add` says: its inputs are
   * the convolution's output and the map that stands there.
   */
  runAccumulating(convolution: number, add: number, call: LayerCall): void;
  /**
   * Runs a depthwise convolution whose output overwrites its input, channel over channel. So that no input is lost before it was
   * read, `channelBlock` channels at a time may be computed into `scratch` (bytes from the start of the arena, room for the box
   * with `channelBlock` channels) and then be written.
   */
  runInPlace(layer: number, call: LayerCall, scratch: number, channelBlock: number): void;
  /**
   * Runs a part of a global pooling: adds a box of its input (here the box of the call) to the running sums, 4 bytes per channel at
   * `sums` (bytes from the start of the arena, a multiple of 4). The first part begins them, the last one writes the output. Parts
   * that are given in row-major order of their cells have the bits of the whole image; codes, and largest numbers, in any order.
   */
  runPooling(layer: number, call: LayerCall, sums: number, isFirst: boolean, isLast: boolean): void;
}

/** Prepares a network: packs weights, reserves an arena of exactly `arenaBytes`. */
export type KernelFactory = (network: Network, arenaBytes: number) => Kernels;
