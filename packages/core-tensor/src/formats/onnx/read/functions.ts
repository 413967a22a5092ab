import type { AttributeProto, FunctionProto, GraphProto, NodeProto } from "../schema.ts";

/** Under which a function is found: domain, name and, since IR version 10, overload. */
export function functionKey(domain: string, name: string, overload = ""): string {
  return `${domain}:${name}:${overload}`;
}

/** The nodes of a function with the attributes of a call put in the place of the references to them. */
export function instantiate(local: FunctionProto, call: NodeProto): NodeProto[] {
  const values = new Map<string, AttributeProto>();
  for (const attribute of local.attributeProto ?? []) values.set(attribute.name, attribute);
  for (const attribute of call.attribute ?? []) values.set(attribute.name, attribute);
  return local.node.map((node) => substitute(node, values));
}

function substitute(node: NodeProto, values: ReadonlyMap<string, AttributeProto>): NodeProto {
  if ((node.attribute ?? []).length === 0) return node;
  const attribute = (node.attribute ?? []).flatMap((own): AttributeProto[] => {
    if (own.refAttrName !== undefined && own.refAttrName !== "") {
      // A reference to an attribute that the call does not give leaves the node's own default in force.
      const value = values.get(own.refAttrName);
      return value === undefined ? [] : [{ ...value, name: own.name }];
    }
    if (own.g !== undefined) return [{ ...own, g: substituteGraph(own.g, values) }];
    return [own];
  });
  return { ...node, attribute };
}

function substituteGraph(graph: GraphProto, values: ReadonlyMap<string, AttributeProto>): GraphProto {
  return { ...graph, node: graph.node.map((node) => substitute(node, values)) };
}
