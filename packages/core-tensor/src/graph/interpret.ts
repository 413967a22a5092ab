import type { Graph } from "../ops/program.ts";
import type { TensorLike } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { bindInputs } from "./binding.ts";
import { evaluateGraph } from "./evaluate.ts";
import { expectGraph } from "./expectGraph.ts";
import { tools } from "./tools.ts";

export interface InterpretOptions {
  /** Sees every value of the program once (inputs and constants too), under its name in the graph. */
  readonly onValue?: (name: string, value: Tensor) => void;
}

/**
 * Runs a program with the reference kernels, at once: the definition of what it computes.
 *
 * Inside a function that is traced or differentiated, inputs may be traced values: the program then becomes part of
 * that function, which is how a graph that was read from a file is differentiated, trained or built upon.
 *
 * @throws OpError that names the input when one is missing, unknown or does not fit.
 * @example interpret(graph, { input: [[1, 2]] }).output.toArray()
 */
export function interpret(
  graph: Graph,
  inputs: Readonly<Record<string, TensorLike>>,
  options: InterpretOptions = {},
): Record<string, Tensor> {
  expectGraph("interpret", graph);
  const { tensors } = bindInputs(graph, inputs);
  const results = evaluateGraph(
    graph,
    tensors,
    tools,
    options.onValue === undefined ? {} : { onValue: options.onValue },
  );
  return Object.fromEntries(graph.outputs.map(({ name }, i) => [name, results[i] as Tensor]));
}
