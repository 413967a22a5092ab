import type { HostTensor } from "@parsimony/core-tensor";
import { type SliceStates, constant, signedZero, sliceNumbers, unknown, weightPattern } from "./constantSlices.ts";
import type { Contraction } from "./contractions.ts";
import type { Values } from "./probe.ts";
import { type Units, pinned } from "./units.ts";

/** A place where units are summed over, with what the weights and the constants say about it. */
export interface Use {
  readonly contraction: Contraction;
  /** Unit of every slice along the axis that is summed over. */
  readonly sources: Int32Array;
  /** For every slice: its value is 0 whatever the input, so that its terms change nothing. */
  readonly isZero: Uint8Array;
  /** For every slice: its value does not depend on the input. */
  readonly isConstant: Uint8Array;
  /** For every slice: some weight behind it is not 0. */
  readonly isWeighted: Uint8Array;
  /** Pairs of units with a weight between them that is not 0. */
  readonly edges: readonly (readonly [from: number, to: number])[];
}

/** The uses of a program's units, in the order of its nodes. */
export function unitUses(
  units: Units,
  weights: ReadonlyMap<string, HostTensor>,
  states: ReadonlyMap<string, SliceStates>,
  values: Values,
): Use[] {
  return units.contractions.flatMap((contraction): Use[] => {
    const { node, data, weight, dataAxis, weightOut, groups } = contraction;
    const [dataName, weightName] = [node.inputs[data] as string, node.inputs[weight] as string];
    const sources = units.labels.get(dataName)?.[dataAxis];
    const targets = units.labels.get(weightName)?.[weightOut];
    if (sources === undefined || targets === undefined) return [];
    const known = states.get(dataName)?.axes[dataAxis];
    const isZero = new Uint8Array(sources.length);
    const isConstant = new Uint8Array(sources.length);
    sources.forEach((_, i) => {
      const state = known?.[i] ?? unknown;
      isConstant[i] = state === unknown ? 0 : 1;
      if (state === signedZero) isZero[i] = 1;
      if (state !== constant) return;
      const numbers = sliceNumbers(values.get(dataName) as HostTensor, dataAxis, i);
      isZero[i] = numbers.every((x) => Number(x) === 0) ? 1 : 0;
    });
    const isWeighted = new Uint8Array(sources.length);
    const seen = new Map<number, Set<number>>();
    const pattern = weightPattern(contraction, weights.get(weightName) as HostTensor);
    const rows = targets.length / groups;
    pattern.forEachNonzero((i, o) => {
      const channel = groups === 1 ? i : Math.floor(o / rows) * pattern.inputs + i;
      isWeighted[channel] = 1;
      if (isZero[channel] === 1) return;
      const from = sources[channel] as number;
      const to = seen.get(from) ?? new Set();
      to.add(targets[o] as number);
      seen.set(from, to);
    });
    const edges = [...seen].flatMap(([from, to]) => [...to].map((unit): [number, number] => [from, unit]));
    return [{ contraction, sources, isZero, isConstant, isWeighted, edges }];
  });
}

/** The units that something that stays depends on: those with a way of weights to a root that avoids `ended`. */
export function liveUnits(
  uses: readonly Use[],
  ended: ReadonlySet<number> = new Set(),
  roots: ReadonlySet<number> = new Set([pinned]),
): Set<number> {
  const sources = new Map<number, number[]>();
  for (const { edges } of uses) {
    for (const [from, to] of edges) {
      const list = sources.get(to);
      if (list === undefined) sources.set(to, [from]);
      else list.push(from);
    }
  }
  const live = new Set(roots);
  const pending = [...roots];
  while (pending.length > 0) {
    for (const unit of sources.get(pending.pop() as number) ?? []) {
      if (live.has(unit) || ended.has(unit)) continue;
      live.add(unit);
      pending.push(unit);
    }
  }
  return live;
}
