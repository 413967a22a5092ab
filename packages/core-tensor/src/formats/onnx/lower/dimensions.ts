import { type Dim, canonicalDim, dimTerms } from "../../../tensor/dims.ts";
import type { ValueType } from "../../../ops/program.ts";
import type { DType } from "../../../tensor/dtype.ts";
import type { Emitter } from "./emitter.ts";

/**
 * Dimensions as int64 values of the running program. A symbol is read from the shape of a program input that has it
 * as a bare dimension, once per file; polynomials are computed from symbols. All of it stands in the main graph,
 * whose values loop bodies see by name.
 */
export function dimVector(emitter: Emitter, dim: Dim): string {
  if (typeof dim === "number") return emitter.ints([dim]);
  const { main } = emitter;
  const { dims } = main.program;
  const key = canonicalDim(dim) as string;
  const known = dims.get(key);
  if (known !== undefined) return known;
  const terms = dimTerms(key);
  const [first] = terms;
  const bare = terms.length === 1 && first?.coefficient === 1 && first.symbols.length === 1;
  const value = bare ? readSymbol(main, first.symbols[0] as string) : polynomial(main, terms);
  dims.set(key, value);
  return value;
}

function polynomial(main: Emitter, terms: ReturnType<typeof dimTerms>): string {
  const values = terms.map(({ coefficient, symbols }) => {
    const factors = symbols.map((name) => dimVector(main, name));
    if (coefficient !== 1 || factors.length === 0) factors.push(main.ints([coefficient]));
    return factors.reduce((product, factor) => main.emit("Mul", [product, factor]));
  });
  return values.reduce((sum, value) => main.emit("Add", [sum, value]));
}

function readSymbol(main: Emitter, symbol: string): string {
  for (const name of main.graph.inputs) {
    const axis = (main.graph.types[name] as ValueType).shape.indexOf(symbol);
    if (axis >= 0) return readDim(main, name, axis);
  }
  main.refuse(`the symbolic dimension "${symbol}" is not a dimension of any input, so its value is unknown`);
  return main.ints([1]);
}

function readDim(main: Emitter, name: string, axis: number): string {
  if (main.opset >= 15) return main.node("Shape", [name], { start: axis, end: axis + 1 }, ["int64"])[0] as string;
  const shape = main.node("Shape", [name], {}, ["int64"])[0] as string;
  return main.emit("Gather", [shape, main.ints([axis])], { axis: 0 });
}

/** A shape as a vector of int64. */
export function shapeVector(emitter: Emitter, shape: readonly Dim[]): string {
  if (shape.every((dim) => typeof dim === "number")) return emitter.ints(shape);
  const parts: string[] = [];
  for (let i = 0; i < shape.length; ) {
    // Neighbouring numbers make one constant.
    const from = i;
    while (i < shape.length && typeof shape[i] === "number") i++;
    parts.push(i > from ? emitter.ints(shape.slice(from, i) as number[]) : dimVector(emitter, shape[i++] as Dim));
  }
  return parts.length === 1 ? (parts[0] as string) : emitter.emit("Concat", parts, { axis: 0 });
}

/** A dimension as a scalar of a dtype. */
export function dimScalar(emitter: Emitter, dim: Dim, dtype: DType): string {
  if (typeof dim === "number") return emitter.scalar(dtype, dim);
  return emitter.cast(emitter.emit("Squeeze", [dimVector(emitter, dim), emitter.ints([0])]), dtype);
}
