import type { Graph } from "../ops/program.ts";
import type { TensorLike } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What a backend holds at the moment. */
export interface BackendMemory {
  /** Compiled programs that are not disposed of. */
  readonly programs: number;
  /** Tensors that live on the device, and their bytes. */
  readonly tensors: number;
  readonly bytes: number;
}

/** What is used of an `AbortSignal`, whose type only browsers and Node declare. */
export interface Signal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

export interface CompileOptions {
  readonly signal?: Signal;
}

export interface RunOptions {
  /** Checked before the program starts; a program that runs is not interrupted. */
  readonly signal?: Signal;
}

/** A program that is ready to run. */
export interface Executable {
  /**
   * Runs the program on named inputs. Every input must be there, with its dtype and a shape that fits; symbolic
   * dimensions take their numbers from the inputs and must agree.
   *
   * @throws OpError that names the input when one is missing, unknown or does not fit.
   */
  run(inputs: Readonly<Record<string, TensorLike>>, options?: RunOptions): Promise<Record<string, Tensor>>;
  /** Frees what the program holds. Running it afterwards is a DeviceError; a second call does nothing. */
  dispose(): Promise<void>;
}

/** An engine that runs programs. */
export interface Backend {
  /** Which engine, for example `"onnxruntime"`. */
  readonly name: string;
  /** Where it really computes, as the engine reports it, for example `"cpu"`, `"webgpu"`, `"wasm"`. */
  readonly device: string;
  /** @throws UnsupportedError that lists everything in the program that this backend cannot run. */
  compile(graph: Graph, options?: CompileOptions): Promise<Executable>;
  /** The tensor where this backend computes; its own tensors and, on engines that share memory, host ones as they are. */
  put(tensor: TensorLike): Promise<Tensor>;
  memory(): BackendMemory;
  /** Frees every program and tensor that this backend made. */
  dispose(): Promise<void>;
}
