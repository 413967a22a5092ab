import {
  type Dim,
  addDims as addPlain,
  dimsProduct as multiplyPlain,
  divideDims as dividePlain,
  subDims as subPlain,
} from "../tensor/dims.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type Recorder, SymbolicDim, isSymbolicDim, plainDim } from "./traced.ts";

/**
 * A computed dimension as a user's function holds it: a number, or a symbolic dimension that belongs to the
 * innermost recorder among `sources` (shapes or dimensions it was computed from). Typed as a number, as the
 * dimensions of a tensor's shape are.
 */
export function liveDim(dim: Dim, ...sources: readonly unknown[]): number {
  if (typeof dim === "number") return dim;
  let recorder: Recorder | undefined;
  for (const source of sources.flat()) {
    if (isSymbolicDim(source) && (recorder === undefined || source.recorder.level > recorder.level))
      recorder = source.recorder;
  }
  // Without a recorder the expression itself is handed on; whoever has no value for it will say so.
  const live: unknown = recorder === undefined ? dim : new SymbolicDim(dim, recorder);
  return live as number;
}

/** The sum of dimensions, any of which may be symbolic. */
export function addDims(...dims: readonly number[]): number {
  return liveDim(dims.map(plainDim).reduce(addPlain, 0), dims);
}

/** `a - b` for dimensions, either of which may be symbolic. */
export function subDims(a: number, b: number): number {
  return liveDim(subPlain(plainDim(a), plainDim(b)), a, b);
}

/** The product of dimensions, any of which may be symbolic; 1 for none. */
export function mulDims(...dims: readonly number[]): number {
  return liveDim(multiplyPlain(dims.map(plainDim)), dims);
}

/**
 * `a / b` for dimensions, either of which may be symbolic.
 *
 * @throws ArgumentError when the division is not exact for all values of the symbols.
 */
export function divideDims(a: number, b: number): number {
  const quotient = plainDim(b) === 0 ? undefined : dividePlain(plainDim(a), plainDim(b));
  if (quotient === undefined) {
    throw new ArgumentError({
      op: "divideDims",
      expected: "a dimension that the second one divides",
      found: `${a} / ${b}`,
    });
  }
  return liveDim(quotient, a, b);
}

/** Are two dimensions equal for all values of their symbols? */
export function sameDim(a: number, b: number): boolean {
  return plainDim(a) === plainDim(b);
}
