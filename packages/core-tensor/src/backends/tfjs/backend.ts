import type { Graph } from "../../ops/program.ts";
import { type TensorLike, tensor, toHost } from "../../tensor/create.ts";
import { ArgumentError, DeviceError, UnsupportedError } from "../../tensor/errors.ts";
import { type Tensor, isTensor } from "../../tensor/tensor.ts";
import type { Backend, BackendMemory, CompileOptions, Executable } from "../backend.ts";
import { carrierOf, firstBeyondInt32, upload } from "./carriers.ts";
import { dtypeReason, unsupported } from "./check.ts";
import type { Tf, TfTensor } from "./engine.ts";
import { TfExecutable } from "./executable.ts";
import { plan } from "./plan.ts";
import { Residents } from "./residents.ts";
import { scoped } from "./scope.ts";

export interface TfjsOptions {
  /** The engine's backend that must be in use, for example `"wasm"` or `"tensorflow"`. Default: whichever is. */
  readonly device?: string;
}

/**
 * Programs on TensorFlow.js. The engine is the user's own object, with its backend chosen and ready:
 *
 * - `@tensorflow/tfjs-core` with `@tensorflow/tfjs-backend-cpu` or `-wasm`: tested with 4.22.0;
 * - `@tensorflow/tfjs-node` and `@tensorflow/tfjs-node-gpu`: the same code, not run by our tests. Version 4.22 fails on
 *   Node 23 and later (it calls `util.isNullOrUndefined`, which is gone); the GPU build wants CUDA 11.2 and cuDNN 8.1.
 *
 * TensorFlow.js computes in float32, int32 and bool. int8, uint8, int64 and the packed whole numbers are carried as
 * int32: narrow results wrap or saturate as in the reference, int64 is limited to the range of int32. float64, float16
 * and bfloat16 are refused. Results stay on the device: `await result.data()` fetches, `result.dispose()` frees.
 *
 * A program runs on the backend that was active when `tfjs` was called; when the engine has been switched to another
 * one, compiling and running throw instead of computing elsewhere.
 *
 * @throws DeviceError when the engine has no active backend yet, or another one than `options.device`.
 * @example
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-wasm";
 * await tf.setBackend("wasm");
 * const backend = tfjs(tf);
 */
export function tfjs<T extends TfTensor>(tf: Tf<T>, options: TfjsOptions = {}): Backend {
  return new TfjsBackend(tf, options);
}

class TfjsBackend implements Backend {
  readonly name = "tfjs";
  readonly device: string;
  readonly #tf: Tf;
  readonly #residents = new Residents();
  readonly #programs = new Set<TfExecutable>();
  #live = true;

  constructor(tf: Tf, { device }: TfjsOptions) {
    const given: unknown = tf;
    if (typeof given !== "object" || given === null || !("getBackend" in given)) {
      throw new ArgumentError({
        op: "tfjs",
        argument: "tf",
        expected: 'the module of TensorFlow.js (import * as tf from "@tensorflow/tfjs-core")',
        found: given === null ? "null" : typeof given === "object" ? "an object without getBackend" : typeof given,
      });
    }
    const active = activeBackend(tf);
    if (active === undefined) {
      throw new DeviceError(
        'tfjs: expected an engine with an active backend, got none; await tf.setBackend("wasm") or tf.ready() first',
      );
    }
    if (device !== undefined && device !== active) {
      throw new DeviceError(
        `tfjs: expected the engine's backend "${device}", got "${active}"; call await tf.setBackend("${device}") first`,
      );
    }
    this.#tf = tf;
    this.device = active;
  }

  async compile(graph: Graph, options: CompileOptions = {}): Promise<Executable> {
    options.signal?.throwIfAborted();
    this.#check();
    const reasons = unsupported(this.#tf, this.device, graph);
    if (reasons.length > 0) throw new UnsupportedError(this.#target, reasons);
    const executable = new TfExecutable(
      this.#tf,
      graph,
      plan(this.#tf, graph),
      this.#residents,
      () => this.#check(),
      (own) => {
        this.#programs.delete(own);
      },
    );
    this.#programs.add(executable);
    return executable;
  }

  async put(value: TensorLike): Promise<Tensor> {
    this.#check();
    if (isTensor(value) && this.#residents.own(value) !== undefined) return value;
    const host = isTensor(value) ? await toHost(value) : tensor(value);
    this.#check();
    if (carrierOf(host.dtype) === undefined)
      throw new UnsupportedError(this.#target, [dtypeReason(host.dtype, "a tensor for put")]);
    const beyond = firstBeyondInt32(host);
    if (beyond >= 0) {
      throw new ArgumentError({
        op: "put",
        argument: `element ${beyond}`,
        expected: "a value within int32, which carries int64 in TensorFlow.js",
      });
    }
    const [kept] = scoped(this.#tf, () => [this.#tf.keep(upload(this.#tf, host))] as const);
    return this.#residents.adopt(host.dtype, kept);
  }

  memory(): BackendMemory {
    let tensors = this.#residents.count;
    let bytes = this.#residents.bytes;
    for (const program of this.#programs) {
      const held = program.memory();
      tensors += held.tensors;
      bytes += held.bytes;
    }
    return { programs: this.#programs.size, tensors, bytes };
  }

  async dispose(): Promise<void> {
    this.#live = false;
    for (const program of [...this.#programs]) await program.dispose();
    this.#residents.clear();
  }

  get #target(): string {
    return `tfjs (${this.device})`;
  }

  #check(): void {
    if (!this.#live) throw new DeviceError("tfjs: the backend was used after it was disposed of");
    const active = activeBackend(this.#tf);
    if (active !== this.device) {
      throw new DeviceError(
        `tfjs: this backend computes on "${this.device}", but the engine now uses "${active ?? "none"}"; ` +
          "switch back with tf.setBackend, or call tfjs(tf) again",
      );
    }
  }
}

/** The engine gives `undefined` or `null` before a backend is ready, whatever its types say. */
function activeBackend(tf: Tf): string | undefined {
  const active: string | null | undefined = tf.getBackend();
  return active ?? undefined;
}
