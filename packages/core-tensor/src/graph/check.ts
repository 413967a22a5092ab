import type { Graph } from "../ops/program.ts";
import { GraphError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { primitiveOf } from "./builder.ts";

/**
 * Checks a program that came from elsewhere: every value is made once and before it is used, every op exists,
 * and the types are those that the ops give. Throws a GraphError (or the op's own OpError) otherwise.
 */
export function checkGraph(graph: Graph): void {
  const fail = (message: string): never => {
    throw new GraphError(`graph "${graph.name}": ${message}`);
  };
  const made = new Set<string>();
  const make = (name: string): void => {
    if (made.has(name)) fail(`the value "${name}" is made twice`);
    if (!Object.hasOwn(graph.types, name)) fail(`the value "${name}" has no type`);
    made.add(name);
  };
  const typeText = (name: string): string => {
    const type = graph.types[name] ?? fail(`the value "${name}" has no type`);
    return `${type.dtype} ${formatShape(type.shape)}`;
  };
  graph.inputs.forEach(make);
  for (const [name, value] of Object.entries(graph.constants)) {
    make(name);
    const own = `${value.dtype} ${formatShape(value.shape)}`;
    if (own !== typeText(name)) fail(`the constant "${name}" is ${own}, its type says ${typeText(name)}`);
  }
  for (const node of graph.nodes) {
    for (const name of node.inputs) if (!made.has(name)) fail(`"${node.op}" uses "${name}" before it is made`);
    const types = primitiveOf(node.op).infer(
      node.inputs.map((name) => graph.types[name] ?? fail(`"${name}" has no type`)),
      node.attributes,
    );
    if (types.length !== node.outputs.length)
      fail(`"${node.op}" makes ${types.length} values, ${node.outputs.length} are named`);
    node.outputs.forEach((name, i) => {
      make(name);
      const type = types[i] as { dtype: string; shape: readonly unknown[] };
      const inferred = `${type.dtype} ${formatShape(type.shape)}`;
      if (inferred !== typeText(name))
        fail(`"${name}" is ${inferred} by "${node.op}", its type says ${typeText(name)}`);
    });
  }
  for (const { name, value } of graph.outputs)
    if (!made.has(value)) fail(`the output "${name}" gives "${value}", which is never made`);
}
