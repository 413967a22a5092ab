import type { Graph, GraphNode } from "../../ops/program.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { upload } from "./carriers.ts";
import type { Tf, TfTensor } from "./engine.ts";
import { scoped } from "./scope.ts";
import { loweringOf } from "./lowerings/index.ts";

/** What is known of a node before the program runs. */
export interface PlannedStep {
  /** Values that nobody reads after this step. */
  readonly dead: readonly string[];
  /** For each output: does somebody read it? */
  readonly used: readonly boolean[];
  /** The programs among its attributes that it runs. */
  readonly programs: ReadonlyMap<string, Plan>;
}

/** A program that is ready to be walked: its constants on the device, and when each value may be freed. */
export interface Plan {
  readonly constants: ReadonlyMap<string, TfTensor>;
  /** Inputs that no node and no output reads. */
  readonly unread: ReadonlySet<string>;
  /** In the order of `graph.nodes`. */
  readonly steps: readonly PlannedStep[];
}

/** Reads the liveness of values from a program and copies its constants, which are kept until `release`. */
export function plan(tf: Tf, graph: Graph): Plan {
  const lastReader = new Map<string, number>();
  graph.nodes.forEach((node, at) => node.inputs.forEach((name) => lastReader.set(name, at)));
  for (const { value } of graph.outputs) lastReader.set(value, graph.nodes.length);
  const made = new Map<string, TfTensor>();
  const steps: PlannedStep[] = [];
  const partial: Plan = {
    constants: made,
    unread: new Set(graph.inputs.filter((name) => !lastReader.has(name))),
    steps,
  };
  try {
    for (const [name, value] of Object.entries(graph.constants)) {
      if (lastReader.has(name)) made.set(name, keptUpload(tf, value));
    }
    graph.nodes.forEach((node, at) => steps.push(planStep(tf, graph, node, at, lastReader)));
  } catch (error) {
    release(partial);
    throw error;
  }
  return partial;
}

function planStep(
  tf: Tf,
  graph: Graph,
  node: GraphNode,
  at: number,
  lastReader: ReadonlyMap<string, number>,
): PlannedStep {
  const programs = new Map<string, Plan>();
  for (const key of loweringOf(node.op)?.programs ?? []) programs.set(key, plan(tf, node.attributes[key] as Graph));
  const dead = [...new Set([...node.inputs, ...node.outputs])].filter(
    (name) => !Object.hasOwn(graph.constants, name) && (lastReader.get(name) ?? at) <= at,
  );
  return { dead, used: node.outputs.map((name) => lastReader.has(name)), programs };
}

function keptUpload(tf: Tf, value: HostTensor): TfTensor {
  return scoped(tf, () => [tf.keep(upload(tf, value))] as const)[0];
}

/** The constants of a plan and of the plans inside it. */
export function planConstants(plan: Plan): TfTensor[] {
  return [
    ...plan.constants.values(),
    ...plan.steps.flatMap(({ programs }) => [...programs.values()].flatMap(planConstants)),
  ];
}

/** Frees the constants. */
export function release(plan: Plan): void {
  for (const constant of planConstants(plan)) constant.dispose();
}
