import type { Attribute, Graph, ValueType } from "../ops/program.ts";
import { formatShape } from "../tensor/shape.ts";
import { expectGraph } from "./expectGraph.ts";
import { isGraph } from "./substitute.ts";

/** `float32[batch, 10]` */
export function formatType({ dtype, shape }: ValueType): string {
  return `${dtype}${formatShape(shape)}`;
}

function formatAttribute(value: Attribute): string {
  if (isGraph(value)) return `<program of ${value.nodes.length} nodes>`;
  return Array.isArray(value) ? formatShape(value) : String(value);
}

function formatAttributes(attributes: Readonly<Record<string, Attribute>>): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${formatAttribute(value)}`)
    .join(", ");
}

/** A program as text, one line per node; programs inside it (scan bodies) are indented below their node. */
export function printGraph(graph: Graph, indent = ""): string {
  expectGraph("printGraph", graph);
  const typed = (name: string): string => `${name}: ${formatType(graph.types[name] as ValueType)}`;
  const lines = [`${indent}${graph.name}(${graph.inputs.map(typed).join(", ")}) {`];
  for (const name of Object.keys(graph.constants)) lines.push(`${indent}  ${typed(name)} = constant`);
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const details = formatAttributes(attributes);
    lines.push(
      `${indent}  ${outputs.map(typed).join(", ")} = ${op}(${inputs.join(", ")})${details === "" ? "" : ` {${details}}`}`,
    );
    for (const value of Object.values(attributes)) if (isGraph(value)) lines.push(printGraph(value, `${indent}    `));
  }
  const results = graph.outputs.map(({ name, value }) => (name === value ? name : `${name} = ${value}`));
  lines.push(`${indent}  return ${results.join(", ")}`, `${indent}}`);
  return lines.join("\n");
}

const quote = (text: string): string => JSON.stringify(text);

/** A program in the language of Graphviz: `dot -Tsvg`. Inputs and outputs are ellipses, constants are grey. */
export function graphToDot(graph: Graph): string {
  const lines = [
    `digraph ${quote(graph.name)} {`,
    "  node [shape=box, fontname=monospace, fontsize=10];",
    "  edge [fontname=monospace, fontsize=8];",
  ];
  const source = new Map<string, string>();
  for (const name of graph.inputs) {
    source.set(name, `in:${name}`);
    lines.push(`  ${quote(`in:${name}`)} [shape=ellipse, label=${quote(name)}];`);
  }
  for (const name of Object.keys(graph.constants)) {
    source.set(name, `const:${name}`);
    lines.push(`  ${quote(`const:${name}`)} [color=grey, fontcolor=grey, label=${quote(name)}];`);
  }
  const arrow = (name: string, target: string): string =>
    `  ${quote(source.get(name) ?? name)} -> ${quote(target)} [label=${quote(formatType(graph.types[name] as ValueType))}];`;
  graph.nodes.forEach(({ op, inputs, outputs, attributes }, at) => {
    const id = `node:${at}`;
    const details = formatAttributes(attributes);
    lines.push(`  ${quote(id)} [label=${quote(details === "" ? op : `${op}\n${details}`)}];`);
    for (const name of inputs) lines.push(arrow(name, id));
    for (const name of outputs) source.set(name, id);
  });
  for (const { name, value } of graph.outputs) {
    lines.push(`  ${quote(`out:${name}`)} [shape=ellipse, label=${quote(name)}];`, arrow(value, `out:${name}`));
  }
  lines.push("}");
  return lines.join("\n");
}
