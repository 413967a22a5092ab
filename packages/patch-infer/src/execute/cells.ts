import type { CellType, FeatureMap } from "../network/network.ts";

/** Cells of a feature map as they are stored, channels next to each other. */
export type Cells = Float32Array | Int8Array;

export const cellBytes: Readonly<Record<CellType, number>> = { float32: 4, int8: 1 };

/** New cells, all 0. */
export function newCells(type: CellType, count: number): Cells {
  return type === "float32" ? new Float32Array(count) : new Int8Array(count);
}

export function cellCount({ height, width, channels }: FeatureMap): number {
  return height * width * channels;
}

/** The arena seen as cells of either type. */
export interface ArenaViews {
  readonly bytes: Uint8Array;
  readonly float32: Float32Array;
  readonly int8: Int8Array;
}

export function arenaViews(arena: Uint8Array): ArenaViews {
  const { buffer, byteOffset, length } = arena;
  return {
    bytes: arena,
    float32: new Float32Array(buffer, byteOffset, length >> 2),
    int8: new Int8Array(buffer, byteOffset, length),
  };
}

/** Copies `rows` rows of `count` cells each between arrays of the same type; strides and starts count cells. */
export function copyRows(
  from: Cells,
  fromStart: number,
  fromStride: number,
  into: Cells,
  intoStart: number,
  intoStride: number,
  rows: number,
  count: number,
): void {
  for (let row = 0; row < rows; row++) {
    const source = fromStart + row * fromStride;
    const target = intoStart + row * intoStride;
    for (let i = 0; i < count; i++) into[target + i] = from[source + i] as number;
  }
}
