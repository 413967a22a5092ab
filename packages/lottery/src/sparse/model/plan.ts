import { type Graph, type GraphNode, consumers, subgraph } from "@parsimony/core-tensor";
import { recognise } from "./recognise.ts";
import type { Stage, WeightedStage } from "./stages.ts";

/** A run of stages from one value to another, all for kernels. */
export interface ChainStep {
  readonly kind: "chain";
  readonly input: string;
  readonly output: string;
  readonly stages: readonly Stage[];
}

/** Nodes that the reference interpreter runs. */
export interface ReferenceStep {
  readonly kind: "reference";
  readonly graph: Graph;
}

export type Step = ChainStep | ReferenceStep;

/** Cuts a program into chains for kernels and the rest, in an order in which they can be run. */
export function planSteps(graph: Graph): Step[] {
  const taken = new Set<GraphNode>();
  const chains = new Map<GraphNode, ChainStep>();
  for (const node of graph.nodes) {
    if (taken.has(node)) continue;
    const found = chainFrom(graph, node);
    if (found === undefined) continue;
    chains.set(node, found.chain);
    for (const member of found.nodes) taken.add(member);
  }
  const steps: Step[] = [];
  let rest: GraphNode[] = [];
  const flush = (): void => {
    if (rest.length > 0) steps.push({ kind: "reference", graph: partOf(graph, rest) });
    rest = [];
  };
  for (const node of graph.nodes) {
    const chain = chains.get(node);
    if (chain !== undefined) {
      flush();
      steps.push(chain);
    } else if (!taken.has(node)) rest.push(node);
  }
  flush();
  return steps;
}

/** The longest chain that begins with this node and has weights in it. */
function chainFrom(graph: Graph, first: GraphNode): { chain: ChainStep; nodes: readonly GraphNode[] } | undefined {
  const readers = consumers(graph);
  const outputs = new Set(graph.outputs.map(({ value }) => value));
  const [input] = first.inputs.filter((name) => graph.constants[name] === undefined);
  if (input === undefined) return undefined;
  const stages: Stage[] = [];
  const nodes: GraphNode[] = [];
  let value = input;
  for (let node: GraphNode | undefined = first; node !== undefined; ) {
    const step = recognise(graph, node, value);
    const last = stages.at(-1);
    if (step === undefined) break;
    if (step.kind === "stage") {
      if (last !== undefined && !follows(step.stage, last)) break;
      stages.push(step.stage);
    } else if (step.kind === "reshape") {
      // Behind a stage only a flatten leaves elements where they are: the zeros around images are not part of it.
      if (last !== undefined && !step.flat) break;
    } else {
      if (last?.kind !== "weighted" || last.activation !== "none") break;
      // Behind a flatten there may be a number for every place of a channel; the kernels add one to the whole channel.
      if (step.kind === "bias" && (last.bias !== undefined || step.bias.length !== last.matrix.outputs)) break;
      const more: Partial<WeightedStage> = step.kind === "bias" ? { bias: step.bias } : { activation: "relu" };
      stages[stages.length - 1] = { ...last, ...more };
    }
    nodes.push(node);
    value = node.outputs[0] as string;
    const next: GraphNode[] = readers.get(value) ?? [];
    const used = node.outputs.slice(1).some((name) => readers.has(name) || outputs.has(name));
    if (used) return undefined;
    node = next.length === 1 && !outputs.has(value) ? next[0] : undefined;
  }
  if (!stages.some(({ kind }) => kind === "weighted")) return undefined;
  return { chain: { kind: "chain", input, output: value, stages }, nodes };
}

/** Does a stage find its input where the one before leaves it? Only a product reads an image as a row of elements. */
function follows(stage: Stage, last: Stage): boolean {
  return (stage.kind === "weighted" && stage.op === "matmul") || String(stage.input) === String(last.output);
}

/** These nodes as a program of their own. It gets the inputs of the whole one too, for these give unknown lengths their values. */
function partOf(graph: Graph, nodes: readonly GraphNode[]): Graph {
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const read = nodes.flatMap((node) => node.inputs);
  const given = new Set([
    ...graph.inputs,
    ...read.filter((name) => !made.has(name) && graph.constants[name] === undefined),
  ]);
  const mine = new Set(nodes);
  const readElsewhere = new Set(graph.nodes.filter((node) => !mine.has(node)).flatMap((node) => node.inputs));
  for (const { value } of graph.outputs) readElsewhere.add(value);
  return subgraph(
    graph,
    [...given],
    [...made].filter((name) => readElsewhere.has(name)),
  );
}
