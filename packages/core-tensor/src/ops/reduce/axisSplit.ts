import { sizeOf } from "../../tensor/shape.ts";

/**
 * A dense array seen as `[outer, length, inner]` around one axis: element (o, i, k) lies at
 * `(o * length + i) * inner + k`.
 */
export interface AxisSplit {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** The split of a shape around an axis. */
export function axisSplit(shape: readonly number[], axis: number): AxisSplit {
  return {
    outer: sizeOf(shape.slice(0, axis)),
    length: shape[axis] as number,
    inner: sizeOf(shape.slice(axis + 1)),
  };
}

/** Calls `visit` with the start of each line along the axis; neighbours on a line lie `inner` apart. */
export function forEachLine({ outer, length, inner }: AxisSplit, visit: (start: number, line: number) => void): void {
  for (let o = 0, line = 0; o < outer; o++) {
    for (let k = 0; k < inner; k++, line++) visit(o * length * inner + k, line);
  }
}
