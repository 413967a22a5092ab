import type { Attributes, Graph, GraphNode, ValueType } from "../ops/program.ts";
import type { OpAttributes, OpName } from "../ops/vocabulary.ts";
import { GraphError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { GraphBuilder } from "./builder.ts";
import { evaluateGraph } from "./evaluate.ts";
import { GraphRecorder } from "./recorder.ts";
import { tools } from "./tools.ts";

/** A node whose op is known, with the attributes of that op. */
export interface NodeOf<Name extends OpName> extends Omit<GraphNode, "op" | "attributes"> {
  readonly op: Name;
  readonly attributes: OpAttributes[Name];
}

/** Is the node of this op? Narrows its attributes. */
export function isNode<Name extends OpName>(node: GraphNode, op: Name): node is NodeOf<Name> & GraphNode {
  return node.op === op;
}

/**
 * The program with some of its nodes carried out in another way. `replace` sees each node with its inputs as
 * traced values and answers with the values that take the place of its outputs, computed with ordinary ops, or
 * with `undefined` to keep the node. Names of inputs, outputs and untouched values stay.
 *
 * @example rewriteGraph(graph, (node, [x]) => (node.op === "relu" ? [gelu(x)] : undefined))
 */
export function rewriteGraph(
  graph: Graph,
  replace: (node: GraphNode, inputs: readonly Tensor[]) => readonly Tensor[] | undefined,
): Graph {
  const recorder = new GraphRecorder(graph.name);
  const inputs = graph.inputs.map((name) => recorder.input(name, graph.types[name] as ValueType));
  const outputs = evaluateGraph(graph, inputs, tools, {
    replace: (node, values) =>
      replace(node, values) ?? recorder.recordAs(node.op, values, node.attributes, node.outputs),
  });
  return recorder.finish(graph.outputs.map(({ name }, i) => ({ name, value: outputs[i] as Tensor }))).graph;
}

/**
 * Walks the nodes in order and copies them, on the level of names: `visit` may answer with the names of the
 * values that stand for a node's outputs (after adding nodes of its own to the builder), or with `undefined` to
 * copy the node. This is what passes over graphs are written with; `rewriteGraph` is the comfortable form.
 */
export function copyGraph(
  graph: Graph,
  visit: (node: GraphNode, builder: GraphBuilder) => readonly string[] | undefined,
): Graph {
  // Nodes that `visit` adds must not take the names of nodes that come later.
  const builder = new GraphBuilder(graph.name, Object.keys(graph.types));
  const renamed = new Map<string, string>();
  const now = (name: string): string => renamed.get(name) ?? name;
  for (const name of graph.inputs) builder.input(name, graph.types[name] as ValueType);
  for (const [name, value] of Object.entries(graph.constants)) builder.constant(value, name);
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map(now) };
    const outputs = visit(node, builder) ?? builder.addNode(node.op, node.inputs, node.attributes, node.outputs);
    if (outputs.length !== original.outputs.length) {
      const counts = `"${node.op}" makes ${original.outputs.length} values, its replacement ${outputs.length}`;
      throw new GraphError(`graph "${graph.name}": ${counts}`);
    }
    original.outputs.forEach((name, i) => {
      if (outputs[i] !== name) renamed.set(name, outputs[i] as string);
    });
  }
  for (const { name, value } of graph.outputs) builder.output(name, now(value));
  return builder.build();
}

/** Adds the nodes of a program to one that is being built; gives the names of its outputs there. */
export function inlineGraph(builder: GraphBuilder, graph: Graph, inputs: readonly string[]): string[] {
  const names = new Map<string, string>(graph.inputs.map((name, i) => [name, inputs[i] as string]));
  for (const [name, value] of Object.entries(graph.constants)) names.set(name, builder.constant(value));
  for (const node of graph.nodes) {
    const outputs = builder.addNode(
      node.op,
      node.inputs.map((name) => names.get(name) as string),
      node.attributes as Attributes,
    );
    node.outputs.forEach((name, i) => names.set(name, outputs[i] as string));
  }
  return graph.outputs.map(({ value }) => names.get(value) as string);
}
