import { type Attribute, type Attributes, type DType, type Graph, type HostTensor, cast } from "@parsimony/core-tensor";

/** The program with every float32 and float64 value in one of the two, also in the programs inside its nodes. */
export function retype(graph: Graph, dtype: "float32" | "float64"): Graph {
  const own = (given: DType): DType => (given === "float32" || given === "float64" ? dtype : given);
  const constant = (value: HostTensor): HostTensor => cast(value, own(value.dtype)) as HostTensor;
  const attribute = (key: string, value: Attribute): Attribute => {
    if (key === "dtype") return own(value as DType);
    return isGraph(value) ? retype(value, dtype) : value;
  };
  const attributes = (given: Attributes): Attributes =>
    Object.fromEntries(Object.entries(given).map(([key, value]) => [key, attribute(key, value)]));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, attributes: attributes(node.attributes) })),
    constants: Object.fromEntries(Object.entries(graph.constants).map(([name, value]) => [name, constant(value)])),
    types: Object.fromEntries(
      Object.entries(graph.types).map(([name, type]) => [name, { ...type, dtype: own(type.dtype) }]),
    ),
  };
}

function isGraph(value: Attribute): value is Graph {
  return typeof value === "object" && value !== null && "nodes" in value;
}
