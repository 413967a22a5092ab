import { printGraph } from "../../graph/print.ts";
import type { Graph } from "../../ops/program.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { formatShape } from "../../tensor/shape.ts";
import { formatNumber } from "../mismatch.ts";

const shown = 64;

/** `float32[2, 2] = 1, 2, 3, 4` */
export function showTensor(value: HostTensor): string {
  const numbers = Array.from(value.dataSync() as ArrayLike<number | bigint>, formatNumber);
  const rest = numbers.length > shown ? `, … (${numbers.length} in all)` : "";
  return `${value.dtype}${formatShape(value.shape)} = ${numbers.slice(0, shown).join(", ") || "nothing"}${rest}`;
}

/** A program with the values that go into it. */
export function showProgram(graph: Graph, inputs: Readonly<Record<string, HostTensor>>): string {
  const values = [...Object.entries(graph.constants), ...Object.entries(inputs)];
  return [printGraph(graph), ...values.map(([name, value]) => `${name}: ${showTensor(value)}`)].join("\n");
}
