import {
  type Attribute,
  type Attributes,
  type Dim,
  type Graph,
  type GraphNode,
  type HostTensor,
  type ValueType,
  evaluateDim,
  isNode,
  primitives,
  simplify,
} from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import { type Constant, constantValues, evaluateConstants } from "./constants.ts";

/** A program as lowering takes it: simplified, all dimensions known. */
export interface PreparedGraph {
  readonly graph: Graph;
  /** Constants that the program stores as codes: inputs of `graph` that are known. */
  readonly stored: ReadonlyMap<string, Constant>;
}

/**
 * The program with its batch bound to 1 and simplified, but for constants that it stores as codes: those keep their codes.
 *
 * @throws PatchInferError DYNAMIC_SHAPE
 */
export function prepare(graph: Graph, dims: Readonly<Record<string, number>>): PreparedGraph {
  const bound = bindDims(graph, dims);
  const known = constantValues(bound);
  const stored = new Map<string, Constant>();
  const nodes = bound.nodes.filter((node) => {
    if (!isNode(node, "dequantize") || node.attributes.blockSize !== 0) return true;
    if (!node.inputs.every((name) => known.has(name))) return true;
    const [name] = node.outputs as [string];
    const [codes, scale, zeros, value] = evaluateConstants(bound, [...node.inputs, name]) as [
      HostTensor,
      HostTensor,
      HostTensor,
      HostTensor,
    ];
    if (scale.dtype !== "float32") return true;
    const zeroPoints = Array.from(zeros.dataSync() as ArrayLike<number | bigint>, Number);
    const scales = Float32Array.from(scale.dataSync() as Float32Array);
    stored.set(name, { value, stored: { codes, scales, zeroPoints, axis: node.attributes.axis } });
    return false;
  });
  const inputs = [...bound.inputs, ...stored.keys()];
  return { graph: simplify({ ...bound, nodes, inputs }), stored };
}

/** Symbols that stand for the first dimension of inputs are 1 unless they are given. */
function bindDims(graph: Graph, given: Readonly<Record<string, number>>): Graph {
  const bindings: Record<string, number> = { ...given };
  for (const name of graph.inputs) {
    const batch = (graph.types[name] as ValueType).shape[0];
    if (typeof batch === "string" && /^[A-Za-z_][\w.]*$/.test(batch)) bindings[batch] ??= 1;
  }
  return bindGraph(graph, (dim) => {
    if (typeof dim === "number") return dim;
    try {
      return evaluateDim(dim, bindings);
    } catch (cause) {
      const message = `the dimension "${dim}" is unknown: give it by the option dims`;
      throw new PatchInferError("DYNAMIC_SHAPE", message, { cause });
    }
  });
}

/** The program with numbers for its dimensions, in the bodies of loops too. */
function bindGraph(graph: Graph, bind: (dim: Dim) => number): Graph {
  const types = Object.fromEntries(
    Object.entries(graph.types).map(([name, { dtype, shape }]) => [name, { dtype, shape: shape.map(bind) }]),
  );
  const nodes = graph.nodes.map((node) => ({ ...node, attributes: bindAttributes(node, bind) }));
  return { ...graph, types, nodes };
}

function bindAttributes({ op, attributes }: GraphNode, bind: (dim: Dim) => number): Attributes {
  const record = (primitives as Readonly<Record<string, { readonly dims?: readonly string[] }>>)[op];
  const dims = record?.dims ?? [];
  const bound = (key: string, value: Attribute): Attribute => {
    if (typeof value === "object" && value !== null && "nodes" in value) return bindGraph(value, bind);
    if (!dims.includes(key)) return value;
    return Array.isArray(value) ? (value as readonly Dim[]).map(bind) : bind(value as Dim);
  };
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, bound(key, value)]));
}
