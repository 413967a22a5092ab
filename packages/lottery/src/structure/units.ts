import { type DType, type Graph, type GraphNode, type ValueType, isNode } from "@parsimony/core-tensor";
import { type Contraction, contractionOf } from "./contractions.ts";
import { fixedNames } from "./fixedValues.ts";
import { type Flow, nodeFlows } from "./flows.ts";
import { coordinates, reshapeBlocks } from "./reshapeAxes.ts";
import { type DisjointSets, disjointSets } from "./unionFind.ts";

/** The unit of everything that stays as it is. */
export const pinned = 0;

/**
 * Which slices of which values belong together. A unit (a neuron, a channel, a head) is the set of slices that have to be
 * removed together for the program to stay well-formed and to compute the same from what is left.
 */
export interface Units {
  /**
   * For every value and every axis of known length the unit of each slice; `pinned` for those that cannot be removed. Axes of
   * unknown length have none.
   */
  readonly labels: ReadonlyMap<string, readonly (Int32Array | undefined)[]>;
  /** The sums of products, in order: where what a unit computes is used. */
  readonly contractions: readonly Contraction[];
  /** Units that slices of an input of the program belong to. */
  readonly inputs: ReadonlySet<number>;
  /** Values that are computed from constants alone. */
  readonly fixed: ReadonlySet<string>;
}

/** Dtypes of which several elements share a byte. */
const packed: ReadonlySet<DType> = new Set(["int4", "uint4", "int2"]);

/** Finds the units of a program (dependency analysis): one walk along its nodes, joining slices that belong together. */
export function findUnits(graph: Graph): Units {
  const sets = disjointSets();
  sets.add(); // pinned
  const fixed = fixedNames(graph);
  const labels = new Map<string, (Int32Array | undefined)[]>();
  const { shape: shapeOf, fresh, frozen } = makers(graph, sets);
  const inputIds: number[] = [];
  for (const name of graph.inputs) {
    const own = shapeOf(name).map(fresh);
    labels.set(name, own);
    for (const axis of own) if (axis !== undefined) inputIds.push(...axis);
  }
  for (const [name, { dtype }] of Object.entries(graph.constants)) {
    labels.set(name, shapeOf(name).map(packed.has(dtype) ? frozen : fresh));
  }
  const contractions: Contraction[] = [];
  for (const node of graph.nodes) {
    const contraction = contractionOf(node, graph.types, (name) => fixed.has(name));
    if (contraction !== undefined) contractions.push(contraction);
    labelNode(node, contraction, { graph, sets, labels, shapeOf, fresh, frozen });
  }
  const pin = (axis: Int32Array | undefined): void => axis?.forEach((id) => sets.union(id, pinned));
  for (const { value } of graph.outputs) labels.get(value)?.forEach(pin);
  for (const axes of labels.values()) for (const axis of axes) axis?.forEach((id, i) => (axis[i] = sets.find(id)));
  const inputs = new Set(inputIds.map((id) => sets.find(id)).filter((id) => id !== pinned));
  return { labels, contractions, inputs, fixed };
}

interface Makers {
  readonly shape: (name: string) => ValueType["shape"];
  readonly fresh: (size: ValueType["shape"][number]) => Int32Array | undefined;
  readonly frozen: (size: ValueType["shape"][number]) => Int32Array | undefined;
}

function makers(graph: Graph, sets: DisjointSets): Makers {
  return {
    shape: (name) => (graph.types[name] as ValueType).shape,
    fresh: (size) => (typeof size === "number" ? Int32Array.from({ length: size }, () => sets.add()) : undefined),
    frozen: (size) => (typeof size === "number" ? new Int32Array(size).fill(pinned) : undefined),
  };
}

interface Walk extends Omit<Makers, "shape"> {
  readonly graph: Graph;
  readonly sets: DisjointSets;
  readonly labels: Map<string, (Int32Array | undefined)[]>;
  readonly shapeOf: Makers["shape"];
}

function labelNode(node: GraphNode, contraction: Contraction | undefined, walk: Walk): void {
  const { sets, labels, shapeOf } = walk;
  const inputs = node.inputs.map((name) => labels.get(name) as (Int32Array | undefined)[]);
  const used = inputs.map((axes) => axes.map(() => false));
  const use = (input: number, axis: number): void => {
    (used[input] as boolean[])[axis] = true;
  };
  const output = isNode(node, "reshape")
    ? reshapeLabels(node.inputs[0] as string, node.outputs[0] as string, walk, (axis) => use(0, axis))
    : flowLabels(node, inputs, walk, use);
  if (contraction !== undefined) {
    const { data, weight, dataAxis, weightIn, weightOut, groups } = contraction;
    use(data, dataAxis);
    use(weight, weightIn);
    const [x, w] = [inputs[data]?.[dataAxis], inputs[weight]?.[weightIn]];
    // A channel of a group goes with the channels at its place in the other groups, so that groups stay equal.
    if (x !== undefined && w !== undefined) x.forEach((id, i) => sets.union(id, w[i % w.length] as number));
    const rows = inputs[weight]?.[weightOut];
    const perGroup = (rows?.length ?? 0) / groups;
    rows?.forEach((id, i) => sets.union(id, rows[i % perGroup] as number));
  }
  inputs.forEach((axes, input) =>
    axes.forEach((axis, i) => {
      if (used[input]?.[i] === false) axis?.forEach((id) => sets.union(id, pinned));
    }),
  );
  for (const name of node.outputs) {
    const own = shapeOf(name);
    const fits = own.length === output.length && own.every((size, i) => size === shapeOf(node.outputs[0] as string)[i]);
    labels.set(name, fits ? output.map((axis) => axis?.slice()) : own.map(walk.frozen));
  }
}

/** Labels of a node's outputs from those of the axes that go through. */
function flowLabels(
  node: GraphNode,
  inputs: readonly (readonly (Int32Array | undefined)[])[],
  { graph, sets, shapeOf, fresh, frozen }: Walk,
  use: (input: number, axis: number) => void,
): (Int32Array | undefined)[] {
  const { flows, repeated } = nodeFlows(node, graph.types);
  return shapeOf(node.outputs[0] as string).map((size, to) => {
    if (repeated.includes(to)) return fresh(size);
    const out = frozen(size);
    const own: Flow[] = flows.filter((flow) => flow.to === to);
    for (const { input, axis } of own) use(input, axis);
    if (out === undefined) return undefined;
    const known = new Uint8Array(out.length);
    for (const { input, axis, from } of own) {
      const labels = inputs[input]?.[axis];
      out.forEach((_, i) => {
        const at = from === undefined ? i : (from[i] as number);
        if (at < 0 || labels === undefined) return;
        const id = labels[at] as number;
        if (known[i] === 1) sets.union(out[i] as number, id);
        else [out[i], known[i]] = [id, 1];
      });
    }
    return out;
  });
}

/**
 * Labels through a reshape. Where several axes become one, the first that can still be pruned goes through (the channels of
 * `[channels, height, width]`) and the others stay whole. Where one becomes several, the first does, and the slices behind each
 * of its places (the features of a head) become one unit.
 */
function reshapeLabels(
  from: string,
  to: string,
  { sets, labels, shapeOf, frozen }: Walk,
  use: (axis: number) => void,
): (Int32Array | undefined)[] {
  const [input, before, after] = [labels.get(from) ?? [], shapeOf(from), shapeOf(to)];
  const out = after.map(frozen);
  for (const { inputs, outputs } of reshapeBlocks(before, after)) {
    const [source, target] = [inputs[0] as number, outputs[0] as number];
    if (inputs.length === 1 && outputs.length === 1) {
      use(source);
      out[target] = input[source]?.slice();
    } else if (outputs.length === 1) {
      const isFree = (axis: number): boolean => input[axis]?.some((id) => sets.find(id) !== pinned) === true;
      const chosen = inputs.find(isFree);
      if (chosen === undefined) continue;
      use(chosen);
      const own = input[chosen] as Int32Array;
      const sizes = inputs.map((axis) => before[axis] as number);
      out[target] = coordinates(sizes, inputs.indexOf(chosen)).map((at) => own[at] as number);
    } else if (inputs.length === 1) {
      use(source);
      const own = input[source] as Int32Array;
      const size = after[target] as number;
      const block = own.length / size;
      own.forEach((id, i) => sets.union(id, own[i - (i % block)] as number));
      out[target] = Int32Array.from({ length: size }, (_, i) => own[i * block] as number);
    }
  }
  return out;
}
