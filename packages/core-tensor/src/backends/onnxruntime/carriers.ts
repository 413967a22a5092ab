import type { Attributes, Graph, GraphNode, ValueType } from "../../ops/program.ts";
import { fromTensorData } from "../../tensor/create.ts";
import type { DType } from "../../tensor/dtype.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import type { TensorData } from "../../tensor/tensor.ts";

/**
 * Element types that onnxruntime's JavaScript interface does not pass in or out travel as a wider one; the first and
 * last step of the program convert, which is exact.
 */
const carriers: Readonly<Partial<Record<DType, DType>>> = { bfloat16: "float32", int4: "int8", uint4: "uint8", int2: "int8" };

/** The dtype that carries a dtype across the border: mostly itself. */
export function carrierOf(dtype: DType): DType {
  return carriers[dtype] ?? dtype;
}

/** The program with its inputs and outputs of carried dtypes, in the same order; values inside keep their dtypes. */
export function carryBorder(graph: Graph): Graph {
  const types: Record<string, ValueType> = { ...graph.types };
  const before: GraphNode[] = [];
  const after: GraphNode[] = [];
  const fresh = (stem: string): string => {
    let name = `${stem}_carried`;
    while (Object.hasOwn(types, name)) name += "_";
    return name;
  };
  const convert = (nodes: GraphNode[], from: string, to: string, dtype: DType): void => {
    nodes.push({ op: "cast", inputs: [from], outputs: [to], attributes: { dtype } as Attributes });
  };
  const carry = (name: string): string => {
    const { dtype, shape } = types[name] as ValueType;
    const carried = fresh(name);
    types[carried] = { dtype: carrierOf(dtype), shape };
    return carried;
  };
  const isCarried = (name: string): boolean => (types[name] as ValueType).dtype in carriers;
  const inputs = graph.inputs.map((name) => {
    if (!isCarried(name)) return name;
    const carried = carry(name);
    convert(before, carried, name, (types[name] as ValueType).dtype);
    return carried;
  });
  const outputs = graph.outputs.map(({ name, value }) => {
    if (!isCarried(value)) return { name, value };
    const carried = carry(value);
    convert(after, value, carried, carrierOf((types[value] as ValueType).dtype));
    return { name, value: carried };
  });
  if (before.length === 0 && after.length === 0) return graph;
  return { ...graph, inputs, outputs, nodes: [...before, ...graph.nodes, ...after], types };
}

/** A value's elements as onnxruntime takes them: the tensor's own array where it is dense. */
export function toBorder(value: HostTensor): ArrayBufferView {
  return value.dtype in carriers ? value.dataSync() : denseStorage(value);
}

/** A tensor over the array that onnxruntime gave. */
export function fromBorder(dtype: DType, dims: readonly number[], data: ArrayBufferView): HostTensor {
  if (dtype in carriers) return fromTensorData(dtype, [...dims], data as TensorData);
  // Where the platform has a Float16Array, that is what float16 comes in; its codes are ours.
  const length = data.byteLength / 2;
  const storage = dtype === "float16" ? new Uint16Array(data.buffer, data.byteOffset, length) : (data as TensorData);
  return new HostTensor(dtype, [...dims], storage);
}
