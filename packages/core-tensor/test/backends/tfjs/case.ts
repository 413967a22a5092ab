import type { OpAttributes, OpName } from "../../../src/ops/vocabulary.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import type { Tolerance } from "./compare.ts";

/** One application of an op. */
export interface Application<Attributes> {
  readonly inputs: readonly HostTensor[];
  readonly attributes: Attributes;
  readonly tolerance?: Tolerance;
}

export type Case<Name extends OpName = OpName> = Application<OpAttributes[Name]>;

export type Cases = { readonly [Name in OpName]: readonly Case<Name>[] };
