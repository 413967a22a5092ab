import { bindInputs } from "../../graph/binding.ts";
import { isSymbolicGraph, substituteGraph } from "../../graph/substitute.ts";
import type { Graph, ValueType } from "../../ops/program.ts";
import { type TensorLike, toHost } from "../../tensor/create.ts";
import { ArgumentError, DeviceError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Executable, RunOptions } from "../backend.ts";
import { firstBeyondInt32, upload } from "./carriers.ts";
import type { Tf, TfTensor } from "./engine.ts";
import { type Plan, planConstants, release } from "./plan.ts";
import type { Residents } from "./residents.ts";
import { scoped } from "./scope.ts";
import { walk } from "./walk.ts";

/** Programs with numbers for their symbols that are remembered for the next call of the same shape. */
const rememberedShapes = 32;

/** A program on TensorFlow.js. */
export class TfExecutable implements Executable {
  readonly #concrete = new Map<string, Graph>();
  readonly #symbolic: boolean;
  #plan: Plan | undefined;

  constructor(
    readonly tf: Tf,
    readonly graph: Graph,
    plan: Plan,
    readonly residents: Residents,
    /** Throws when the engine is no longer the one for which the program was compiled. */
    readonly checkEngine: () => void,
    readonly onDispose: (executable: TfExecutable) => void,
  ) {
    this.#plan = plan;
    this.#symbolic = isSymbolicGraph(graph);
  }

  /** Tensors that the program holds, and their bytes. */
  memory(): { readonly tensors: number; readonly bytes: number } {
    const constants = this.#plan === undefined ? [] : planConstants(this.#plan);
    return {
      tensors: constants.length,
      bytes: constants.reduce((sum, { dtype, size }) => sum + size * (dtype === "bool" ? 1 : 4), 0),
    };
  }

  async run(inputs: Readonly<Record<string, TensorLike>>, options: RunOptions = {}): Promise<Record<string, Tensor>> {
    options.signal?.throwIfAborted();
    this.#livePlan();
    const { tensors, dims } = bindInputs(this.graph, inputs);
    // Tensors of other backends are fetched before anything is allocated.
    const sources = await Promise.all(
      tensors.map(async (value) => this.residents.own(value) ?? this.#checked(await toHost(value))),
    );
    options.signal?.throwIfAborted();
    const plan = this.#livePlan();
    const outputs = scoped(this.tf, () => {
      const isHost = sources.map((source) => !isEngineTensor(source));
      const values = sources.map((source) => (isEngineTensor(source) ? source : upload(this.tf, source)));
      return walk(this.tf, plan, this.#concreteGraph(dims), values, isHost).map((value) => this.tf.keep(value));
    });
    return Object.fromEntries(
      this.graph.outputs.map(({ name, value }, i) => [
        name,
        this.residents.adopt((this.graph.types[value] as ValueType).dtype, outputs[i] as TfTensor),
      ]),
    );
  }

  async dispose(): Promise<void> {
    if (this.#plan === undefined) return;
    release(this.#plan);
    this.#plan = undefined;
    this.onDispose(this);
  }

  #livePlan(): Plan {
    if (this.#plan === undefined)
      throw new DeviceError(`tfjs: the program "${this.graph.name}" was run after it was disposed of`);
    this.checkEngine();
    return this.#plan;
  }

  #checked(value: HostTensor): HostTensor {
    const at = firstBeyondInt32(value);
    if (at < 0) return value;
    const found = String((value.dataSync() as BigInt64Array)[at]);
    throw new ArgumentError({
      op: this.graph.name,
      argument: `element ${at} of an int64 input`,
      expected: "a value within int32, which carries int64 in TensorFlow.js",
      found,
    });
  }

  #concreteGraph(dims: Readonly<Record<string, number>>): Graph {
    if (!this.#symbolic) return this.graph;
    const key = JSON.stringify(dims);
    let concrete = this.#concrete.get(key);
    if (concrete === undefined) {
      concrete = substituteGraph(this.graph, dims);
      if (this.#concrete.size >= rememberedShapes) this.#concrete.delete(this.#concrete.keys().next().value ?? "");
      this.#concrete.set(key, concrete);
    }
    return concrete;
  }
}

function isEngineTensor(source: HostTensor | TfTensor): source is TfTensor {
  return "clone" in source;
}
