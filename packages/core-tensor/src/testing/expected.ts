import { interpret } from "../graph/interpret.ts";
import type { Graph } from "../ops/program.ts";
import type { HostTensor } from "../tensor/host.ts";

/** What a program computes by definition: the reference on host tensors, which gives host tensors. */
export function expectedOutputs(
  graph: Graph,
  inputs: Readonly<Record<string, HostTensor>>,
): Record<string, HostTensor> {
  return interpret(graph, inputs) as Record<string, HostTensor>;
}
