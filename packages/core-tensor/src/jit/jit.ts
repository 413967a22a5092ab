import type { Backend, Executable } from "../backends/backend.ts";
import { simplify } from "../graph/simplify/index.ts";
import type { Traced } from "../graph/trace.ts";
import type { Graph } from "../ops/program.ts";
import { ArgumentError, DeviceError, TraceError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Tree, unflattenTree } from "../tensor/tree.ts";
import { type Call, type DynamicAxes, holdsTraced, readCall } from "./call.ts";

export interface JitOptions {
  /** Default: `onnxruntime()`, which needs the package onnxruntime-node. */
  readonly backend?: Backend | Promise<Backend>;
  /**
   * Axes whose length may change from call to call without another program: per argument a map from axis to the
   * name of the dimension, for every tensor in that argument. Axes of the same name have the same length.
   *
   * @example jit(predict, { dynamicAxes: [undefined, { 0: "batch" }] })
   */
  readonly dynamicAxes?: readonly (DynamicAxes | undefined)[];
}

/** What comes out of a program: the result's nesting, with a tensor for each number in it. */
export type JitResult<T> = T extends number | Tensor
  ? Tensor
  : // A tree of tensors is what it is: said before the next line, which does not end on a recursive type.
    T extends Tree<Tensor>
    ? T
    : T extends object
      ? { [K in keyof T]: JitResult<T[K]> }
      : T;

/** A compiled function. */
export interface JitFunction<Args extends readonly unknown[], Result> {
  (...args: Args): Promise<JitResult<Result>>;
  /** The program for these arguments as it is compiled, without running it. */
  graph(...args: Args): Graph;
  /** Number of programs that are held: one per signature seen. */
  readonly programs: number;
  /** Frees the compiled programs (and the default backend, when it was used). A later call compiles anew. */
  dispose(): Promise<void>;
}

interface Compiled {
  readonly executable: Executable;
  readonly traced: Traced;
}

/**
 * The function as a compiled program of a backend: traced on the first call for each signature (nesting, dtypes,
 * shapes), simplified, compiled, cached. A call that fails to compile leaves nothing behind; the next one tries
 * again.
 *
 * Arguments and result are trees. Tensors are inputs; plain numbers are float32 scalar inputs, so a changing
 * learning rate does not compile anew; strings, booleans, null and undefined belong to the signature.
 *
 * @throws whatever tracing throws (OpError with the op and the function's name); ArgumentError for arguments that are
 *   no trees of those; UnsupportedError from the backend; DeviceError when the default backend does not start.
 * @example const step = jit((w, x) => sub(w, mul(0.1, grad(loss)(w, x)))); w = await step(w, x);
 */
export function jit<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  options: JitOptions = {},
): JitFunction<Args, Result> {
  const cache = new Map<string, Promise<Compiled>>();
  const { dynamicAxes = [] } = options;
  checkOptions(options);
  let own: Promise<Backend> | undefined;

  /** The backend that was given, or the default one, which is started once and tried again when it failed. */
  const backend = async (): Promise<Backend> => {
    if (options.backend !== undefined) return options.backend;
    own ??= defaultBackend();
    try {
      return await own;
    } catch (error) {
      own = undefined;
      throw error;
    }
  };

  const compile = async (call: Call): Promise<Compiled> => {
    const traced = simplified(call.trace());
    return { traced, executable: await (await backend()).compile(traced.graph) };
  };

  const compiled = (call: Call): Promise<Compiled> => {
    const known = cache.get(call.key);
    if (known !== undefined) return known;
    const entry = compile(call);
    cache.set(call.key, entry);
    entry.catch(() => {
      if (cache.get(call.key) === entry) cache.delete(call.key);
    });
    return entry;
  };

  const runCall = async (call: Call): Promise<JitResult<Result>> => {
    const { executable, traced } = await compiled(call);
    const outputs = await executable.run(call.feeds);
    return unflattenTree(
      traced.structure,
      traced.graph.outputs.map(({ name }) => outputs[name] as Tensor),
    ) as JitResult<Result>;
  };

  const run = (...args: Args): Promise<JitResult<Result>> => {
    // Thrown at once and not through the promise, which a function that is being traced would leave unhandled.
    if (args.some(holdsTraced)) {
      const name = fn.name || "jit";
      throw new TraceError(`${name}: a jitted function was called inside a traced one; call the function itself there`);
    }
    return start(args);
  };
  const start = async (args: Args): Promise<JitResult<Result>> => runCall(readCall(fn, args, dynamicAxes));

  const members = {
    graph: (...args: Args): Graph => simplified(readCall(fn, args, dynamicAxes).trace()).graph,
    async dispose(): Promise<void> {
      const [entries, started] = [[...cache.values()], own];
      cache.clear();
      own = undefined;
      for (const entry of await Promise.allSettled(entries)) {
        if (entry.status === "fulfilled") await entry.value.executable.dispose();
      }
      await (await started)?.dispose();
    },
  };
  const result = Object.defineProperty(Object.assign(run, members), "programs", { get: () => cache.size });
  return result as typeof result & { readonly programs: number };
}

function checkOptions({ backend, dynamicAxes = [], ...rest }: JitOptions): void {
  const refuse = (argument: string, expected: string, found: string): never => {
    throw new ArgumentError({ op: "jit", argument, expected, found });
  };
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) refuse("options", "backend and dynamicAxes", unknown);
  if (!Array.isArray(dynamicAxes)) refuse("dynamicAxes", "an array with one entry per argument", typeof dynamicAxes);
  const given: unknown = backend;
  const isBackend = typeof given === "object" && given !== null && ("compile" in given || "then" in given);
  if (given !== undefined && !isBackend) refuse("backend", "a backend, such as reference()", typeof given);
}

function simplified({ graph, structure }: Traced): Traced {
  return { graph: simplify(graph), structure };
}

async function defaultBackend(): Promise<Backend> {
  try {
    const { onnxruntime } = await import("../backends/onnxruntime/index.ts");
    return await onnxruntime();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DeviceError(`jit: no backend was given, and the default one does not start: ${reason}`, { cause });
  }
}
