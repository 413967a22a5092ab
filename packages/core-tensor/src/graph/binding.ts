import { typeOf } from "../ops/apply.ts";
import type { Graph, ValueType } from "../ops/program.ts";
import { type TensorLike, tensor } from "../tensor/create.ts";
import { type Dim, dimSymbols, isSymbol, substituteDim } from "../tensor/dims.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";

export interface BoundInputs {
  /** In the order of `graph.inputs`. */
  readonly tensors: readonly Tensor[];
  /** The numbers of the symbolic dimensions. */
  readonly dims: Readonly<Record<string, number>>;
}

/**
 * Checks named inputs against a program and finds the numbers of its symbolic dimensions. Plain arrays and
 * numbers become tensors of the wanted dtype; tensors must have it.
 */
export function bindInputs(graph: Graph, inputs: Readonly<Record<string, TensorLike>>): BoundInputs {
  const unknown = Object.keys(inputs).filter((name) => !graph.inputs.includes(name));
  if (unknown.length > 0) {
    throw new ArgumentError({
      op: graph.name,
      argument: "inputs",
      expected: graph.inputs.join(", ") || "none",
      found: `unknown ${unknown.join(", ")}`,
    });
  }
  const tensors = graph.inputs.map((name) => {
    const value = inputs[name];
    const type = graph.types[name] as ValueType;
    if (value === undefined) {
      throw new ArgumentError({
        op: graph.name,
        argument: `input "${name}"`,
        expected: `${type.dtype} ${formatShape(type.shape)}`,
        found: "nothing",
      });
    }
    return isTensor(value) ? value : tensor(value, { dtype: type.dtype });
  });
  return { tensors, dims: bindDims(graph, tensors) };
}

/** What is known of the symbols of an expression, for the message of an error. */
function known(expression: Dim, symbols: Readonly<Record<string, Dim>>): string {
  const parts = dimSymbols(expression).map((name) =>
    symbols[name] === undefined ? `unknown ${name}` : `${name} = ${symbols[name]}`,
  );
  const advice = parts.some((part) => part.startsWith("unknown")) ? "; some input must have that dimension alone" : "";
  return ` with ${parts.join(", ")}${advice}`;
}

/** The numbers of a program's symbolic dimensions, from tensors in the order of `graph.inputs`. */
export function bindDims(graph: Graph, tensors: readonly Tensor[]): Record<string, number> {
  return unifyTypes(graph, tensors.map(typeOf)) as Record<string, number>;
}

/**
 * What the symbols of a program's inputs stand for when it is given values of these types (whose dimensions may
 * be symbolic themselves). Throws a DTypeError or ShapeError that names the input that does not fit.
 */
export function unifyTypes(graph: Graph, found: readonly ValueType[]): Record<string, Dim> {
  if (found.length !== graph.inputs.length) {
    throw new ArgumentError({
      op: graph.name,
      argument: "inputs",
      expected: `${graph.inputs.length} values`,
      found: String(found.length),
    });
  }
  const symbols: Record<string, Dim> = {};
  const expressions: (() => void)[] = [];
  graph.inputs.forEach((name, index) => {
    const type = graph.types[name] as ValueType;
    const value = found[index] as ValueType;
    const where = { op: graph.name, argument: `input "${name}"` };
    if (value.dtype !== type.dtype) throw new DTypeError({ ...where, expected: type.dtype, found: value.dtype });
    const check = (fits: boolean, detail = ""): void => {
      if (!fits)
        throw new ShapeError({
          ...where,
          expected: `${formatShape(type.shape)}${detail}`,
          found: formatShape(value.shape),
        });
    };
    check(value.shape.length === type.shape.length);
    type.shape.forEach((dim, axis) => {
      const actual = value.shape[axis] as Dim;
      if (typeof dim === "number") check(actual === dim);
      else if (!isSymbol(dim))
        expressions.push(() => check(substituteDim(dim, symbols) === actual, known(dim, symbols)));
      else if (symbols[dim] === undefined) symbols[dim] = actual;
      else check(symbols[dim] === actual, ` with ${dim} = ${symbols[dim]}`);
    });
  });
  // Polynomials are compared once every bare symbol has its value.
  for (const check of expressions) check();
  return symbols;
}
