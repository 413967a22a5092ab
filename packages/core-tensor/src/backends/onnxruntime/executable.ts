import { carrierDType } from "../../formats/onnx/lowerModel.ts";
import type { Graph, ValueType } from "../../ops/program.ts";
import { type TensorLike, toHost } from "../../tensor/create.ts";
import { DeviceError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import type { Executable, RunOptions } from "../backend.ts";
import { bindInputs } from "../../graph/binding.ts";
import { fromBorder, toBorder } from "./carriers.ts";
import type { OrtSession, OrtTensorConstructor, OrtValue } from "./ort.ts";

/** What a session calls the inputs and outputs of a program, in the program's order. */
export interface SessionNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * A loaded program. Inputs are seen in place where they are dense; results are tensors over the arrays that
 * onnxruntime made for this run, which it never writes to again. Arrays handed in for the results are not faster, since
 * onnxruntime-node copies into them all the same (bench/outputs.bench.ts), and would break that tensors never change.
 */
export class OrtExecutable implements Executable {
  #session: OrtSession | undefined;

  constructor(
    readonly graph: Graph,
    session: OrtSession,
    private readonly names: SessionNames,
    private readonly Tensor: OrtTensorConstructor,
    /** False for providers that crash on values without elements. */
    private readonly runsEmpty: boolean,
    private readonly onDispose: (executable: OrtExecutable) => void,
  ) {
    this.#session = session;
  }

  async run(
    inputs: Readonly<Record<string, TensorLike>>,
    options: RunOptions = {},
  ): Promise<Record<string, HostTensor>> {
    options.signal?.throwIfAborted();
    const { tensors, dims } = bindInputs(this.graph, inputs);
    const empty = Object.keys(dims).find((name) => dims[name] === 0);
    if (empty !== undefined && !this.runsEmpty)
      throw new DeviceError(`onnxruntime: "${this.graph.name}": this provider cannot run with ${empty} = 0`);
    const feeds: Record<string, OrtValue> = {};
    for (const [i, value] of tensors.entries()) feeds[this.names.inputs[i] as string] = this.#feed(await toHost(value));
    const session = this.#session;
    if (session === undefined)
      throw new DeviceError(`onnxruntime: the program "${this.graph.name}" was run after it was disposed of`);
    const results = await this.#compute(session, feeds);
    return Object.fromEntries(
      this.graph.outputs.map(({ name, value }, i) => {
        const { dtype } = this.graph.types[value] as ValueType;
        const { dims, data } = results[this.names.outputs[i] as string] as OrtValue;
        return [name, fromBorder(dtype, dims, data as ArrayBufferView)];
      }),
    );
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    this.onDispose(this);
    await session.release();
  }

  #feed(value: HostTensor): OrtValue {
    return new this.Tensor(carrierDType(value.dtype), toBorder(value), value.shape);
  }

  async #compute(
    session: OrtSession,
    feeds: Readonly<Record<string, OrtValue>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    try {
      return await session.run(feeds as Readonly<Record<string, never>>);
    } catch (cause) {
      throw new DeviceError(`onnxruntime: the program "${this.graph.name}" failed: ${messageOf(cause)}`, { cause });
    }
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
