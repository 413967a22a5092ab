import { byteLength } from "../tensor/dtype.ts";
import type { HostTensor } from "../tensor/host.ts";
import { formatShape } from "../tensor/shape.ts";
import type { ModelListing } from "./listing.ts";
import type { GraphSummary } from "./summarize.ts";

/** What `inspect` found in a file; plain data, which `--json` prints as it is. */
export type Report = ProgramReport | UnsupportedReport | TensorsReport;

interface FileReport {
  /** As it was named. */
  readonly file: string;
  /** Bytes of the file. */
  readonly bytes: number;
  readonly format: "onnx" | "tflite" | "safetensors" | "npy" | "npz";
  /** What the file says of itself, by key: producer, versions, metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A model that was read as a program. */
export interface ProgramReport extends FileReport {
  readonly kind: "program";
  readonly summary: GraphSummary;
}

/** A well-formed model with something in it that cannot be read. */
export interface UnsupportedReport extends FileReport {
  readonly kind: "unsupported";
  readonly model: ModelListing;
  /** One sentence per node, type or input. */
  readonly reasons: readonly string[];
}

/** A file of arrays. */
export interface TensorsReport extends FileReport {
  readonly kind: "tensors";
  readonly tensors: readonly ListedTensor[];
}

export interface ListedTensor {
  readonly name: string;
  /** Element type, as the format calls it (safetensors) or as Tensor does. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** A tensor as an entry of a listing. */
export function listTensor(name: string, { dtype, shape, size }: HostTensor): ListedTensor {
  return { name, dtype, shape, bytes: byteLength(dtype, size) };
}

/** `float32[2, 3]` */
export function typeOf({ dtype, shape }: ListedTensor): string {
  return `${dtype}${formatShape(shape)}`;
}
