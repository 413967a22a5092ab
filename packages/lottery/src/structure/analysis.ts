import type { Graph, HostTensor } from "@parsimony/core-tensor";
import { replaceConstantBranches } from "./constantBranches.ts";
import { type SliceStates, constantSlices } from "./constantSlices.ts";
import { evaluateFixed } from "./fixedValues.ts";
import { type Use, unitUses } from "./liveUnits.ts";
import { prepare } from "./prepare.ts";
import { type Values, probe } from "./probe.ts";
import { type Units, findUnits } from "./units.ts";

/** What is known of a program with pruned weights. */
export interface Analysis {
  /** The program that was analysed: prepared, and without branches that are constant as a whole. */
  readonly graph: Graph;
  readonly units: Units;
  /** The weights of its sums of products. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  readonly states: ReadonlyMap<string, SliceStates>;
  readonly values: Values;
  readonly uses: readonly Use[];
}

/** Units, constants and uses of a program. */
export function analyse(graph: Graph): Analysis {
  const first = analyseOnce(prepare(graph));
  const replaced = replaceConstantBranches(first.graph, first.states, first.units.fixed, first.values);
  return replaced === first.graph ? first : analyseOnce(prepare(replaced));
}

function analyseOnce(graph: Graph): Analysis {
  const units = findUnits(graph);
  const names = units.contractions.map(({ node, weight }) => node.inputs[weight] as string);
  const weights = evaluateFixed(graph, names);
  const values = probe(graph) ?? new Map<string, HostTensor>();
  const states = values.size === 0 ? new Map<string, SliceStates>() : constantSlices(graph, units, values);
  return { graph, units, weights, states, values, uses: unitUses(units, weights, states, values) };
}
