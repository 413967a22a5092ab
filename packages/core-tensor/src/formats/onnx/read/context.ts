import type { Dim } from "../../../tensor/dims.ts";
import type { DType } from "../../../tensor/dtype.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import { readLanes } from "../../../tensor/lanes.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { dtypeOf, elementTypeName } from "../tensor.ts";
import type { GraphProto, NodeProto, TensorProto } from "../schema.ts";
import { NodeAttributes } from "./attributes.ts";
import { invalid, unsupported } from "./unsupported.ts";
import { type Value, isConstant, isKnownDims, typeOfValue } from "./value.ts";

/** Where a node is read: what turns values into such that ops record. */
export interface Surroundings {
  /** The value as one that ops record; `name` is what the file calls it. */
  tensor(value: Value, name: string): Tensor;
  /** A dimension in the form that ops take. */
  live(dim: Dim): number;
  /**
   * 0, 1, …, length - 1 as a step of the program: called by itself, the op would make as many numbers at once as a file
   * asks for.
   */
  iota(length: number, dtype: DType): Tensor;
  /** A constant of the file. */
  constant(proto: TensorProto): HostTensor;
  /** Reads a graph among the attributes, which sees the values around it, and gives its outputs. */
  body(graph: GraphProto, inputs: readonly Value[]): Value[];
}

/** A node as the reader of its operator sees it. */
export class NodeContext {
  readonly attributes: NodeAttributes;

  constructor(
    readonly node: NodeProto,
    /** Version of the operator set that the node belongs to. */
    readonly opset: number,
    /** `undefined` for optional inputs that are not given. */
    readonly inputs: readonly (Value | undefined)[],
    readonly surroundings: Surroundings,
  ) {
    this.attributes = new NodeAttributes(node);
  }

  get inputCount(): number {
    return this.inputs.length;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  /** Does anybody ask for this output? */
  wants(output: number): boolean {
    return (this.node.output[output] ?? "") !== "";
  }

  value(index: number): Value {
    return this.inputs[index] ?? invalid(`expected an input at position ${index}`);
  }

  /** An input as a value of the program. */
  tensor(index: number): Tensor {
    return this.surroundings.tensor(this.value(index), this.node.input[index] as string);
  }

  optional(index: number): Tensor | undefined {
    return this.has(index) ? this.tensor(index) : undefined;
  }

  /** All inputs, none of which may be missing. */
  tensors(): Tensor[] {
    return this.inputs.map((_, i) => this.tensor(i));
  }

  /** An input whose elements are known now. */
  constant(index: number): HostTensor | undefined {
    const value = this.inputs[index];
    return value !== undefined && isConstant(value) ? value : undefined;
  }

  dtype(index: number): DType {
    return typeOfValue(this.value(index)).dtype;
  }

  shape(index: number): readonly Dim[] {
    return typeOfValue(this.value(index)).shape;
  }

  rank(index: number): number {
    return this.shape(index).length;
  }

  /** The elements of an input of whole numbers that must be known now, up to symbols. */
  dims(index: number, meaning: string): readonly Dim[] {
    const value = this.value(index);
    if (isKnownDims(value)) return value.elements;
    return this.#known(index, meaning);
  }

  /** The elements of an input of whole numbers that must be known now. */
  ints(index: number, meaning: string): readonly number[] {
    return this.dims(index, meaning).map((dim) =>
      typeof dim === "number" ? dim : unsupported(`${meaning}: expected a number, got the dimension "${dim}"`),
    );
  }

  /** The elements of an input that must be known now. */
  numbers(index: number, meaning: string): readonly number[] {
    return this.#known(index, meaning);
  }

  live(dim: Dim): number {
    return this.surroundings.live(dim);
  }

  liveShape(dims: readonly Dim[]): number[] {
    return dims.map((dim) => this.live(dim));
  }

  iota(length: number, dtype: DType): Tensor {
    return this.surroundings.iota(length, dtype);
  }

  /** The dtype for a number of ONNX's enumeration of element types. */
  elementType(number: number): DType {
    return dtypeOf(number) ?? unsupported(`the element type ${elementTypeName(number)} is not supported`);
  }

  #known(index: number, meaning: string): readonly number[] {
    const value = this.value(index);
    if (!isConstant(value)) {
      unsupported(
        `${meaning} (input "${this.node.input[index]}") must be known when the model is read, but depends on its inputs`,
      );
    }
    const host = value as HostTensor;
    if (host.dtype === "int64") {
      return Array.from(host.dataSync() as BigInt64Array, (element) => {
        const number = Number(element);
        // The largest numbers stand for "to the end".
        return Number.isSafeInteger(number) ? number : element < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
      });
    }
    return Array.from(readLanes(host));
  }
}

/** Reads an operator: one value per output, or a single one. */
export type OperatorReader = (context: NodeContext) => Value | readonly (Value | undefined)[];

/** Readers by the operator's name. */
export type OperatorTable = Readonly<Record<string, OperatorReader>>;
