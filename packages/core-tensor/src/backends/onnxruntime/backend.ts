import { encodeModel } from "../../formats/onnx/encode.ts";
import type { Target } from "../../formats/onnx/lower/emitter.ts";
import { lowerModel } from "../../formats/onnx/lowerModel.ts";
import type { Graph } from "../../ops/program.ts";
import { type TensorLike, tensor } from "../../tensor/create.ts";
import { DeviceError, UnsupportedError } from "../../tensor/errors.ts";
import { type Tensor, isTensor } from "../../tensor/tensor.ts";
import type { Backend, BackendMemory, CompileOptions } from "../backend.ts";
import { OrtExecutable, messageOf } from "./executable.ts";
import { type OrtModule, type OrtSession, type OrtTensorConstructor, loadOrt } from "./ort.ts";
import { probeModel } from "./probe.ts";

/** An execution provider by name, or with options of its own. */
export type ExecutionProvider = string | { readonly name: string };

export interface OnnxRuntimeOptions {
  /** The module to compute with, for example `onnxruntime-web`. Default: `onnxruntime-node`, loaded when needed. */
  readonly ort?: OrtModule;
  /** Where to compute: `"cpu"` (default; `"wasm"` for onnxruntime-web), `"webgpu"`, `"cuda"`, …, as onnxruntime names them; the first one counts. */
  readonly executionProviders?: readonly ExecutionProvider[];
  /**
   * Lets the processor run the steps that another provider has no kernel for. Default false: such a program is refused.
   * With true `device` says so, for example `"webgpu+cpu"`.
   */
  readonly cpuFallback?: boolean;
  /** Threads inside one op. Default: onnxruntime's, one per core. */
  readonly intraOpNumThreads?: number;
  /** Threads across ops. */
  readonly interOpNumThreads?: number;
  /** How much onnxruntime rewrites programs. Default `"all"`. */
  readonly graphOptimizationLevel?: "disabled" | "basic" | "extended" | "layout" | "all";
  /** Further options of `InferenceSession.create`, handed on as they are. */
  readonly sessionOptions?: Readonly<Record<string, unknown>>;
}

const providerName = (provider: ExecutionProvider): string => (typeof provider === "string" ? provider : provider.name);

/** Providers that are the processor themselves. */
const onProcessor = new Set(["cpu", "wasm"]);

/** Session options as onnxruntime reads them. */
function sessionOptions(options: OnnxRuntimeOptions, strict: boolean): Record<string, unknown> {
  const {
    executionProviders,
    intraOpNumThreads,
    interOpNumThreads,
    graphOptimizationLevel,
    sessionOptions: more = {},
  } = options;
  const given = { executionProviders, intraOpNumThreads, interOpNumThreads, graphOptimizationLevel };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const extra = (more["extra"] ?? {}) as Readonly<Record<string, unknown>>;
  const session = { ...(extra["session"] as object | undefined), disable_cpu_ep_fallback: "1" };
  // Whatever goes wrong is thrown; onnxruntime need not write it to stderr too.
  return { logSeverityLevel: 4, ...known, ...more, ...(strict ? { extra: { ...extra, session } } : {}) };
}

/** Creates backends' sessions and keeps account of them. */
class OnnxRuntimeBackend implements Backend {
  readonly name = "onnxruntime";
  readonly #executables = new Set<OrtExecutable>();
  #disposed = false;

  constructor(
    private readonly ort: OrtModule,
    readonly device: string,
    private readonly options: Readonly<Record<string, unknown>>,
    private readonly strict: boolean,
    private readonly target: Target,
  ) {}

  async compile(graph: Graph, { signal }: CompileOptions = {}): Promise<OrtExecutable> {
    signal?.throwIfAborted();
    this.#refuseWhenDisposed(graph);
    const { model, ...names } = lowerModel(graph, {}, this.target);
    const session = await this.#load(graph, encodeModel(model));
    if (signal?.aborted === true || this.#disposed) {
      await session.release();
      signal?.throwIfAborted();
      this.#refuseWhenDisposed(graph);
    }
    const Tensor = this.ort.Tensor as OrtTensorConstructor;
    // The webgpu provider of onnxruntime 1.30 ends the process when it multiplies matrices without elements.
    const runsEmpty = !this.device.startsWith("webgpu");
    const executable = new OrtExecutable(graph, session, names, Tensor, runsEmpty, (ended) =>
      this.#executables.delete(ended),
    );
    this.#executables.add(executable);
    return executable;
  }

  async put(value: TensorLike): Promise<Tensor> {
    return isTensor(value) ? value : tensor(value);
  }

  memory(): BackendMemory {
    return { programs: this.#executables.size, tensors: 0, bytes: 0 };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#executables].map((executable) => executable.dispose()));
  }

  #refuseWhenDisposed(graph: Graph): void {
    if (this.#disposed)
      throw new DeviceError(`onnxruntime: "${graph.name}" was compiled after the backend was disposed of`);
  }

  async #load(graph: Graph, bytes: Uint8Array): Promise<OrtSession> {
    try {
      return await this.ort.InferenceSession.create(bytes, this.options);
    } catch (cause) {
      const message = messageOf(cause);
      const advice = "the provider has no kernel for some step of it, and cpuFallback is off";
      const reason = this.strict && /fallback/i.test(message) ? advice : message;
      const error = new UnsupportedError(`onnxruntime (${this.device})`, [`"${graph.name}": ${reason}`]);
      error.cause = cause;
      throw error;
    }
  }
}

/**
 * ONNX Runtime: programs become ONNX models, each loaded in a session of its own. Host tensors are used in place;
 * results are host tensors.
 *
 * Programs of every dtype run: bfloat16 and the packed dtypes travel in and out as wider ones. The provider that was
 * asked for first is tried at once, and never replaced by another in silence.
 *
 * @throws Error when `onnxruntime-node` is not installed and no module was handed in; DeviceError when the provider does
 *   not start.
 * @example const backend = await onnxruntime({ intraOpNumThreads: 2 });
 */
export async function onnxruntime(options: OnnxRuntimeOptions = {}): Promise<Backend> {
  const ort = await loadOrt(options.ort);
  // onnxruntime-web computes in WebAssembly when nothing else is asked for, onnxruntime-node on the processor.
  const usual = "web" in (ort.env?.versions ?? {}) ? "wasm" : "cpu";
  const provider = providerName(options.executionProviders?.[0] ?? usual);
  const strict = !onProcessor.has(provider) && options.cpuFallback !== true;
  const session = sessionOptions(options, strict);
  await tryProvider(ort, provider, { ...session, ...firstProvider(options) });
  const device = strict || onProcessor.has(provider) ? provider : `${provider}+cpu`;
  return new OnnxRuntimeBackend(ort, device, session, strict, {
    border: "carried",
    poolIndices: provider !== "webgpu",
  });
}

/** The first provider alone, so that it cannot be passed over. */
function firstProvider({ executionProviders }: OnnxRuntimeOptions): {
  executionProviders?: readonly ExecutionProvider[];
} {
  return executionProviders === undefined ? {} : { executionProviders: executionProviders.slice(0, 1) };
}

async function tryProvider(ort: OrtModule, provider: string, options: object): Promise<void> {
  try {
    const session = await ort.InferenceSession.create(probeModel(), options);
    await session.release();
  } catch (cause) {
    throw new DeviceError(
      `onnxruntime: the execution provider "${provider}" does not start here: ${messageOf(cause)}`,
      { cause },
    );
  }
}
