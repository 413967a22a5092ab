import type { ConcreteType } from "../../ops/primitive.ts";
import type { Tf, TfTensor } from "./engine.ts";

/** What a lowering may use besides the tensors. Everything that it allocates belongs to the scope of its node. */
export interface TfContext {
  readonly tf: Tf;
  /** The types of the node's inputs and outputs in our vocabulary; a tensor's own dtype is that of its carrier. */
  readonly inputTypes: readonly ConcreteType[];
  readonly types: readonly ConcreteType[];
  /** Which outputs somebody reads: the others may be left `null`. */
  readonly used: readonly boolean[];
  /**
   * Runs the program that the named attribute holds; the inputs whose `owned` is true are freed after their last
   * reader.
   */
  evaluate(attribute: string, inputs: readonly TfTensor[], owned: readonly boolean[]): TfTensor[];
  /** Runs `fn` in a scope of its own, so that its intermediates are freed when it is done. */
  scope<T extends readonly TfTensor[]>(fn: () => T): T;
}

/** What a node asks of the engine depends on these. */
export interface KernelQuery<A> {
  readonly attributes: A;
  readonly inputTypes: readonly {
    readonly dtype: ConcreteType["dtype"];
    readonly shape: readonly (number | string)[];
  }[];
}

/**
 * How TensorFlow.js computes one op. Nodes whose outputs have no elements are not lowered at all; inputs without
 * elements occur only where an op makes something of nothing (a sum, a pad).
 */
export interface TfLowering<A> {
  /** Names of the engine's kernels that it calls, beyond `Identity`, `Reshape` and `Cast`. */
  readonly kernels: readonly string[] | ((query: KernelQuery<A>) => readonly string[]);
  /** Names of the attributes whose programs it runs. */
  readonly programs?: readonly string[];
  lower(context: TfContext, inputs: readonly TfTensor[], attributes: A): readonly (TfTensor | null)[];
}

/** The lowerings of a family. */
export type TfLoweringTable<Ops extends object> = { readonly [Name in keyof Ops]: TfLowering<Ops[Name]> };

/** A lowering with one output from one input. */
export function unary<A>(
  kernels: TfLowering<A>["kernels"],
  lower: (context: TfContext, x: TfTensor, attributes: A) => TfTensor,
): TfLowering<A> {
  return { kernels, lower: (context, [x], attributes) => [lower(context, x as TfTensor, attributes)] };
}

/** A lowering with one output from two inputs. */
export function binary<A>(
  kernels: TfLowering<A>["kernels"],
  lower: (context: TfContext, a: TfTensor, b: TfTensor, attributes: A) => TfTensor,
): TfLowering<A> {
  return {
    kernels,
    lower: (context, [a, b], attributes) => [lower(context, a as TfTensor, b as TfTensor, attributes)],
  };
}

/** The type of the node's first input. */
export function inputType(context: TfContext, index = 0): ConcreteType {
  return context.inputTypes[index] as ConcreteType;
}

/** The type of the node's first output. */
export function outputType(context: TfContext, index = 0): ConcreteType {
  return context.types[index] as ConcreteType;
}
