import type { ValueType } from "../../../ops/program.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import type { Emitter } from "./emitter.ts";

/** A node of a program on its way into an ONNX graph. */
export interface LoweringNode<A> {
  readonly op: string;
  /** Names of its inputs in the ONNX graph. */
  readonly inputs: readonly string[];
  readonly inputTypes: readonly ValueType[];
  /** The inputs that are constants of the program. */
  readonly constants: readonly (HostTensor | undefined)[];
  readonly outputTypes: readonly ValueType[];
  /** Which outputs anyone reads; the others need not be made. */
  readonly used: readonly boolean[];
  readonly attributes: A;
  /** A name for what belongs to this node, such as the values of a loop body. */
  readonly name: string;
}

/**
 * Writes a node as ONNX nodes and gives the name of each output (`undefined` for one that is not used). The outputs
 * are given the node's own names afterwards.
 */
export type OnnxLowering<A> = (emitter: Emitter, node: LoweringNode<A>) => string | readonly (string | undefined)[];

/** The lowerings of a family: a name that is forgotten does not compile. */
export type OnnxLoweringTable<Ops extends object> = { readonly [Name in keyof Ops]: OnnxLowering<Ops[Name]> };

/** The type of an input. */
export function inputType(node: LoweringNode<unknown>, index = 0): ValueType {
  return node.inputTypes[index] as ValueType;
}

/** The type of an output. */
export function outputType(node: LoweringNode<unknown>, index = 0): ValueType {
  return node.outputTypes[index] as ValueType;
}
