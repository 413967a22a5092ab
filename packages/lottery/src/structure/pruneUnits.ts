import type { Graph, HostTensor } from "@parsimony/core-tensor";
import { summarize } from "@parsimony/core-tensor/inspect";
import { checkChoice } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Mask, bits } from "../mask/mask.ts";
import { prepare } from "./prepare.ts";
import { sizeAtOne } from "./probe.ts";
import { shrink } from "./shrink.ts";
import { type UnitCountOptions, checkUnitCounts, chooseUnits } from "./unitCounts.ts";
import { type UnitGroup, checkIsGraph, countParameters, groupsOf } from "./unitGroups.ts";
import { type UnitScore, coupledNorm, trainedConstants } from "./unitScores.ts";
import { findUnits } from "./units.ts";

export interface PruneUnitsOptions extends UnitCountOptions {
  /** What a unit is worth. Default: `coupledNorm()`. */
  readonly score?: UnitScore;
  /** Which groups may lose units. Default: all that `unitGroups` finds; units of outputs are never among them. */
  readonly prunable?: (group: UnitGroup) => boolean;
}

/** A number before and after. */
export interface Change {
  readonly before: number;
  readonly after: number;
}

export interface PruneUnitsReport {
  /** For every group that lost units their places, rising. */
  readonly removed: Readonly<Record<string, readonly number[]>>;
  /** Units of every group. */
  readonly units: Readonly<Record<string, Change>>;
  /** Elements of all constants. */
  readonly parameters: Change;
  /** Multiply-accumulates of one run, unknown lengths (the batch) at 1. */
  readonly macs: Change;
}

export interface PrunedUnits {
  readonly graph: Graph;
  /** The same removal as a mask for the graph that went in: false for every slice of every weight, scale and bias that went. */
  readonly mask: Mask;
  readonly report: PruneUnitsReport;
}

/**
 * Removes whole neurons, channels and heads, with everything that goes with them (structured pruning): a smaller dense program.
 * It computes, bit for bit in the reference, what the old one computes with the removed units masked.
 *
 * @param graph a program whose constants are the weights (`modelGraph`, `readOnnx`).
 * @throws LotteryError E_RATE, E_OPTION for options out of range or names that are no groups; E_EMPTY when there is no group to
 *   prune; E_PARAMETERS for another number of scores; E_NON_FINITE for a score that is no finite number; E_GRAPH.
 * @example pruneUnits(graph, { ratio: 0.5, roundTo: 8 })
 */
export function pruneUnits(graph: Graph, options: PruneUnitsOptions): PrunedUnits {
  const where = "pruneUnits";
  checkIsGraph(where, graph);
  checkChoice(where, "scope", options.scope ?? "layer", ["layer", "global"]);
  const { score = coupledNorm(), prunable = () => true } = options;
  const prepared = prepare(graph);
  const units = findUnits(prepared);
  const all = groupsOf(prepared, units);
  const open = all.filter(({ group }) => prunable(group));
  if (open.length === 0) throw new LotteryError("E_EMPTY", `${where}: the graph has no units that can be removed`);
  const groups = open.map(({ group }) => group);
  checkUnitCounts(where, options, groups);
  const scores = groups.map((group) => checkedScores(where, group, score(group, prepared)));
  const lost = chooseUnits(groups, scores, options);
  const removed = new Set(lost.flatMap((places, i) => places.map((place) => open[i]?.ids[place] as number)));
  const smaller = shrink(prepared, units, removed);
  const byName = Object.fromEntries(groups.map(({ name }, i) => [name, lost[i] as readonly number[]]));
  const counts = all.map(({ group: { name, units: before } }): [string, Change] => [
    name,
    { before, after: before - (byName[name]?.length ?? 0) },
  ]);
  return {
    graph: smaller,
    mask: unitMask(graph, byName),
    report: {
      removed: Object.fromEntries(Object.entries(byName).filter(([, places]) => places.length > 0)),
      units: Object.fromEntries(counts),
      parameters: { before: countParameters(graph.constants), after: countParameters(smaller.constants) },
      macs: { before: sizeAtOne(summarize(graph).macs), after: sizeAtOne(summarize(smaller).macs) },
    },
  };
}

function checkedScores(where: string, { name, units }: UnitGroup, scores: ArrayLike<number>): ArrayLike<number> {
  if (scores.length !== units) {
    const message = `${where}: ${scores.length} scores for the ${units} units of ${name}`;
    throw new LotteryError("E_PARAMETERS", message, { tensor: name });
  }
  const index = Array.from(scores).findIndex((score) => !Number.isFinite(score));
  if (index < 0) return scores;
  throw new LotteryError("E_NON_FINITE", `${where}: score ${index} of ${name} is ${scores[index]}`, {
    tensor: name,
    index,
  });
}

/**
 * The mask without some units: false for every slice of every weight, scale and bias that goes with them. `compact` of the graph
 * with this mask drops them, so that units can be pruned like weights: trained on under the mask first.
 *
 * @param removed by name of group (see `unitGroups`) the places of the units.
 * @throws LotteryError E_OPTION for a name that is no group, or a place that it does not have; E_GRAPH.
 */
export function unitMask(graph: Graph, removed: Readonly<Record<string, readonly number[]>>): Mask {
  checkIsGraph("unitMask", graph);
  const prepared = prepare(graph);
  const groups = new Map(groupsOf(prepared, findUnits(prepared)).map(({ group }) => [group.name, group]));
  const trained = trainedConstants(prepared);
  const reads = graph.nodes.flatMap(({ inputs }) => [...new Set(inputs)]);
  const kept = new Map<string, Uint8Array>();
  for (const [name, places] of Object.entries(removed)) {
    const group = groups.get(name);
    const wrong = group === undefined ? undefined : places.find((place) => !(place in (group.axes[0]?.slices ?? [])));
    if (group === undefined || wrong !== undefined) {
      const reason = wrong === undefined ? `there is no group ${name}` : `${name} has no unit ${wrong}`;
      throw new LotteryError("E_OPTION", `unitMask: ${reason}`, { tensor: name });
    }
    for (const { tensor, axis, slices } of group.axes) {
      const constant = Object.hasOwn(graph.constants, tensor) ? graph.constants[tensor] : undefined;
      if (constant === undefined || !trained.has(tensor)) continue;
      // A bias that another layer reads too is left alone: its zeros would be felt there.
      if (constant.rank === 1 && reads.filter((name) => name === tensor).length > 1) continue;
      const bytes = kept.get(tensor) ?? new Uint8Array(constant.size).fill(1);
      clearSlices(bytes, constant, axis, new Set(places.flatMap((place) => slices[place] ?? [])));
      kept.set(tensor, bytes);
    }
  }
  return Object.fromEntries(
    [...kept].map(([name, bytes]) => [name, bits(bytes, (graph.constants[name] as HostTensor).shape)]),
  );
}

function clearSlices(bytes: Uint8Array, { shape }: HostTensor, axis: number, slices: ReadonlySet<number>): void {
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const size = shape[axis] as number;
  for (let i = 0; i < bytes.length; i++) if (slices.has(Math.floor(i / inner) % size)) bytes[i] = 0;
}
