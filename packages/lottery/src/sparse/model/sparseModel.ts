import { type Graph, type HostTensor, type Tensor, interpret, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../../base/errors.ts";
import type { Chain } from "./chain.ts";
import type { SparseModelReport } from "./report.ts";

/** A step that can be run: a chain between two values, or a program for the interpreter. */
export type RunnableStep =
  | { readonly kind: "chain"; readonly input: string; readonly output: string; readonly chain: Chain }
  | { readonly kind: "reference"; readonly graph: Graph };

/**
 * A model that is ready to run, with memory of its own. Made by `compileSparse`.
 *
 * For one input the results are the same bits whatever the layout of the layers, the size of the batch, the machine and the engine
 * (WebAssembly or TypeScript), as long as all values stay finite.
 */
export class SparseModel {
  readonly report: SparseModelReport;
  readonly #graph: Graph;
  #steps: readonly RunnableStep[] | undefined;

  /** @internal `compileSparse` calls it. */
  constructor(graph: Graph, steps: readonly RunnableStep[], report: SparseModelReport) {
    this.#graph = graph;
    this.#steps = steps;
    this.report = report;
  }

  /**
   * The result for a batch of examples, at once.
   *
   * @param x float32 of the shape of the program's input; or its elements, one example after the other.
   * @param batch number of examples. Default: what `x` holds.
   * @throws LotteryError E_PARAMETERS when `x` does not fit the input; E_SPARSE after `dispose`.
   */
  predict(x: HostTensor | Float32Array, batch?: number): HostTensor {
    const steps = this.#steps;
    if (steps === undefined) throw new LotteryError("E_SPARSE", "predict: the model was disposed");
    const graph = this.#graph;
    const input = graph.inputs[0] as string;
    const { value, size } = checkInput(graph, x, batch);
    const values = new Map<string, HostTensor>([[input, value]]);
    for (const step of steps) {
      if (step.kind === "reference") runReference(step.graph, values);
      else values.set(step.output, runChain(graph, step, values.get(step.input) as HostTensor, size));
    }
    const result = graph.outputs[0]?.value as string;
    return values.get(result) ?? (graph.constants[result] as HostTensor);
  }

  /** Lets the memory go; the model cannot be used afterwards. */
  dispose(): void {
    this.#steps = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function runReference(graph: Graph, values: Map<string, HostTensor>): void {
  const inputs = Object.fromEntries(graph.inputs.map((name) => [name, values.get(name) as Tensor]));
  for (const [name, value] of Object.entries(interpret(graph, inputs))) values.set(name, value as HostTensor);
}

function runChain(
  graph: Graph,
  { output, chain }: RunnableStep & { kind: "chain" },
  x: HostTensor,
  batch: number,
): HostTensor {
  const rest = graph.types[output]?.shape.slice(1) as readonly number[];
  return tensor(chain.run(x.dataSync() as Float32Array, batch), { shape: [batch, ...rest] });
}

/** The input as a tensor, and the size of its batch. */
function checkInput(graph: Graph, x: HostTensor | Float32Array, batch?: number): { value: HostTensor; size: number } {
  const name = graph.inputs[0] as string;
  const type = graph.types[name];
  const fail = (reason: string): never => {
    throw new LotteryError("E_PARAMETERS", `predict: ${name}: ${reason}`, { tensor: name });
  };
  const [first, ...rest] = type?.shape ?? [];
  if (!(x instanceof Float32Array)) {
    const fits =
      x.rank === type?.shape.length && rest.every((dim, i) => typeof dim !== "number" || dim === x.shape[i + 1]);
    if (x.dtype !== type?.dtype || !fits) {
      fail(`expected ${type?.dtype} [${type?.shape.join(", ")}], got ${x.dtype} [${x.shape.join(", ")}]`);
    }
    const size = x.shape[0] ?? 1;
    if (batch !== undefined && batch !== size) fail(`expected a batch of ${batch}, got one of ${size}`);
    if (typeof first === "number" && first !== size) fail(`the program is for a batch of ${first}, got one of ${size}`);
    return { value: x, size };
  }
  if (type?.dtype !== "float32") fail(`expected ${type?.dtype}, got a Float32Array`);
  if (!rest.every((dim) => typeof dim === "number")) fail("has several open dimensions; hand in a tensor");
  const each = (rest as readonly number[]).reduce((product, dim) => product * dim, 1);
  const size = batch ?? x.length / each;
  if (!Number.isSafeInteger(size) || size < 0 || size * each !== x.length) {
    fail(`expected ${batch ?? "whole examples"} x ${each} elements, got ${x.length}`);
  }
  if (typeof first === "number" && first !== size) fail(`the program is for a batch of ${first}, got one of ${size}`);
  const shape = first === undefined ? [] : [size, ...(rest as readonly number[])];
  if (first === undefined && size !== 1) fail(`expected 1 element, got ${size}`);
  return { value: tensor(x, { shape }), size };
}
