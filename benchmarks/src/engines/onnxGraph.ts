import type { HostTensor } from "@parsimony/core-tensor";
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;
type Attribute = number | string | readonly number[] | { readonly float: number } | OnnxGraph;

const types = {
  float32: onnx.TensorProto.DataType.FLOAT,
  int32: onnx.TensorProto.DataType.INT32,
  int64: onnx.TensorProto.DataType.INT64,
};
type ElementType = keyof typeof types;

/** Writes ONNX graphs by hand, operator by operator: for the sessions that our own programs are measured against. */
export class OnnxGraph {
  readonly #nodes: InstanceType<typeof onnx.NodeProto>[] = [];
  readonly #initializers: InstanceType<typeof onnx.TensorProto>[] = [];
  readonly #inputs: InstanceType<typeof onnx.ValueInfoProto>[] = [];
  readonly #outputs: InstanceType<typeof onnx.ValueInfoProto>[] = [];
  readonly #counter: { count: number };

  /** @param outer the graph around this one, when it is the body of a loop: names are unique in a file. */
  constructor(outer?: OnnxGraph) {
    this.#counter = outer === undefined ? { count: 0 } : outer.#counter;
  }

  #name(stem: string): string {
    return `${stem}_${this.#counter.count++}`;
  }

  /** A node with one output. */
  op(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.ops(opType, inputs, 1, attributes)[0] as string;
  }

  /** A node with several outputs. */
  ops(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string[] {
    const output = Array.from({ length: count }, () => this.#name(opType));
    const attribute = Object.entries(attributes).map(([name, value]) =>
      onnx.AttributeProto.create(attributeOf(name, value)),
    );
    this.#nodes.push(onnx.NodeProto.create({ opType, input: [...inputs], output, attribute }));
    return output;
  }

  input(name: string, type: ElementType, shape: readonly number[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** An input of a loop body, which gets a name of its own. */
  bodyInput(type: ElementType, shape: readonly number[]): string {
    return this.input(this.#name("slice"), type, shape);
  }

  /** Makes a value an output, under another name where one is given. */
  output(value: string, type: ElementType, shape: readonly number[], name?: string): void {
    if (name !== undefined)
      this.#nodes.push(onnx.NodeProto.create({ opType: "Identity", input: [value], output: [name] }));
    this.#outputs.push(valueInfo(name ?? value, type, shape));
  }

  weight(value: HostTensor): string {
    const data = value.dataSync();
    return this.#initializer(
      "weight",
      value.dtype as ElementType,
      value.shape,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
  }

  scalar(value: number): string {
    return this.#initializer("scalar", "float32", [], new Uint8Array(Float32Array.of(value).buffer));
  }

  ints(...values: readonly number[]): string {
    return this.#initializer(
      "ints",
      "int64",
      [values.length],
      new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    );
  }

  /** A whole number as a scalar of int32. */
  int(value: number): string {
    return this.#initializer("int", "int32", [], new Uint8Array(Int32Array.of(value).buffer));
  }

  floats(...values: readonly number[]): string {
    return this.#initializer("floats", "float32", [values.length], new Uint8Array(Float32Array.from(values).buffer));
  }

  #initializer(stem: string, type: ElementType, dims: readonly number[], rawData: Uint8Array): string {
    const name = this.#name(stem);
    this.#initializers.push(onnx.TensorProto.create({ name, dataType: types[type], dims: [...dims], rawData }));
    return name;
  }

  /** This graph as it stands in a file. */
  proto(name: string): InstanceType<typeof onnx.GraphProto> {
    return onnx.GraphProto.create({
      name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: this.#inputs,
      output: this.#outputs,
    });
  }

  /** The bytes of the model. Opset 20 is the first with `Gelu`. */
  bytes(name: string): Uint8Array {
    const model = onnx.ModelProto.create({
      irVersion: 9,
      opsetImport: [{ domain: "", version: 20 }],
      graph: this.proto(name),
    });
    return onnx.ModelProto.encode(model).finish();
  }
}

function attributeOf(name: string, value: Attribute): onnxProto.onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === "number") return { name, type: AttributeType.INT, i: value };
  if (typeof value === "string") return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (value instanceof OnnxGraph) return { name, type: AttributeType.GRAPH, g: value.proto(name) };
  if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

function valueInfo(
  name: string,
  type: ElementType,
  shape: readonly number[],
): InstanceType<typeof onnx.ValueInfoProto> {
  return onnx.ValueInfoProto.create({
    name,
    type: { tensorType: { elemType: types[type], shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  });
}
