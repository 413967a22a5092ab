/**
 * The kernels over a memory of their own. Addresses are bytes in it; floats and whole numbers stand at multiples of four.
 * Both implementations give the same bits.
 */
export interface Kernels {
  readonly engine: "wasm" | "typescript";
  readonly memory: ArrayBuffer;
  /** Runs the layer whose record stands at `layer`, see `placeLayer`. */
  run(layer: number, mode: Mode, x: number, y: number): void;
  /** Vectors [lanes, size] one after the other -> side by side [size, lanes]. */
  interleave(from: number, to: number, size: number, lanes: number): void;
  /** Vectors side by side [size, lanes] -> one after the other [lanes, size]. */
  separate(from: number, to: number, size: number, lanes: number): void;
}

/**
 * What stands side by side, as one element of inputs and outputs: one vector (0), four vectors (1), eight vectors (2), or
 * the elements of one image, done four neighbours at a time (3; for layers with at least four places in a row, one element
 * apart in inputs and outputs).
 */
export type Mode = 0 | 1 | 2 | 3;

/** Floats in an element. */
export const elementFloats: Readonly<Record<Mode, number>> = { 0: 1, 1: 4, 2: 8, 3: 1 };
