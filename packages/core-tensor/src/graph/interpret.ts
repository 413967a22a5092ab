import type { Graph } from "../ops/program.ts";
import type { TensorLike } from "../tensor/create.ts";
import type { HostTensor } from "../tensor/host.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { bindInputs } from "./binding.ts";
import { evaluateGraph } from "./evaluate.ts";
import { tools } from "./tools.ts";

export interface InterpretOptions {
  /** Sees every value of the program once (inputs and constants too), under its name in the graph. */
  readonly onValue?: (name: string, value: HostTensor) => void;
}

/**
 * Runs a program with the reference kernels, at once: the definition of what it computes.
 *
 * @throws OpError that names the input when one is missing, unknown or does not fit.
 * @example interpret(graph, { input: [[1, 2]] }).output.toArray()
 */
export function interpret(graph: Graph, inputs: Readonly<Record<string, TensorLike>>, options: InterpretOptions = {}): Record<string, HostTensor> {
  const { tensors } = bindInputs(graph, inputs);
  const { onValue } = options;
  // Inputs are on the host (a device tensor is refused by the first op that meets it), so every value is.
  const watch = onValue === undefined ? {} : { onValue: (name: string, value: Tensor) => onValue(name, value as HostTensor) };
  const results = evaluateGraph(graph, tensors, tools, watch);
  return Object.fromEntries(graph.outputs.map(({ name }, i) => [name, results[i] as HostTensor]));
}
