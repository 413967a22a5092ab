import { dtypeOf, elementTypeName } from "../formats/onnx/tensor.ts";
import type {
  AttributeProto,
  GraphProto,
  Int64,
  ModelProto,
  NodeProto,
  TensorProto,
  ValueInfoProto,
} from "../formats/onnx/schema.ts";
import type { Model, TensorInfo } from "../formats/tflite/schema.ts";
import { typeDType, typeName } from "../formats/tflite/types.ts";
import { formatShape } from "../tensor/shape.ts";

/** What stands in a model's file, whether it can be read as a program or not. */
export interface ModelListing {
  readonly inputs: readonly ListedValue[];
  readonly outputs: readonly ListedValue[];
  /** Operators as the file calls them, `domain.Name` outside of the standard set; the most frequent first. */
  readonly operators: readonly { readonly name: string; readonly count: number }[];
  /** Elements and bytes of all constants. */
  readonly parameters: number;
  readonly parameterBytes: number;
}

export interface ListedValue {
  readonly name: string;
  /** Element type and shape as a text: `float32[batch, 3, ?, ?]`. */
  readonly type: string;
}

/** Of an ONNX model; inner graphs and functions count, once each. */
export function listOnnx({ graph, functions = [] }: ModelProto): ModelListing {
  const nodes = [graph, ...functions].flatMap(({ node }) => node.flatMap(withInner));
  const constants = [
    ...initializersOf(graph),
    ...nodes.flatMap(({ attribute = [] }) => attribute.flatMap(constantsOf)),
  ];
  const given = new Set(initializersOf(graph).map(({ name }) => name));
  const standard = ["", "ai.onnx"];
  return {
    inputs: graph.input.filter(({ name }) => !given.has(name)).map(listValue),
    outputs: graph.output.map(listValue),
    operators: count(
      nodes.map(({ opType, domain = "" }) => (standard.includes(domain) ? opType : `${domain}.${opType}`)),
    ),
    ...measure(constants.map(({ dims, dataType }) => [dims, elementTypeName(dataType)])),
  };
}

/** Of a TFLite model's main program. */
export function listTflite({ main }: Model): ModelListing {
  const made = new Set([...main.inputs, ...main.operators.flatMap(({ outputs }) => outputs)]);
  const read = new Set(main.operators.flatMap(({ inputs }) => inputs));
  const list = (index: number): ListedValue => {
    const { name, type, shape, signature } = main.tensors[index] as TensorInfo;
    const dims = (signature ?? shape).map((dim) => (dim < 0 ? "?" : dim));
    return { name, type: `${typeDType(type) ?? typeName(type)}${formatShape(dims)}` };
  };
  const constants = main.tensors.filter(({ index }) => read.has(index) && !made.has(index));
  return {
    inputs: main.inputs.map(list),
    outputs: main.outputs.map(list),
    operators: count(main.operators.map(({ kind, custom }) => (kind === "CUSTOM" ? `CUSTOM ${custom}` : kind))),
    ...measure(constants.map(({ shape, type }) => [shape, typeName(type)])),
  };
}

function innerGraphs({ g, graphs = [] }: AttributeProto): readonly { readonly node: readonly NodeProto[] }[] {
  return g === undefined ? graphs : [g, ...graphs];
}

function withInner(node: NodeProto): NodeProto[] {
  const inner = (node.attribute ?? []).flatMap(innerGraphs).flatMap((graph) => graph.node.flatMap(withInner));
  return [node, ...inner];
}

function constantsOf({ t, tensors = [], g, graphs = [] }: AttributeProto): TensorProto[] {
  const inner = [...(g === undefined ? [] : [g]), ...graphs].flatMap(initializersOf);
  return [...(t === undefined ? [] : [t]), ...tensors, ...inner];
}

/** Sparse ones as they will be: with all their elements. */
function initializersOf({ initializer = [], sparseInitializer = [] }: GraphProto): TensorProto[] {
  return [...initializer, ...sparseInitializer.map(({ values, dims }) => ({ ...values, dims }))];
}

function listValue({ name, type }: ValueInfoProto): ListedValue {
  const tensor = type?.tensorType;
  if (tensor === undefined) return { name, type: "no tensor" };
  const element = dtypeOf(tensor.elemType) ?? elementTypeName(tensor.elemType);
  if (tensor.shape === undefined) return { name, type: `${element}, shape unknown` };
  const dims = tensor.shape.dim.map(({ dimValue, dimParam = "" }) => dimValue ?? (dimParam === "" ? "?" : dimParam));
  return { name, type: `${element}${formatShape(dims)}` };
}

function count(names: readonly string[]): ModelListing["operators"] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, number]) => ({ name, count: number }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Dimensions are only multiplied, so that those of a hostile file do no harm. */
function measure(
  constants: readonly (readonly [dims: readonly Int64[], type: string])[],
): Pick<ModelListing, "parameters" | "parameterBytes"> {
  let [parameters, parameterBytes] = [0, 0];
  for (const [dims, type] of constants) {
    const size = dims.reduce<number>((product, dim) => product * Math.max(0, Number(dim)), 1);
    parameters += size;
    parameterBytes += Math.ceil((size * bitsOf(type)) / 8);
  }
  return { parameters, parameterBytes };
}

/** The formats' names of element types end in, or contain first, their width in bits, but for these. */
const named: Readonly<Record<string, number>> = { FLOAT: 32, DOUBLE: 64, BOOL: 8 };

function bitsOf(type: string): number {
  return named[type] ?? Number(/\d+/.exec(type)?.[0] ?? 0);
}
