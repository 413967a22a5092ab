import {
  type Attributes,
  type Dim,
  type Graph,
  GraphBuilder,
  type GraphNode,
  type HostTensor,
  type ValueType,
  gather,
  isNode,
  tensor,
} from "@parsimony/core-tensor";
import { nodeFlows } from "./flows.ts";
import type { Units } from "./units.ts";

/** What is done to a program besides leaving units out. */
export interface ShrinkOptions {
  /** Other values for constants, before slices are cut out. */
  readonly constants?: ReadonlyMap<string, HostTensor>;
  /** Added to values once they are made: a tensor that broadcasts to the value, with its axes. */
  readonly added?: ReadonlyMap<string, HostTensor>;
  /** Inputs keep their length, and what is used of them is picked by a `gather`. Default: inputs get shorter. */
  readonly gatherInputs?: boolean;
}

/**
 * The program without the slices of some units. The builder infers every type anew, so a mistake is an error and no wrong program.
 */
export function shrink(
  graph: Graph,
  { labels }: Pick<Units, "labels">,
  removed: ReadonlySet<number>,
  { constants, added, gatherInputs = false }: ShrinkOptions = {},
): Graph {
  const builder = new GraphBuilder(graph.name, Object.keys(graph.types));
  const renamed = new Map<string, string>();
  const now = (name: string): string => renamed.get(name) ?? name;
  const kept = (name: string): (Int32Array | undefined)[] => keptSlices(labels.get(name) ?? [], removed);
  for (const name of graph.inputs) {
    const type = graph.types[name] as ValueType;
    const slices = kept(name);
    builder.input(name, gatherInputs ? type : shrunkType(type, slices));
    if (!gatherInputs) continue;
    let value = name;
    slices.forEach((slice, axis) => {
      if (slice === undefined) return;
      value = builder.add("gather", [value, builder.constant(tensor(slice))], { axis })[0] as string;
    });
    renamed.set(name, value);
  }
  for (const [name, value] of Object.entries(graph.constants)) {
    builder.constant(pick(constants?.get(name) ?? value, kept(name)), name);
  }
  for (const node of graph.nodes) {
    const attributes = shrunkAttributes(node, graph, labels, removed);
    builder.addNode(node.op, node.inputs.map(now), attributes, node.outputs);
    const [name] = node.outputs as [string];
    const extra = added?.get(name);
    if (extra === undefined) continue;
    const slices = kept(name);
    const own = extra.shape.map((size, axis) => (size === 1 ? undefined : slices[slices.length - extra.rank + axis]));
    renamed.set(name, builder.add("add", [name, builder.constant(pick(extra, own))], {})[0] as string);
  }
  for (const { name, value } of graph.outputs) builder.output(name, now(value));
  return builder.build();
}

/** For every axis the slices that stay; nothing where all do. */
export function keptSlices(
  labels: readonly (Int32Array | undefined)[],
  removed: ReadonlySet<number>,
): (Int32Array | undefined)[] {
  return labels.map((axis) => {
    if (axis === undefined || !axis.some((unit) => removed.has(unit))) return undefined;
    return Int32Array.from([...axis.keys()].filter((i) => !removed.has(axis[i] as number)));
  });
}

/** The tensor with these slices of its axes. */
export function pick(value: HostTensor, slices: readonly (Int32Array | undefined)[]): HostTensor {
  return slices.reduce<HostTensor>(
    (result, slice, axis) => (slice === undefined ? result : (gather(result, tensor(slice), axis) as HostTensor)),
    value,
  );
}

function shrunkType({ dtype, shape }: ValueType, slices: readonly (Int32Array | undefined)[]): ValueType {
  return { dtype, shape: shape.map((size, axis) => slices[axis]?.length ?? size) };
}

/** Lengths and places among the attributes, as they are without the slices. */
function shrunkAttributes(
  node: GraphNode,
  graph: Graph,
  labels: Units["labels"],
  removed: ReadonlySet<number>,
): Attributes {
  const lengths = (name: string): readonly Dim[] => {
    const slices = keptSlices(labels.get(name) ?? [], removed);
    return shrunkType(graph.types[name] as ValueType, slices).shape;
  };
  const output = node.outputs[0] as string;
  if (isNode(node, "reshape") || isNode(node, "broadcastTo")) return { ...node.attributes, shape: lengths(output) };
  if (isNode(node, "conv2d")) {
    const { groups } = node.attributes;
    const depthwise =
      groups > 1 && nodeFlows(node, graph.types).flows.some(({ axis, input }) => input === 0 && axis === 1);
    return depthwise ? { ...node.attributes, groups: lengths(node.inputs[0] as string)[1] as number } : node.attributes;
  }
  if (isNode(node, "slice")) {
    const axes = labels.get(node.inputs[0] as string) ?? [];
    const before = (axis: number, end: Dim): Dim => {
      if (typeof end !== "number") return end;
      const lost = axes[axis]?.subarray(0, end).reduce((sum, unit) => sum + (removed.has(unit) ? 1 : 0), 0);
      return end - (lost ?? 0);
    };
    const { starts, ends, steps } = node.attributes;
    return {
      steps,
      starts: starts.map((start, axis) => before(axis, start)),
      ends: ends.map((end, axis) => before(axis, end)),
    };
  }
  return node.attributes;
}
