import type { Graph, ValueType } from "../ops/program.ts";
import { iotaPrimitive } from "../ops/movement/iota.ts";
import { SymbolicDim, type TracedTensor, isTraced } from "../ops/traced.ts";
import { type Dim, canonicalDim } from "../tensor/dims.ts";
import type { DType } from "../tensor/dtype.ts";
import type { HostTensor } from "../tensor/host.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { GraphRecorder } from "./recorder.ts";
import { renameValues } from "./rename.ts";

/**
 * Writes the program of a file with ordinary ops, under the file's names. Inputs and constants come in as traced values,
 * so every op called on them is recorded; `name` says what the file calls a result.
 *
 *     const recording = new Recording("net", namesInTheFile);
 *     const x = recording.input("x", { dtype: "float32", shape: ["batch", 3] });
 *     const w = recording.constant(weights, "w");
 *     recording.name(matmul(x, w), "y");
 */
export class Recording {
  readonly recorder: GraphRecorder;
  /** From the recorder's names to those of the file. */
  readonly #names = new Map<string, string>();
  readonly #given = new Set<string>();

  /** @param names those that the file uses; values without one get none of them. */
  constructor(name: string, names: Iterable<string>) {
    this.recorder = new GraphRecorder(name, names);
  }

  input(name: string, type: ValueType): Tensor {
    this.#given.add(name);
    return this.recorder.input(name, type);
  }

  /** A constant as a traced value. */
  constant(value: HostTensor, name?: string): Tensor {
    const traced = this.recorder.constant(value);
    if (name !== undefined) this.name(traced, name);
    return traced;
  }

  /**
   * Names a value. The first name stays when there are several: an identity in a file leaves no node, so its result has
   * two. Values inside of loops, which belong to other recorders, are passed over.
   */
  name(value: Tensor, name: string): void {
    if (!isTraced(value) || value.recorder !== this.recorder) return;
    const own = (value as TracedTensor<string>).payload;
    if (this.#given.has(name) || this.#given.has(own) || this.#names.has(own)) return;
    this.#names.set(own, name);
    this.#given.add(name);
  }

  /** A dimension in the form in which ops take it. Expressions over names of dimensions of the inputs stay symbolic. */
  dimension(dim: Dim): number {
    const plain = canonicalDim(dim);
    // Typed as a number, as the dimensions of a traced tensor are.
    const live: unknown = typeof plain === "number" ? plain : new SymbolicDim(plain, this.recorder);
    return live as number;
  }

  /** 0, 1, …, length - 1 as a recorded step: the op by itself would make the numbers at once, however many they are. */
  iota(length: number, dtype: DType): Tensor {
    return this.recorder.record(iotaPrimitive, [], { length, dtype })[0] as Tensor;
  }

  /** Ends the recording. */
  finish(outputs: readonly { readonly name: string; readonly value: Tensor }[]): Graph {
    return renameValues(this.recorder.finish(outputs).graph, this.#names);
  }
}
