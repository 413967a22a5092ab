import { plainAttributes, typeOf } from "../ops/apply.ts";
import type { Primitive, Tools } from "../ops/primitive.ts";
import type { Attributes, Graph, ValueType } from "../ops/program.ts";
import { type Recorder, TracedTensor, isTraced, nextLevel, tracedDims } from "../ops/traced.ts";
import { DeviceError, TraceError } from "../tensor/errors.ts";
import { type HostTensor, isHostTensor } from "../tensor/host.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { GraphBuilder } from "./builder.ts";

/** A recorder that writes what it sees into a graph. Its traced values carry the names of graph values. */
export class GraphRecorder implements Recorder {
  readonly level: number = nextLevel();
  readonly #builder: GraphBuilder;
  readonly #constants = new Map<HostTensor, string>();
  readonly #captures = new Map<Tensor, string>();
  #closed = false;

  /** `reserved` names are left for `renameValues`: the recorder gives none of them to a value of its own. */
  constructor(name: string, reserved: Iterable<string> = []) {
    this.#builder = new GraphBuilder(name, reserved);
  }

  input(name: string, type: ValueType): Tensor {
    return this.#traced(this.#builder.input(name, type));
  }

  /** A constant as a traced value: what is computed from it is recorded, and not computed at once. */
  constant(value: HostTensor): Tensor {
    return this.#traced(this.nameOf(value));
  }

  record<A extends object>(
    primitive: Primitive<A>,
    inputs: readonly Tensor[],
    attributes: A,
    _tools?: Tools,
  ): Tensor[] {
    return this.recordAs(primitive.name, inputs, plainAttributes(primitive, attributes) as Attributes);
  }

  /** Records a step whose outputs get these names where they are free. */
  recordAs(op: string, inputs: readonly Tensor[], attributes: Attributes, names?: readonly string[]): Tensor[] {
    if (this.#closed) {
      throw new TraceError(
        `${op}: a traced value was used after its function had returned; return it instead of storing it elsewhere`,
      );
    }
    const free = names?.every((name) => !this.#builder.has(name)) === true ? names : undefined;
    return this.#builder
      .addNode(
        op,
        inputs.map((input) => this.nameOf(input)),
        attributes,
        free,
      )
      .map((name) => this.#traced(name));
  }

  /** The name of a value in this graph; values from outside become constants or captured inputs. */
  nameOf(value: Tensor): string {
    if (isTraced(value)) {
      if (value.recorder === this) return value.payload as string;
      if (value.recorder.level > this.level) {
        throw new TraceError(
          "a traced value of an inner function was used outside of it; return it from the inner function",
        );
      }
      return remember(this.#captures, value, () =>
        this.#builder.input(`captured_${this.#captures.size}`, typeOf(value)),
      );
    }
    if (isHostTensor(value)) return remember(this.#constants, value, () => this.#builder.constant(value));
    throw new DeviceError("a tensor on a device was used as a constant of a traced function; pass it as an argument");
  }

  /** Ends the recording: the graph with these outputs, and the outside values that it captured. */
  finish(outputs: readonly { readonly name: string; readonly value: Tensor }[]): { graph: Graph; captures: Tensor[] } {
    for (const { name, value } of outputs) this.#builder.output(name, this.nameOf(value));
    this.#closed = true;
    return { graph: this.#builder.build(), captures: [...this.#captures.keys()] };
  }

  #traced(name: string): TracedTensor<string> {
    const { dtype, shape } = this.#builder.type(name);
    return new TracedTensor(dtype, tracedDims(shape, this), this, name);
  }
}

function remember<K>(names: Map<K, string>, key: K, make: () => string): string {
  const known = names.get(key);
  if (known !== undefined) return known;
  const name = make();
  names.set(key, name);
  return name;
}
