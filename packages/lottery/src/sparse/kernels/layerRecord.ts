import type { Layout } from "./layout.ts";

/** Where a layer's product is repeated, in elements. A plain product has one place. */
export interface Places {
  readonly countY: number;
  readonly countX: number;
  readonly inputStepY: number;
  readonly inputStepX: number;
  readonly outputStepY: number;
  readonly outputStepX: number;
}

/** What a layer does around its weights. */
export interface LayerShape {
  /** One per output. */
  readonly bias?: Float32Array;
  readonly activation: "none" | "relu";
  /** Elements from one output to the next. */
  readonly outputStride: number;
  readonly places: Places;
}

/** The one place of a plain product. */
export const onePlace: Places = {
  countY: 1,
  countX: 1,
  inputStepY: 0,
  inputStepX: 0,
  outputStepY: 0,
  outputStepX: 0,
};

const recordBytes = 64;

/** Bytes that `placeLayer` needs at most. */
export function placedBytes({ starts, rows, values, index }: Layout): number {
  const parts = [starts.byteLength, rows.byteLength, values.byteLength, index.byteLength, 4 * rows.length, recordBytes];
  return parts.reduce((sum, bytes) => sum + aligned(bytes), 0);
}

/** The next multiple of 16. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

/**
 * Writes a layer into a kernels' memory: its arrays and the record that the kernels read (the fields of `Layer` in kernels.as).
 *
 * @param at a multiple of 16.
 * @returns the address of the record, and of the first byte behind everything.
 */
export function placeLayer(
  memory: ArrayBuffer,
  at: number,
  layout: Layout,
  { bias, activation, outputStride, places }: LayerShape,
): { readonly layer: number; readonly end: number } {
  let next = at + recordBytes;
  const place = (array: Uint32Array | Uint16Array | Float32Array): number => {
    const address = next;
    new Uint8Array(memory).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), address);
    next += aligned(array.byteLength);
    return address;
  };
  const { starts, rows, values, index } = layout;
  const slotBias = Float32Array.from(rows, (row) => bias?.[row] ?? 0);
  const addresses = [starts, rows, values, index, slotBias].map(place);
  const { countY, countX, inputStepY, inputStepX, outputStepY, outputStepX } = places;
  new Uint32Array(memory, at, 15).set([
    layoutCode(layout),
    rows.length / 4,
    ...addresses,
    activation === "relu" ? 1 : 0,
    outputStride,
    countY,
    countX,
    inputStepY,
    inputStepX,
    outputStepY,
    outputStepX,
  ]);
  return { layer: at, end: next };
}

function layoutCode({ name, index }: Layout): number {
  if (name === "dense" && index.length === 0) return 0;
  return (name === "sliced" ? 3 : 1) + (index instanceof Uint16Array ? 0 : 1);
}
