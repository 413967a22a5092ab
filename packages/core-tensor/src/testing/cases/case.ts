import type fc from "fast-check";
import type { DType } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";

/** One call of an op: what goes in. What comes out is what the reference kernel gives. */
export interface OpCase<A> {
  /** What it is about, in a few words. */
  readonly label: string;
  readonly inputs: readonly HostTensor[];
  readonly attributes: A;
  /** Some int64 among inputs or results do not fit into int32: see `ConformanceOptions.int64Bits`. */
  readonly beyondInt32?: boolean;
}

/** What an op is tried on. */
export interface OpCases<A> {
  /** Dtypes of its main operand (of its result, where it has none). */
  readonly dtypes: readonly DType[];
  /** Cases that must not be left to chance. */
  readonly examples: readonly OpCase<A>[];
  /** Random cases with a main operand of this dtype, over all combinations of attributes. */
  arbitrary(dtype: DType): fc.Arbitrary<OpCase<A>>;
  /**
   * Cases in float64 at points where the op is smooth in every float operand, for derivatives; `null` for ops without
   * float operands.
   */
  readonly smooth: fc.Arbitrary<OpCase<A>> | null;
}

/** The cases of a family of ops. */
export type OpCaseTable<Ops extends object> = { readonly [Name in keyof Ops]: OpCases<Ops[Name]> };

export const floatDTypes: readonly DType[] = ["float32", "float64", "float16", "bfloat16"];
export const wholeDTypes: readonly DType[] = ["int32", "int64", "uint8", "int8"];
export const numberDTypes: readonly DType[] = [...floatDTypes, ...wholeDTypes];
export const anyDTypes: readonly DType[] = [...numberDTypes, "bool"];
