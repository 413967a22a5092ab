import {
  type Dim,
  type Graph,
  type HostTensor,
  type ValueType,
  evaluateDim,
  interpret,
  tensor,
} from "@parsimony/core-tensor";

/** What a program computes for one input, value by value. */
export type Values = ReadonlyMap<string, HostTensor>;

/**
 * Every value of the program for inputs of zeros, with every unknown length at 1: where a slice is known not to depend on the
 * inputs, this is its value. Nothing when the program cannot be run like this.
 */
export function probe(graph: Graph): Values | undefined {
  const values = new Map<string, HostTensor>();
  try {
    interpret(graph, Object.fromEntries(graph.inputs.map((name) => [name, zeros(graph.types[name] as ValueType)])), {
      onValue: (name, value) => values.set(name, value as HostTensor),
    });
  } catch {
    return undefined;
  }
  return values;
}

function zeros({ dtype, shape }: ValueType): HostTensor {
  const sizes = shape.map(sizeAtOne);
  const size = sizes.reduce((product, each) => product * each, 1);
  return tensor(new Array<number>(size).fill(0), { shape: sizes, dtype });
}

/** A dimension with every symbol at 1. */
export function sizeAtOne(dim: Dim): number {
  const symbols = typeof dim === "number" ? [] : (dim.match(/[A-Za-z_][A-Za-z0-9_.]*/g) ?? []);
  return evaluateDim(dim, Object.fromEntries(symbols.map((name) => [name, 1])));
}
