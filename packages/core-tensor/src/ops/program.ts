import type { Dim } from "../tensor/dims.ts";
import type { DType } from "../tensor/dtype.ts";
import type { HostTensor } from "../tensor/host.ts";

/** What is known of a value before it is computed. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

/** What an op is told besides its inputs. Plain data; a whole program may be among it (the body of a scan). */
export type Attribute = number | string | boolean | null | readonly Dim[] | readonly string[] | Graph;
export type Attributes = Readonly<Record<string, Attribute>>;

/** One step of a program. */
export interface GraphNode {
  readonly op: string;
  /** Names of the values it reads. */
  readonly inputs: readonly string[];
  /** Names of the values it makes. */
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A named result. Several outputs may give the same value, and an output may give an input. */
export interface GraphOutput {
  readonly name: string;
  readonly value: string;
}

/**
 * A program as plain data. Every value has a name that is used once; `nodes` are in topological order. A value
 * is an input, a constant or an output of one node.
 */
export interface Graph {
  readonly name: string;
  /** Names of the values that come from outside, in order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly GraphOutput[];
  readonly nodes: readonly GraphNode[];
  readonly constants: Readonly<Record<string, HostTensor>>;
  /** The type of every value. */
  readonly types: Readonly<Record<string, ValueType>>;
}
