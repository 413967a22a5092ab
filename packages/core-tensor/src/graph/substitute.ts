import type { Attribute, Attributes, Graph, GraphNode } from "../ops/program.ts";
import { type Dim, substituteDim } from "../tensor/dims.ts";
import { primitiveOf } from "./builder.ts";

/** Is this attribute a program? */
export function isGraph(attribute: unknown): attribute is Graph {
  return typeof attribute === "object" && attribute !== null && "nodes" in attribute && "types" in attribute;
}

/** Does any value, or any attribute, of the program hold a symbolic dimension? */
export function isSymbolicGraph(graph: Graph): boolean {
  return (
    Object.values(graph.types).some(({ shape }) => shape.some((dim) => typeof dim === "string")) ||
    graph.nodes.some(
      (node) =>
        nodeDims(node).some((dim) => typeof dim === "string") ||
        Object.values(node.attributes).some((a) => isGraph(a) && isSymbolicGraph(a)),
    )
  );
}

/** The dimensions among a node's attributes. */
export function nodeDims(node: GraphNode): Dim[] {
  const dims = (primitiveOf(node.op).dims ?? []) as readonly string[];
  return dims.flatMap((key) => node.attributes[key] as Dim | readonly Dim[]);
}

/** The program with symbols replaced everywhere: in types, in attributes, in the programs among the attributes. */
export function substituteGraph(graph: Graph, replacements: Readonly<Record<string, Dim>>): Graph {
  const replace = (dim: Dim): Dim => substituteDim(dim, replacements);
  const types = Object.fromEntries(
    Object.entries(graph.types).map(([name, { dtype, shape }]) => [name, { dtype, shape: shape.map(replace) }]),
  );
  const nodes = graph.nodes.map((node) => ({ ...node, attributes: substituteAttributes(node, replacements) }));
  return { ...graph, types, nodes };
}

/** A node's attributes with symbols replaced. */
export function substituteAttributes(node: GraphNode, replacements: Readonly<Record<string, Dim>>): Attributes {
  const dims = (primitiveOf(node.op).dims ?? []) as readonly string[];
  const replace = (dim: Dim): Dim => substituteDim(dim, replacements);
  return Object.fromEntries(
    Object.entries(node.attributes).map(([key, value]): [string, Attribute] => {
      if (isGraph(value)) return [key, substituteGraph(value, replacements)];
      if (!dims.includes(key)) return [key, value];
      return [key, Array.isArray(value) ? (value as readonly Dim[]).map(replace) : replace(value as Dim)];
    }),
  );
}
