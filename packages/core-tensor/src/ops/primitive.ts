import type { HostTensor } from "../tensor/host.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Graph, ValueType } from "./program.ts";

/** No attributes. */
export type NoAttributes = Readonly<Record<never, never>>;

/** A value type whose dimensions are all numbers. */
export interface ConcreteType extends ValueType {
  readonly shape: readonly number[];
}

/**
 * A primitive: what programs are made of. Its derivative stands in `derivatives/`, because derivatives are
 * written in ops and would otherwise make the files of ops import each other in circles.
 */
export interface Primitive<A extends object = NoAttributes> {
  readonly name: string;
  /** Which attributes hold dimensions, and so may be symbolic. */
  readonly dims?: readonly (keyof A & string)[];
  /** The types of the outputs. Throws an OpError that names the argument when the inputs do not fit. */
  infer(inputs: readonly ValueType[], attributes: A): readonly ValueType[];
  /**
   * The definition of the op on host tensors with known dimensions: float64 accumulation, flat loops.
   * `types` are the output types that `infer` gave. `tools` serve the primitives that hold programs.
   */
  kernel(
    inputs: readonly HostTensor[],
    attributes: A,
    types: readonly ConcreteType[],
    tools: Tools,
  ): readonly HostTensor[];
}

/** The records of a family: `PrimitiveTable<Pick<OpAttributes, "sin" | "cos">>`. */
export type PrimitiveTable<Ops extends object> = {
  readonly [Name in keyof Ops]: Primitive<Ops[Name] & object>;
};

/** What a derivative rule may use. */
export interface VjpContext<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: A;
  /** One per output: the derivative of the final scalar with respect to it, or `null` for zero; not all are null. */
  readonly cotangents: readonly (Tensor | null)[];
}

/**
 * The vector-Jacobian product of a primitive, written in ops: one cotangent per input, of the input's shape and
 * dtype, or `null` for zero and where the input is not a float.
 */
export type VjpRule<A> = (context: VjpContext<A>) => readonly (Tensor | null)[];

/**
 * How a primitive is differentiated: by a rule; `"none"` where outputs do not vary smoothly with any input
 * (comparisons, rounding, indices), so that nothing flows back; or, for a primitive that holds programs, by
 * computing outputs and pullback together.
 */
export type Derivative<A> =
  | VjpRule<A>
  | "none"
  | { linearize(inputs: readonly Tensor[], attributes: A, tools: Tools): Pullback };

/** The derivatives of a family. */
export type DerivativeTable<Ops extends object> = {
  readonly [Name in keyof Ops]: Derivative<Ops[Name]>;
};

/** A computed step of a reverse-mode sweep. `null` stands for a cotangent that is zero. */
export interface Pullback {
  readonly outputs: readonly Tensor[];
  pull(cotangents: readonly (Tensor | null)[]): (Tensor | null)[];
}

/**
 * What primitives that hold programs need from the layers above, which supply it, so that ops need not know
 * them.
 */
export interface Tools {
  /** Runs a program on values: eagerly on host tensors, or by recording its nodes on traced ones. */
  evaluate(graph: Graph, inputs: readonly Tensor[]): Tensor[];
  /** The function as a program, and the outside traced values that it used (extra inputs at the program's end). */
  capture(fn: (...inputs: Tensor[]) => readonly Tensor[], types: readonly ValueType[]): Captured;
  /** Outputs of a function and the map from output to input cotangents. */
  vjp(fn: (...inputs: Tensor[]) => readonly Tensor[], inputs: readonly Tensor[]): Pullback;
}

export interface Captured {
  readonly graph: Graph;
  readonly captures: readonly Tensor[];
}
