import { type Graph, type HostTensor, type ValueType, tensor } from "@parsimony/core-tensor";
import { sortedNames } from "../base/parameters.ts";
import { type Mask, bits, maskBytes } from "../mask/mask.ts";
import { type Analysis, analyse } from "./analysis.ts";
import { type Folding, foldable, placeSums } from "./foldConstants.ts";
import { type Use, liveUnits } from "./liveUnits.ts";
import { keptSlices, pick, shrink } from "./shrink.ts";
import { groupsOf } from "./unitGroups.ts";
import { type Units, pinned } from "./units.ts";

/** What is used of an input along one of its axes. */
export interface UsedInput {
  readonly input: string;
  readonly axis: number;
  readonly size: number;
  /** Rising places along the axis that something depends on. */
  readonly used: readonly number[];
}

/** What became of the units of one layer; see `unitGroups`. */
export interface CompactLayer {
  /** Name of its group of units. */
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** Dropped because nothing depends on them, or because they are 0 for every input. */
  readonly removed: number;
  /** Dropped after what they add had been moved into a bias. */
  readonly folded: number;
  /** Kept, although they give the same number for every input. */
  readonly constant: number;
}

export interface PassOptions {
  readonly fold: boolean;
  /** May slices of inputs go, and is a `gather` to pick those that are used? */
  readonly inputs: "keep" | "gather" | "shrink";
}

/** What one pass did. */
export interface Pass {
  readonly graph: Graph;
  readonly mask: Mask;
  readonly layers: readonly CompactLayer[];
  readonly cutLayers: readonly string[];
  readonly constantOutputs: readonly string[];
  readonly usedInputs: readonly UsedInput[];
  /** Did anything go? */
  readonly changed: boolean;
}

/** Finds dead and constant units once, and drops them. */
export function compactPass(masked: Graph, mask: Mask, { fold, inputs }: PassOptions): Pass {
  const analysis = analyse(masked);
  const { graph, units, uses, states } = analysis;
  const constantUnits = constantWhereUsed(uses, liveUnits(uses));
  const { removed, dead, folding, live } = choose(analysis, fold ? constantUnits : new Set(), inputs !== "keep");
  const left = new Set([...dead].filter((unit) => !removed.has(unit)));
  const { constants, added } = placeSums(graph, folding.sums);
  const silenced = silence(analysis, graph.constants, left);
  const compacted = shrink(graph, units, removed, {
    constants: new Map([...silenced, ...constants]),
    added,
    gatherInputs: inputs === "gather",
  });
  const quiet = { ...mask, ...Object.fromEntries([...silence(analysis, mask, left), ...opened(mask, constants)]) };
  const groups = groupsOf(graph, units);
  const layers = groups.map(({ group, ids }): CompactLayer => {
    const count = (test: (id: number) => boolean): number => ids.filter(test).length;
    const folded = count((id) => removed.has(id) && folding.folded.has(id));
    const gone = count((id) => removed.has(id));
    const constant = count((id) => !removed.has(id) && constantUnits.has(id));
    return { name: group.name, before: ids.length, after: ids.length - gone, removed: gone - folded, folded, constant };
  });
  return {
    graph: compacted,
    mask: shrinkMask(quiet, compacted, units, removed),
    layers,
    cutLayers: groups.filter(({ ids }) => ids.every((id) => dead.has(id))).map(({ group }) => group.name),
    constantOutputs: graph.outputs.filter(({ value }) => states.get(value)?.whole === true).map(({ name }) => name),
    usedInputs: usedInputs(graph, units, live),
    changed: removed.size + silenced.size > 0 || graph.nodes.length < masked.nodes.length,
  };
}

interface Choice {
  /** The units that go. */
  readonly removed: ReadonlySet<number>;
  /** Those that could. */
  readonly dead: ReadonlySet<number>;
  readonly folding: Folding;
  readonly live: ReadonlySet<number>;
}

/** Which units go: those that nothing depends on once the candidates that can be are folded away. */
function choose(analysis: Analysis, candidates: ReadonlySet<number>, dropInputs: boolean): Choice {
  const { units, uses, weights, values } = analysis;
  const open = new Set([...candidates].filter((unit) => !units.inputs.has(unit)));
  const roots = new Set([pinned]);
  for (;;) {
    const folding = foldable(uses, open, weights, values);
    const live = liveUnits(uses, folding.folded, roots);
    const all = allUnits(units).filter((unit) => dropInputs || !units.inputs.has(unit));
    const dead = new Set(all.filter((unit) => !live.has(unit)));
    const removed = keepOneEach(units, dead);
    const left = [...dead].filter((unit) => !removed.has(unit));
    // A unit that has to stay, so that its layer is not empty, must not be counted twice.
    const doubled = left.filter((unit) => folding.folded.has(unit));
    // Its weights become 0, for what it was computed from may go. Where that cannot be written, it stays with all it needs.
    const loud = left.filter((unit) => !folding.folded.has(unit) && !canSilence(analysis, unit));
    if (doubled.length + loud.length === 0) return { removed, dead, folding, live };
    for (const unit of doubled) open.delete(unit);
    for (const unit of loud) roots.add(unit);
  }
}

/** Are all weights behind a unit numbers of constants, perhaps in another shape? */
function canSilence({ graph, uses }: Analysis, unit: number): boolean {
  return uses.every(
    ({ contraction: { node, weight }, sources, isWeighted }) =>
      !sources.some((own, i) => own === unit && isWeighted[i] === 1) ||
      sourceConstant(graph, node.inputs[weight] as string) !== undefined,
  );
}

/** Tensors by names of constants with +0 in place of the weights in front of and behind some units; only those that change. */
function silence(
  { graph, units }: Analysis,
  tensors: Graph["constants"],
  left: ReadonlySet<number>,
): Map<string, HostTensor> {
  const changed = new Map<string, HostTensor>();
  for (const { node, weight } of units.contractions) {
    const name = sourceConstant(graph, node.inputs[weight] as string);
    const value = name !== undefined && Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (name === undefined || value === undefined) continue;
    const labels = units.labels.get(name) ?? [];
    if (!labels.some((axis) => axis?.some((unit) => left.has(unit)))) continue;
    const data = value.dataSync().slice() as Float32Array;
    let differs = false;
    labels.forEach((axis, at) => {
      const inner = value.shape.slice(at + 1).reduce((product, size) => product * size, 1);
      if (axis === undefined) return;
      for (let i = 0; i < data.length; i++) {
        if (data[i] === 0 || !left.has(axis[Math.floor(i / inner) % axis.length] as number)) continue;
        data[i] = 0;
        differs = true;
      }
    });
    if (differs) changed.set(name, tensor(data, { shape: value.shape, dtype: value.dtype }));
  }
  return changed;
}

/** The entries of a mask for biases that other numbers have moved into: those are kept. */
function opened(mask: Mask, constants: ReadonlyMap<string, HostTensor>): [string, HostTensor][] {
  return [...constants].flatMap(([name, value]): [string, HostTensor][] => {
    const entry = Object.hasOwn(mask, name) ? mask[name] : undefined;
    if (entry === undefined) return [];
    const numbers = value.dataSync();
    return [
      [
        name,
        bits(
          maskBytes(entry).map((kept, i) => kept | Number(!Object.is(numbers[i], 0))),
          entry.shape,
        ),
      ],
    ];
  });
}

/** The constant that holds the numbers of a value, perhaps in another shape. */
function sourceConstant(graph: Graph, name: string): string | undefined {
  if (Object.hasOwn(graph.constants, name)) return name;
  const maker = graph.nodes.find(({ outputs }) => outputs.includes(name));
  const same = maker !== undefined && (maker.op === "reshape" || maker.op === "transpose");
  return same ? sourceConstant(graph, maker.inputs[0] as string) : undefined;
}

/** Every unit of the program but the pinned one. */
function allUnits({ labels }: Units): number[] {
  const ids = new Set<number>();
  for (const axes of labels.values()) for (const axis of axes) axis?.forEach((unit) => ids.add(unit));
  ids.delete(pinned);
  return [...ids].sort((a, b) => a - b);
}

/** The live units that are constant wherever they are used. */
function constantWhereUsed(uses: readonly Use[], live: ReadonlySet<number>): Set<number> {
  const found = new Set(live);
  for (const { sources, isConstant } of uses) {
    sources.forEach((unit, i) => {
      if (isConstant[i] === 0) found.delete(unit);
    });
  }
  found.delete(pinned);
  return found;
}

/** The units to remove, less one for every axis that would be left with nothing. */
function keepOneEach({ labels }: Units, dead: ReadonlySet<number>): Set<number> {
  const removed = new Set(dead);
  for (const axes of labels.values()) {
    for (const axis of axes) {
      if (axis?.length && axis.every((unit) => removed.has(unit))) removed.delete(axis[0] as number);
    }
  }
  return removed;
}

/** The entries of the mask that are still in the program. */
function shrinkMask(mask: Mask, { constants }: Graph, { labels }: Units, removed: ReadonlySet<number>): Mask {
  const kept = sortedNames(mask).filter((name) => Object.hasOwn(constants, name));
  return Object.fromEntries(
    kept.map((name) => [name, pick(mask[name] as HostTensor, keptSlices(labels.get(name) ?? [], removed))]),
  );
}

function usedInputs({ inputs, types }: Graph, { labels }: Units, live: ReadonlySet<number>): UsedInput[] {
  return inputs.flatMap((input) =>
    (types[input] as ValueType).shape.flatMap((size, axis): UsedInput[] => {
      const units = labels.get(input)?.[axis];
      if (units === undefined || units.every((unit) => unit === pinned)) return [];
      const used = [...units.keys()].filter((i) => live.has(units[i] as number));
      return [{ input, axis, size: size as number, used }];
    }),
  );
}
