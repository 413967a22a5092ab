import type { NdArray, TypedArray as NdTypedArray } from "ndarray";
import type { Dim } from "../tensor/dims.ts";
import type { DType } from "../tensor/dtype.ts";
import { TraceError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { type NestedArray, Tensor, type TensorData, residence } from "../tensor/tensor.ts";
import type { Primitive, Tools } from "./primitive.ts";

/**
 * Whoever follows a computation: a graph being written, or the tape of a derivative. An op that meets traced
 * values hands itself to the innermost of their recorders.
 */
export interface Recorder {
  /** Later recorders have higher levels; the innermost one wins. */
  readonly level: number;
  /** Takes note of a step. Dimensions among the attributes may be `SymbolicDim`s of outer recorders. */
  record<A extends object>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A, tools?: Tools): Tensor[];
}

const counter: unique symbol = Symbol.for("parsimony.recorderLevel") as never;

/** A level above all earlier ones. Counted on globalThis, so that two copies of this module agree on the order. */
export function nextLevel(): number {
  const shared = globalThis as { [counter]?: number };
  const level = (shared[counter] ?? 0) + 1;
  shared[counter] = level;
  return level;
}

const dimBrand: unique symbol = Symbol.for("parsimony.dimension") as never;

/** Sets the mark; typed from outside because isolated declarations cannot name a symbol inside a class. */
const BrandedDim: new () => { readonly [dimBrand]: true } = class {
  readonly [dimBrand] = true as const;
};

/**
 * A dimension of a traced value that is known only when the program runs. It can be used where a dimension is
 * expected; used as a number it throws, so that a program never depends on a value that it does not have.
 */
export class SymbolicDim extends BrandedDim {
  constructor(
    /** Canonical polynomial, see `Dim`. */
    readonly expression: string,
    readonly recorder: Recorder,
  ) {
    super();
  }

  override toString(): string {
    return this.expression;
  }

  toJSON(): string {
    return this.expression;
  }

  override valueOf(): never {
    throw new TraceError(
      `the dimension "${this.expression}" is symbolic: it has no number while the function is traced. Hand it on as a dimension, ` +
        "write -1 in reshape, combine dimensions with mulDims/addDims, or use dimSize(x, axis) for its value inside the program",
    );
  }
}

/** Is this a symbolic dimension of a traced value? */
export function isSymbolicDim(value: unknown): value is SymbolicDim {
  return typeof value === "object" && value !== null && dimBrand in value;
}

/** A dimension of a tensor as plain data: symbolic ones become their expression. */
export function plainDim(dim: unknown): Dim {
  return isSymbolicDim(dim) ? dim.expression : (dim as Dim);
}

/** A shape as plain data. */
export function plainShape(shape: readonly unknown[]): Dim[] {
  return shape.map(plainDim);
}

/**
 * A value that is being followed. `payload` belongs to the recorder: the name of a value in a graph, or an entry
 * of a tape.
 */
export class TracedTensor<Payload = unknown> extends Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];

  constructor(
    dtype: DType,
    shape: readonly (number | SymbolicDim)[],
    readonly recorder: Recorder,
    readonly payload: Payload,
  ) {
    super("traced");
    this.dtype = dtype;
    // Typed as numbers so that one user function serves both worlds; SymbolicDim throws when it is used as one.
    this.shape = shape as readonly number[];
  }

  data(): Promise<TensorData> {
    return Promise.reject(this.#noValue("data"));
  }

  dataSync(): TensorData {
    throw this.#noValue("dataSync");
  }

  toArray(): NestedArray<number | boolean> {
    throw this.#noValue("toArray");
  }

  view(): NdArray<NdTypedArray | number[]> {
    throw this.#noValue("view");
  }

  item(): number {
    throw this.#noValue("item");
  }

  dispose(): void {}

  #noValue(method: string): TraceError {
    return new TraceError(
      `${method}: a traced ${this.dtype} value of shape ${formatShape(this.shape)} has no numbers while its function is traced; ` +
        "use ops (where, scan, …) instead of JavaScript control flow on values, and return what you want to look at",
    );
  }
}

/** Is this a value that a recorder follows? */
export function isTraced(value: Tensor): value is TracedTensor {
  return residence(value) === "traced";
}

/** A traced dimension: a number as it is, an expression as a SymbolicDim of this recorder. */
export function tracedDims(shape: readonly Dim[], recorder: Recorder): (number | SymbolicDim)[] {
  return shape.map((dim) => (typeof dim === "number" ? dim : new SymbolicDim(dim, recorder)));
}
