import type { Backend, Executable } from "../backends/backend.ts";
import { simplify } from "../graph/simplify/index.ts";
import { type NamedType, type Traced, traceInputs } from "../graph/trace.ts";
import { typeOf } from "../ops/apply.ts";
import { isValue } from "../ops/operand.ts";
import type { Graph } from "../ops/program.ts";
import type { Dim } from "../tensor/dims.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";
import { flattenTree, unflattenTree } from "../tensor/tree.ts";

/** Values that are part of the program instead of its inputs: another value means another program. */
type Static = string | boolean | null | undefined;

export interface JitOptions {
  /** Default: `onnxruntime()`, which needs the package onnxruntime-node. */
  readonly backend?: Backend | Promise<Backend>;
  /**
   * Axes whose length may change from call to call without another program: per argument a map from axis to the
   * name of the dimension, for every tensor in that argument. Axes of the same name have the same length.
   *
   * @example jit(predict, { dynamicAxes: [undefined, { 0: "batch" }] })
   */
  readonly dynamicAxes?: readonly (Readonly<Record<number, string>> | undefined)[];
}

/** A compiled function. */
export interface JitFunction<Args extends readonly unknown[], Result> {
  (...args: Args): Promise<Result>;
  /** The program for these arguments as it is compiled, without running it. */
  graph(...args: Args): Graph;
  /** Number of programs compiled so far. */
  readonly programs: number;
  /** Frees the compiled programs (and the default backend, when it was used). */
  dispose(): Promise<void>;
}

interface Call {
  readonly values: readonly (Tensor | number)[];
  readonly inputs: readonly NamedType[];
  readonly key: string;
  trace(): Traced;
}

interface Compiled {
  readonly executable: Executable;
  readonly traced: Traced;
}

/**
 * The function as a compiled program of a backend: traced on the first call for each signature (nesting, dtypes,
 * shapes), simplified, compiled, cached.
 *
 * Arguments and result are trees. Tensors are inputs; plain numbers are float32 scalar inputs, so a changing
 * learning rate does not compile anew; strings, booleans, null and undefined belong to the signature.
 *
 * @throws whatever tracing throws (OpError with the op and the function's name); UnsupportedError from the backend.
 * @example const step = jit((w, x) => sub(w, mul(0.1, grad(loss)(w, x)))); w = await step(w, x);
 */
export function jit<Args extends readonly unknown[], Result>(fn: (...args: Args) => Result, options: JitOptions = {}): JitFunction<Args, Result> {
  const cache = new Map<string, Promise<Compiled>>();
  let backend: Promise<Backend> | undefined;

  const compile = async (call: Call): Promise<Compiled> => {
    backend ??= Promise.resolve(options.backend ?? defaultBackend());
    const engine = await backend;
    const traced = call.trace();
    return { traced, executable: await engine.compile(traced.graph) };
  };

  const run = async (...args: Args): Promise<Result> => {
    const call = readCall(fn, args, options.dynamicAxes ?? []);
    let entry = cache.get(call.key);
    if (entry === undefined) {
      cache.set(call.key, (entry = compile(call)));
      // A failed compilation is tried again at the next call.
      entry.catch(() => cache.delete(call.key));
    }
    const { executable, traced } = await entry;
    const outputs = await executable.run(Object.fromEntries(call.inputs.map(({ name }, i) => [name, call.values[i] as Tensor | number])));
    return unflattenTree(traced.structure, traced.graph.outputs.map(({ name }) => outputs[name] as Tensor)) as Result;
  };

  return Object.defineProperty(
    Object.assign(run, {
      graph: (...args: Args) => readCall(fn, args, options.dynamicAxes ?? []).trace().graph,
      async dispose() {
        const entries = await Promise.allSettled(cache.values());
        cache.clear();
        for (const entry of entries) if (entry.status === "fulfilled") await entry.value.executable.dispose();
        if (options.backend === undefined) await (await backend)?.dispose();
        backend = undefined;
      },
    }),
    "programs",
    { get: () => cache.size },
  ) as JitFunction<Args, Result>;
}

async function defaultBackend(): Promise<Backend> {
  const { onnxruntime } = await import("../backends/onnxruntime/index.ts");
  return onnxruntime();
}

const isStatic = (value: unknown): value is Static => typeof value === "string" || typeof value === "boolean" || value === null || value === undefined;
const isArgument = (value: unknown): value is Tensor | number | Static => isValue(value) || isStatic(value);

/** Takes the arguments of a call apart: what goes in, under which names, and the key of its program. */
function readCall<Args extends readonly unknown[]>(
  fn: (...args: Args) => unknown,
  args: Args,
  dynamicAxes: readonly (Readonly<Record<number, string>> | undefined)[],
): Call {
  const values: (Tensor | number)[] = [];
  const inputs: NamedType[] = [];
  const trees = args.map((arg, index) => {
    const { leaves, paths, structure } = flattenTree(arg, isArgument);
    leaves.forEach((leaf, i) => {
      if (isStatic(leaf)) return;
      const name = [`arg${index}`, paths[i] as string].filter((part) => part !== "").join(".");
      values.push(leaf);
      inputs.push(isTensor(leaf) ? { name, ...dynamicType(leaf, dynamicAxes[index], name) } : { name, dtype: "float32", shape: [] });
    });
    return { structure, leaves };
  });
  const key = JSON.stringify([trees.map(({ structure, leaves }) => [structure, leaves.map((leaf) => (isStatic(leaf) ? `${typeof leaf} ${leaf}` : 0))]), inputs]);
  return {
    values,
    inputs,
    key,
    trace() {
      const { graph, structure } = traceInputs(fn.name || "jit", inputs, (traced) => {
        let at = 0;
        const rebuilt = trees.map((tree) => unflattenTree<unknown>(tree.structure, tree.leaves.map((leaf) => (isStatic(leaf) ? leaf : traced[at++]))));
        return fn(...(rebuilt as unknown as Args));
      });
      return { graph: simplify(graph), structure };
    },
  };
}

function dynamicType(value: Tensor, axes: Readonly<Record<number, string>> | undefined, name: string): ReturnType<typeof typeOf> {
  const { dtype, shape } = typeOf(value);
  const named: Dim[] = [...shape];
  for (const [axis, dim] of Object.entries(axes ?? {})) {
    if (!(Number(axis) < shape.length)) {
      throw new ArgumentError({ op: "jit", argument: `dynamicAxes of ${name}`, expected: `axes below ${shape.length}`, found: axis });
    }
    named[Number(axis)] = dim;
  }
  return { dtype, shape: named };
}
