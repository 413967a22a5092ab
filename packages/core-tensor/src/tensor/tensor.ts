import type { DType } from "./dtype.ts";
import { ArgumentError } from "./errors.ts";
import type { NdArray, TypedArray as NdTypedArray } from "ndarray";

/** Nested arrays of plain values, as `toArray` gives and `tensor` takes them. */
export type NestedArray<T> = T | readonly NestedArray<T>[];

/**
 * The values of a tensor in row-major order. float16 and bfloat16 are given as Float32Array, int64 as
 * BigInt64Array, bool as Uint8Array of 0 and 1, int4 and int2 as Int8Array, uint4 as Uint8Array.
 */
export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;

/** Where a tensor's values are: in this process's memory, on a device, or nowhere yet (a traced value). */
export type Residence = "host" | "device" | "traced";

/** Marks our values, so that two copies of this module in one process recognise each other's. */
export const tensorBrand: unique symbol = Symbol.for("parsimony.tensor") as never;

declare global {
  // As in TypeScript's library esnext.disposable, so that programs compiled with an older one read our declarations.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** A value with our mark. */
export interface Branded {
  readonly [tensorBrand]: Residence;
}

/** Sets the mark; typed from outside because isolated declarations cannot name a symbol inside a class. */
const BrandedValue: abstract new (residence: Residence) => Branded = class {
  readonly [tensorBrand]: Residence;
  constructor(where: Residence) {
    this[tensorBrand] = where;
  }
};

/**
 * An immutable n-dimensional array. Host tensors hold their values; device tensors hold a handle of the
 * backend that computed them; inside a traced function a tensor stands for a value that a program will compute.
 *
 * `shape` holds whole numbers. Inside a function that is traced with symbolic dimensions, such a dimension is an
 * opaque object that may be handed on as a dimension (`reshape(x, [x.shape[0], -1])`) but throws when it is
 * used as a number.
 */
export abstract class Tensor extends BrandedValue {
  abstract readonly dtype: DType;
  abstract readonly shape: readonly number[];

  /** Number of axes; 0 for a scalar. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. Throws a TypeError when a dimension is symbolic. */
  get size(): number {
    return this.shape.reduce((product, dim) => product * dim, 1);
  }

  /** The values in row-major order, fetched from the device where needed. Do not write into the result. */
  abstract data(): Promise<TensorData>;

  /** As `data`, at once. Throws a DeviceError for a device tensor, a TraceError inside a traced function. */
  abstract dataSync(): TensorData;

  /** Nested arrays of numbers (booleans for bool); a plain value for a scalar. Host tensors only. */
  abstract toArray(): NestedArray<number | boolean>;

  /** The scijs ndarray over the values, without a copy where the dtype allows it. Host tensors only. */
  abstract view(): NdArray<NdTypedArray | number[]>;

  /** The one value of a tensor of size 1, as a number. Host tensors only. */
  abstract item(): number;

  /** Frees device memory; does nothing for other tensors. The tensor must not be used afterwards. */
  abstract dispose(): void;

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Text where JavaScript wants text; an ArgumentError where it wants a number, as `x > 0` and `x + 1` do. */
  [Symbol.toPrimitive](hint: string): string {
    const text = `${this.dtype} tensor of shape [${this.shape.map(String).join(", ")}]`;
    if (hint === "string") return text;
    throw new ArgumentError({
      op: "tensor",
      argument: "an operand of a JavaScript operator",
      expected: "a number",
      found: `a ${text}; use ops (add, mul, less, where, …)`,
    });
  }
}

/** Is this one of our tensors (of any copy of this module)? */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && tensorBrand in value;
}

/** Where the values of a tensor are. */
export function residence(tensor: Tensor): Residence {
  return tensor[tensorBrand];
}
