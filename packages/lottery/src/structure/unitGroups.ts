import type { Graph, HostTensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { prepare } from "./prepare.ts";
import { type Units, findUnits, pinned } from "./units.ts";

/** An axis of a constant along which the units of a group lie. */
export interface UnitAxis {
  readonly tensor: string;
  readonly axis: number;
  /** For every unit its slices along the axis: one, or several where the unit was flattened or has several features. */
  readonly slices: readonly (readonly number[])[];
}

/** Units of one layer: neurons, channels or heads that can be removed one by one, and everything that goes with them. */
export interface UnitGroup {
  /** The constant that makes the units: the first one in the order of the program. */
  readonly name: string;
  /** Number of units. */
  readonly units: number;
  /** Every axis of a constant that gets shorter with them, in the order in which the program reads them. */
  readonly axes: readonly UnitAxis[];
}

/**
 * Which neurons, channels and heads of a program can be removed, and which slices of which constants go with each (a dependency
 * analysis). Units that reach an output of the program, or an op that mixes them in a way that is not followed, are left out.
 *
 * Followed are `matmul` with weights on either side, `conv2d` (grouped and depthwise too), `convTranspose2d`, element-wise ops with
 * broadcasting, pooling, reductions over other axes, reshapes between images, vectors and heads, transposes, `concat`, `slice`,
 * `pad` and `reverse`.
 *
 * @throws LotteryError E_GRAPH for what is no graph.
 */
export function unitGroups(graph: Graph): UnitGroup[] {
  checkIsGraph("unitGroups", graph);
  const prepared = prepare(graph);
  return groupsOf(prepared, findUnits(prepared)).map(({ group }) => group);
}

/** A group with the ids of its units in the analysis it comes from. */
export interface LabelledGroup {
  readonly group: UnitGroup;
  readonly ids: readonly number[];
}

/** Units that lie along the same axes of the same constants are one group. */
export function groupsOf(graph: Graph, units: Units): LabelledGroup[] {
  const places = new Map<number, { tensor: string; axis: number; slices: number[] }[]>();
  for (const tensor of constantsInOrder(graph)) {
    units.labels.get(tensor)?.forEach((labels, axis) =>
      labels?.forEach((unit, slice) => {
        if (unit === pinned || units.inputs.has(unit)) return;
        const own = places.get(unit) ?? [];
        const last = own.at(-1);
        if (last?.tensor === tensor && last.axis === axis) last.slices.push(slice);
        else own.push({ tensor, axis, slices: [slice] });
        places.set(unit, own);
      }),
    );
  }
  const groups = new Map<string, number[]>();
  for (const [unit, own] of places) {
    const key = JSON.stringify(own.map(({ tensor, axis }) => [tensor, axis]));
    const members = groups.get(key) ?? [];
    members.push(unit);
    groups.set(key, members);
  }
  const taken = new Set<string>();
  return [...groups.values()].map((ids) => {
    const axes = (places.get(ids[0] as number) ?? []).map(({ tensor, axis }, i) => ({
      tensor,
      axis,
      slices: ids.map((id) => places.get(id)?.[i]?.slices ?? []),
    }));
    return { group: { name: freeName(axes[0]?.tensor ?? "units", taken), units: ids.length, axes }, ids };
  });
}

/** Two groups may begin in one constant (a part of its units goes elsewhere): the second is `name#2`. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}#${count}`;
  taken.add(free);
  return free;
}

/** Constants in the order in which nodes read them. */
function constantsInOrder(graph: Graph): string[] {
  const read = graph.nodes.flatMap(({ inputs }) => inputs).filter((name) => Object.hasOwn(graph.constants, name));
  return [...new Set(read)];
}

export function checkIsGraph(where: string, graph: Graph): void {
  const isGraph = typeof graph === "object" && graph !== null && Array.isArray(graph.nodes) && "constants" in graph;
  if (!isGraph)
    throw new LotteryError("E_GRAPH", `${where}: expected a Graph (modelGraph, trace or readOnnx make one)`);
}

/** Elements of all constants. */
export function countParameters(constants: Readonly<Record<string, HostTensor>>): number {
  return Object.values(constants).reduce((sum, { size }) => sum + size, 0);
}
