import {
  type Graph,
  type HostTensor,
  type SpecsOf,
  type Tensor,
  type TensorSpec,
  flattenTree,
  freeze,
  interpret,
  isTensor,
  spec,
  trace,
  unflattenTree,
} from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { type Named, namedTensors, unnameTensors } from "../base/parameters.ts";
import { type Mask, applyMask } from "../mask/mask.ts";

/**
 * The program of a model with its parameters as constants, named by their paths, so that a mask fits by name.
 *
 * Inputs are named as `trace` names those of a function without the parameters: `input` for a single tensor, the path inside
 * a single tree, `arg0`, `arg1`, … for several arguments, or a spec's own name.
 *
 * @param forward takes the tree of parameters and then the inputs.
 * @param params any tree of host tensors.
 * @param inputs a tree of specs (or tensors) for every argument after the parameters.
 * @throws LotteryError E_PARAMETERS for parameters that are not on the host or bear the name of an input.
 * @example modelGraph(forward, params, spec(["batch", 784]))
 */
export function modelGraph<P, Args extends readonly unknown[]>(
  forward: (params: P, ...inputs: Args) => unknown,
  params: P,
  ...inputs: SpecsOf<Args>
): Graph {
  const named = namedTensors("modelGraph", params);
  const parameterSpecs = Object.entries(named).map(([name, { shape, dtype }]) => spec(shape, dtype, name));
  const trees = inputs.map((tree: unknown, index) => namedSpecs(tree, inputs.length === 1 ? "" : `arg${index}`));
  for (const { name } of trees.flatMap(({ specs }) => specs)) {
    if (name === undefined || !Object.hasOwn(named, name)) continue;
    const message = `modelGraph: an input and a parameter are both named ${name}; give the spec of the input another name`;
    throw new LotteryError("E_PARAMETERS", message, { tensor: name });
  }
  const names = Object.keys(named);
  const model = (values: readonly Tensor[], ...args: readonly unknown[]): unknown => {
    const record = Object.fromEntries(names.map((name, i) => [name, values[i] as Tensor]));
    return forward(unnameTensors("modelGraph", params, record), ...(args as unknown as Args));
  };
  const specs = trees.map((each) => unflattenTree(each.structure, each.specs));
  const graph = trace(model as (...args: readonly unknown[]) => unknown, parameterSpecs, ...specs);
  return freeze({ ...graph, name: forward.name === "" ? "graph" : forward.name }, named);
}

/** The specs of one argument, each with the name that its place gives it. */
function namedSpecs(tree: unknown, place: string): { structure: string; specs: TensorSpec[] } {
  const isLeaf = (value: unknown): value is TensorSpec | Tensor =>
    isTensor(value) || (typeof value === "object" && value !== null && "dtype" in value && "shape" in value);
  const { leaves, paths, structure } = flattenTree(tree, isLeaf, { op: "modelGraph", argument: "inputs" });
  const specs = leaves.map((leaf, i) => {
    const name = [place, paths[i] as string].filter((part) => part !== "").join(".") || "input";
    return { name, ...(isTensor(leaf) ? { dtype: leaf.dtype, shape: leaf.shape } : leaf) };
  });
  return { structure, specs };
}

export interface GraphModelOptions {
  /** Which constants are parameters. Default: floats (float32, float64) with one axis or more. */
  readonly trainable?: (name: string, constant: HostTensor) => boolean;
  /** The result that `forward` gives. Needed when the graph has several. */
  readonly output?: string;
}

/** A program as a function of its parameters. */
export interface GraphModel {
  /** The trainable constants by name. */
  readonly params: Named;
  /** The result for these parameters and inputs, the inputs in the order of the graph; can be traced and differentiated. */
  readonly forward: (params: Named<Tensor>, ...inputs: readonly Tensor[]) => Tensor;
}

/**
 * A program, for example one from `readOnnx`, as a record of parameters and a function that can be run, traced, differentiated
 * and trained. Running statistics of a batch norm are constants like others: leave them out with `trainable` to train.
 *
 * @throws LotteryError E_OPTION when the graph has several outputs and none is chosen, or not the chosen one; E_EMPTY
 *   when no constant is trainable. `forward` throws E_PARAMETERS when a parameter is missing.
 * @example const { params, forward } = graphModel(readOnnx(bytes));
 */
export function graphModel(graph: Graph, { trainable = isFloatArray, output }: GraphModelOptions = {}): GraphModel {
  const chosen = output ?? (graph.outputs.length === 1 ? graph.outputs[0]?.name : undefined);
  if (chosen === undefined || !graph.outputs.some(({ name }) => name === chosen)) {
    const names = graph.outputs.map(({ name }) => name).join(", ");
    throw new LotteryError("E_OPTION", `graphModel: output must be one of ${names}, got ${String(output)}`);
  }
  const isParameter = ([name, constant]: [string, HostTensor]): boolean => trainable(name, constant);
  const entries = Object.entries(graph.constants);
  const params = Object.fromEntries(entries.filter(isParameter));
  const names = Object.keys(params);
  if (names.length === 0) throw new LotteryError("E_EMPTY", "graphModel: no constant of the graph is trainable");
  const open: Graph = {
    ...graph,
    inputs: [...names, ...graph.inputs],
    outputs: graph.outputs.filter(({ name }) => name === chosen),
    constants: Object.fromEntries(entries.filter((entry) => !Object.hasOwn(params, entry[0]))),
  };
  const forward = (values: Named<Tensor>, ...inputs: readonly Tensor[]): Tensor => {
    const missing = names.find((name) => values[name] === undefined);
    if (missing !== undefined) {
      throw new LotteryError("E_PARAMETERS", `graphModel: there is no parameter ${missing}`, { tensor: missing });
    }
    if (inputs.length !== graph.inputs.length) {
      const message = `graphModel: expected the inputs ${graph.inputs.join(", ")}, got ${inputs.length} tensors`;
      throw new LotteryError("E_PARAMETERS", message);
    }
    const given = [
      ...names.map((name): [string, Tensor] => [name, values[name] as Tensor]),
      ...graph.inputs.map((name, i): [string, Tensor] => [name, inputs[i] as Tensor]),
    ];
    return interpret(open, Object.fromEntries(given))[chosen] as Tensor;
  };
  return { params, forward };
}

const isFloatArray = (_name: string, { dtype, rank }: HostTensor): boolean =>
  rank >= 1 && (dtype === "float32" || dtype === "float64");

/**
 * The graph with other values for some of its constants.
 *
 * @throws LotteryError E_PARAMETERS for a name that is no constant, or another dtype or shape.
 */
export function withConstants(graph: Graph, values: Named): Graph {
  for (const [name, value] of Object.entries(values)) {
    const constant = Object.hasOwn(graph.constants, name) ? graph.constants[name] : undefined;
    if (constant === undefined) {
      const message = `withConstants: the graph has no constant ${name}`;
      throw new LotteryError("E_PARAMETERS", message, { tensor: name });
    }
    if (constant.dtype === value.dtype && constant.shape.join() === value.shape.join()) continue;
    const found = `${value.dtype} [${value.shape}], the constant is ${constant.dtype} [${constant.shape}]`;
    throw new LotteryError("E_PARAMETERS", `withConstants: ${name} is ${found}`, { tensor: name });
  }
  return { ...graph, constants: { ...graph.constants, ...values } };
}

/**
 * The graph with +0 in its constants wherever the mask says so.
 *
 * @throws LotteryError E_MASK when an entry is no constant of the graph, or its shape differs.
 */
export function applyMaskToGraph(graph: Graph, mask: Mask): Graph {
  return { ...graph, constants: applyMask(graph.constants, mask) };
}
