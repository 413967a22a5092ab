import type { Box } from "../../src/base/interval.ts";
import type { KernelFactory, LayerCall, Region } from "../../src/kernels/kernels.ts";
import type { Layer } from "../../src/network/layer.ts";
import type { CellType, FeatureMap, Network } from "../../src/network/network.ts";

/** A map of real numbers. */
export function floatMap(name: string, height: number, width: number, channels: number): FeatureMap {
  return { name, height, width, channels, type: "float32" };
}

export function bytesOf(type: CellType): number {
  return type === "float32" ? 4 : 1;
}

/** A network of these layers over these maps. */
export function networkOf(maps: readonly FeatureMap[], layers: readonly Layer[]): Network {
  return {
    name: "test",
    inputs: [],
    outputs: [],
    layers,
    maps: Object.fromEntries(maps.map((map) => [map.name, map])),
  };
}

/** Seeded numbers in [-1, 1), with float32 precision. */
export function randomFloats(size: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Where maps stand in a test's arena: whole or only the part of a box, with cells between the rows, and bytes between maps. */
export interface Placed {
  readonly map: FeatureMap;
  readonly region: Region;
  readonly bytes: number;
}

/** Stored cells around a box, which kernels must neither need nor touch. */
export interface Margin {
  /** Rows above it. */
  readonly above: number;
  /** Columns left of it, and at the right. */
  readonly left: number;
  readonly right: number;
}

const noMargin: Margin = { above: 0, left: 0, right: 0 };

/** Places the box of a map with a margin around it at an address. */
export function place(map: FeatureMap, box: Box, address: number, { above, left, right }: Margin): Placed {
  const rowCells = left + box.columns.end - box.columns.start + right;
  const rows = above + box.rows.end - box.rows.start;
  return {
    map,
    region: { address, top: box.rows.start - above, left: box.columns.start - left, rowCells },
    bytes: rows * rowCells * map.channels * bytesOf(map.type),
  };
}

export function wholeBox({ height, width }: FeatureMap): Box {
  return { rows: { start: 0, end: height }, columns: { start: 0, end: width } };
}

export function callOf(box: Box, inputs: readonly Region[], output: Region): LayerCall {
  return {
    rowStart: box.rows.start,
    rowEnd: box.rows.end,
    columnStart: box.columns.start,
    columnEnd: box.columns.end,
    inputs: [...inputs],
    output,
  };
}

/** Cells of a map or of a constant. */
export type Cells = Float32Array | Int8Array;

export interface RunLayerOptions {
  /** The box of the output; default: all of it. */
  readonly box?: Box;
  /** Around all maps. */
  readonly margin?: Margin;
  /** Bytes that stand in the arena wherever no input is. */
  readonly poison?: number;
  /** What stands at the output before, cell by cell of the box (to add to). */
  readonly before?: Cells;
  /** The `add` whose second layer of the network this is. */
  readonly accumulate?: boolean;
}

/**
 * Runs layer 0 of a network of one layer (or of a convolution and an `add`) on a box of its output, with whole inputs that
 * hold these cells. Returns the box's cells in row-major order.
 *
 * @throws Error when a byte outside the output's box changed.
 */
export function runLayer(
  factory: KernelFactory,
  network: Network,
  inputs: readonly Cells[],
  { box, margin = noMargin, poison = 0x7f, before, accumulate = false }: RunLayerOptions = {},
): Cells {
  const layer = network.layers[0] as Layer;
  const output = network.maps[layer.output] as FeatureMap;
  const outputBox = box ?? wholeBox(output);
  let address = 16;
  const placed = layer.inputs.map((name) => {
    const map = network.maps[name] as FeatureMap;
    const at = place(map, wholeBox(map), address, margin);
    address = align(address + at.bytes) + 16;
    return at;
  });
  const to = place(output, outputBox, address, margin);
  const kernels = factory(network, align(address + to.bytes) + 16);
  kernels.arena.fill(poison);
  placed.forEach(({ map, region }, index) =>
    setCells(kernels.arena, map, wholeBox(map), region, inputs[index] as Cells),
  );
  if (before !== undefined) setCells(kernels.arena, output, outputBox, to.region, before);
  const old = kernels.arena.slice();
  const call = callOf(
    outputBox,
    placed.map(({ region }) => region),
    to.region,
  );
  if (accumulate) kernels.runAccumulating(0, 1, call);
  else kernels.run(0, call);
  const result = getCells(kernels.arena, output, outputBox, to.region);
  // Put the old output back: then everything must be as it was.
  setCells(kernels.arena, output, outputBox, to.region, getCells(old, output, outputBox, to.region));
  old.forEach((byte, at) => {
    if (byte !== kernels.arena[at]) throw new Error(`byte ${at} outside the output changed`);
  });
  return result;
}

/** Cells [box] of an arena in row-major order. */
export function getCells(arena: Uint8Array, map: FeatureMap, box: Box, region: Region): Cells {
  const cells = cellsOf(arena, map.type);
  const values = positions(map, box, region).map((at) => cells[at] as number);
  return map.type === "float32" ? Float32Array.from(values) : Int8Array.from(values);
}

export function setCells(arena: Uint8Array, map: FeatureMap, box: Box, region: Region, values: Cells): void {
  const cells = cellsOf(arena, map.type);
  positions(map, box, region).forEach((at, index) => {
    cells[at] = values[index] as number;
  });
}

function cellsOf({ buffer, byteOffset, byteLength }: Uint8Array, type: CellType): Cells {
  return type === "float32"
    ? new Float32Array(buffer, byteOffset, Math.floor(byteLength / 4))
    : new Int8Array(buffer, byteOffset, byteLength);
}

function positions({ channels, type }: FeatureMap, { rows, columns }: Box, region: Region): number[] {
  const { address, top, left, rowCells } = region;
  const list: number[] = [];
  for (let y = rows.start; y < rows.end; y++) {
    for (let x = columns.start; x < columns.end; x++) {
      const first = address / bytesOf(type) + ((y - top) * rowCells + (x - left)) * channels;
      for (let c = 0; c < channels; c++) list.push(first + c);
    }
  }
  return list;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
