import { typeOf } from "../ops/apply.ts";
import { isValue, operand } from "../ops/operand.ts";
import type { Captured } from "../ops/primitive.ts";
import type { Graph, ValueType } from "../ops/program.ts";
import { CoreTensorError, TraceError } from "../tensor/errors.ts";
import type { TensorLike } from "../tensor/create.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";
import { type MapTree, cutList, flattenTree, unflattenTree } from "../tensor/tree.ts";
import { GraphRecorder } from "./recorder.ts";
import { type TensorSpec, isSpec } from "./spec.ts";

/** A traced function: its program, and how its results were nested. */
export interface Traced {
  readonly graph: Graph;
  /** Structure of the returned tree, for `unflattenTree`. */
  readonly structure: string;
}

/** An argument as a tree of specs. What an op takes (a tensor, a number, arrays, …) counts as one tensor. */
type SpecOf<Arg> = unknown extends Arg
  ? unknown
  : TensorLike extends Arg
    ? TensorSpec | Tensor
    : MapTree<Arg, Tensor, TensorSpec | Tensor>;

/** Arguments as specs, for functions over trees of tensors. */
export type SpecsOf<Args extends readonly unknown[]> = { [K in keyof Args]: SpecOf<Args[K]> };

/**
 * Runs a function once on stand-ins for its arguments and gives the program that it computes.
 *
 * Each argument is described by a tree of `spec`s (or of tensors, whose dtype and shape are taken). Inputs are
 * named by their place: the path inside the argument when there is one argument, `arg0.path`, `arg1.path`, …
 * when there are several, or by the spec's own name. Outputs are named by their path in the result; a single
 * result is named `output`.
 *
 * @throws OpError from the op that was called with something unfit, with the name of the function.
 * @example trace((x) => matmul(x, w), spec(["batch", 784]))
 */
export function trace<Args extends readonly unknown[]>(fn: (...args: Args) => unknown, ...specs: SpecsOf<Args>): Graph {
  return traceTree(fn as (...args: never) => unknown, specs).graph;
}

/** As `trace`, with what is needed to nest the results again. */
export function traceTree(fn: (...args: never) => unknown, specs: readonly unknown[]): Traced {
  const inputs: NamedType[] = [];
  const trees = specs.map((tree, index) => {
    const { leaves, paths, structure } = flattenTree(tree, isLeaf, {
      op: "trace",
      argument: `spec ${index}`,
      leaf: "a spec, a tensor",
    });
    leaves.forEach((leaf, i) => {
      const place = specs.length === 1 ? "" : `arg${index}`;
      const name = [place, paths[i] as string].filter((part) => part !== "").join(".") || "input";
      inputs.push(isTensor(leaf) ? { name, ...typeOf(leaf) } : { name, ...leaf });
    });
    return { structure, count: leaves.length };
  });
  return traceInputs(fn.name || "graph", inputs, (values) => {
    const pieces = cutList(
      values,
      trees.map(({ count }) => count),
    );
    const args = trees.map(({ structure }, i) => unflattenTree(structure, pieces[i] as Tensor[]));
    return (fn as (...args: unknown[]) => unknown)(...args);
  });
}

export interface NamedType extends ValueType {
  readonly name: string;
}

/** Traces a function of a flat list of named inputs that returns a tree of tensors and numbers. */
export function traceInputs(
  name: string,
  inputs: readonly NamedType[],
  fn: (values: readonly Tensor[]) => unknown,
): Traced {
  const recorder = new GraphRecorder(name);
  const values = inputs.map(({ name: input, dtype, shape }) => recorder.input(input, { dtype, shape }));
  const { leaves, paths, structure } = named(name, () =>
    flattenTree(fn(values), isValue, { op: name, argument: "the result" }),
  );
  const outputs = leaves.map((leaf, i) => ({ name: (paths[i] as string) || "output", value: operand(leaf) }));
  const { graph, captures } = recorder.finish(outputs);
  if (captures.length > 0) {
    throw new TraceError(
      `${name}: a traced function used a value of a function that is being traced around it; pass it as an argument`,
    );
  }
  return { graph, structure };
}

const isLeaf = (value: unknown): value is TensorSpec | Tensor => isSpec(value) || isTensor(value);

/** The function as a program over flat lists; traced values of outer functions become inputs at its end. */
export function capture(fn: (...inputs: Tensor[]) => readonly Tensor[], types: readonly ValueType[]): Captured {
  const name = fn.name === "" ? "body" : fn.name;
  const recorder = new GraphRecorder(name);
  const inputs = types.map((type, i) => recorder.input(`input_${i}`, type));
  const outputs = named(name, () => fn(...inputs));
  return recorder.finish(outputs.map((value, i) => ({ name: `output_${i}`, value })));
}

/** Adds the name of the user's function to an error that an op inside it threw. */
function named<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CoreTensorError && !error.message.includes("\n  while tracing")) {
      error.message += `\n  while tracing the function "${name}"`;
    }
    throw error;
  }
}
