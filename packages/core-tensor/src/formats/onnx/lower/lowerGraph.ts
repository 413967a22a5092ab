import type { Graph, GraphNode, ValueType } from "../../../ops/program.ts";
import { HostTensor } from "../../../tensor/host.ts";
import { isRestorable } from "../origin.ts";
import { biasedConv, biasedConvOp, joinBiases } from "./bias.ts";
import { clip, clipOp, joinClips } from "./clip.ts";
import { isSplat } from "./constants.ts";
import type { Emitter } from "./emitter.ts";
import type { LoweringNode, OnnxLowering } from "./lowering.ts";
import { filled } from "./movement.ts";
import { lowerings } from "./table.ts";

/** How nodes are written: the primitives, and what several of them were joined to. */
const table = { ...lowerings, [clipOp]: clip, [biasedConvOp]: biasedConv };

/** The values of a program that its outputs depend on. */
export function liveValues(graph: Graph): Set<string> {
  const live = new Set(graph.outputs.map(({ value }) => value));
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((name) => live.has(name))) node.inputs.forEach((name) => live.add(name));
  }
  return live;
}

/** The name that a value of a program gets in the file. */
export type Naming = (name: string) => string;

/**
 * Writes the nodes of a program into a graph, with `inputs` for its inputs. What nobody reads is left out. Gives the
 * names of the outputs.
 */
export function lowerInto(program: Graph, inputs: readonly string[], emitter: Emitter, naming: Naming): string[] {
  const graph = joinBiases(joinClips(program));
  const names = new Map(graph.inputs.map((name, i) => [name, inputs[i] as string]));
  const live = liveValues(graph);
  for (const [name, value] of Object.entries(graph.constants)) {
    if (live.has(name)) names.set(name, lowerConstant(emitter, value, naming(name)));
  }
  for (const node of graph.nodes) {
    if (node.outputs.some((name) => live.has(name))) lowerNode(graph, node, names, live, emitter, naming);
  }
  return graph.outputs.map(({ value }) => names.get(value) as string);
}

/** A constant; one that repeats a single element is written as that element. */
function lowerConstant(emitter: Emitter, value: HostTensor, name: string): string {
  if (value.size <= 16 || !isSplat(value)) return emitter.initializer(name, value);
  const element = new HostTensor(value.dtype, [], value.storage, { strides: [], offset: value.offset }).dataSync()[0];
  return bind(emitter, () => [filled(emitter, value.dtype, value.shape, Number(element))], [name])[0] as string;
}

function lowerNode(
  graph: Graph,
  node: GraphNode,
  names: Map<string, string>,
  live: ReadonlySet<string>,
  emitter: Emitter,
  naming: Naming,
): void {
  const typesOf = (values: readonly string[]): ValueType[] => values.map((name) => graph.types[name] as ValueType);
  const lowering = (table as Readonly<Record<string, OnnxLowering<unknown>>>)[node.op];
  const targets = node.outputs.map(naming);
  const lowered: LoweringNode<unknown> = {
    op: node.op,
    inputs: node.inputs.map((name) => names.get(name) as string),
    inputTypes: typesOf(node.inputs),
    constants: node.inputs.map((name) => graph.constants[name]),
    outputTypes: typesOf(node.outputs),
    used: node.outputs.map((name) => live.has(name)),
    attributes: node.attributes,
    name: targets[0] ?? node.op,
  };
  const write = (): readonly (string | undefined)[] => {
    if (lowering === undefined) return refuse(emitter, lowered);
    if (isEmpty(lowered)) return lowered.outputTypes.map(({ dtype, shape }) => filled(emitter, dtype, shape, 0));
    const results = lowering(emitter, lowered);
    return typeof results === "string" ? [results] : results;
  };
  const from = emitter.nodes.length;
  bind(emitter, write, targets).forEach((name, i) => names.set(node.outputs[i] as string, name));
  // One node says itself what it is.
  const count = emitter.nodes.length - from;
  if (count > 1 && emitter.program.target.border === "stored" && isRestorable(node.op, node.attributes, count)) {
    emitter.markOrigin(from, { op: node.op, inputs: lowered.inputs, attributes: node.attributes });
  }
}

/** Has no output any elements? Then nothing is computed: some kernels of ONNX Runtime cannot. */
function isEmpty({ outputTypes }: LoweringNode<unknown>): boolean {
  return outputTypes.every(({ shape }) => shape.includes(0));
}

function refuse(emitter: Emitter, { op, inputs, outputTypes }: LoweringNode<unknown>): string[] {
  emitter.refuse(`there is no op named "${op}"`);
  return outputTypes.map(() => inputs[0] ?? emitter.scalar("float32", 0));
}

/**
 * Runs a lowering and gives its results their names: a value that it made is renamed, any other one (an input, a
 * constant, a second use) is copied.
 */
function bind(
  emitter: Emitter,
  write: () => readonly (string | undefined)[],
  targets: readonly string[],
): readonly string[] {
  const from = emitter.nodes.length;
  const results = write();
  const made = new Set(emitter.nodes.slice(from).flatMap(({ output }) => output));
  const renamed = new Map<string, string>();
  const copies: [value: string, target: string][] = [];
  results.forEach((result, i) => {
    if (result === undefined) return;
    const target = targets[i] as string;
    emitter.define(target, emitter.dtype(result));
    if (made.has(result) && !renamed.has(result)) renamed.set(result, target);
    else copies.push([result, target]);
  });
  emitter.rename(from, renamed);
  for (const [value, target] of copies) emitter.copy(renamed.get(value) ?? value, target);
  return targets;
}
