import { fingerprint, fingerprintText } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { Network } from "../network/network.ts";
import { type AxisWalk, layerAt, outputOf, walkAxis } from "./axisParts.ts";
import { type NetworkFacts, factsOf, mapBytes, mapOf, numberBytes } from "./facts.ts";
import { checkRange, checkStage } from "./legal.ts";
import { gapFor, lowerBound, pack } from "./packing.ts";
import type {
  ArenaBuffer,
  AxisParts,
  Grid,
  InputMode,
  Moment,
  OutputMode,
  Overlap,
  Plan,
  PlanOptions,
  Stage,
  Step,
} from "./plan.ts";
import { type StageLayout, lastNeed, layOutStage } from "./stageLayout.ts";
import { residualOf } from "./takeOver.ts";

export interface PlanningOptions {
  /** Where the program's inputs are; default external. */
  readonly input?: InputMode;
  /** Where its outputs go; default external. */
  readonly output?: OutputMode;
  /** Depthwise convolutions, unary layers and additions may overwrite what they use up; default true. */
  readonly inPlace?: boolean;
  /** A convolution before an addition may add into the buffer of the other operand; default true. */
  readonly accumulateIntoResidual?: boolean;
  /** Offsets are multiples of this many bytes (and of the size of a number); default 4. */
  readonly align?: 1 | 4 | 8 | 16;
}

/** Layers `first`, …, `end - 1`, patch by patch. */
export interface StageChoice {
  readonly first: number;
  readonly end: number;
  /** Patches of the stage's output; default 1 x 1. */
  readonly grid?: Grid;
  /** Default recompute. */
  readonly overlap?: Overlap;
}

export interface PlanStagesOptions extends PlanningOptions {
  /** Stages in order. Layers in none of them run by themselves, on the whole image. */
  readonly stages: readonly StageChoice[];
}

export interface PlanPatchesOptions extends PlanningOptions {
  /** Where the patches end: the map that they make, or the number of layers. */
  readonly split: string | number;
  readonly grid: Grid;
  /** Default recompute. */
  readonly overlap?: Overlap;
}

/** The options with defaults. @throws PatchInferError OPTION */
export function planOptions(options: PlanningOptions): PlanOptions {
  const { input = "external", output = "external", inPlace = true, accumulateIntoResidual = true, align = 4 } = options;
  const known: readonly (readonly [string, unknown, readonly unknown[]])[] = [
    ["input", input, ["resident", "external", "callback"]],
    ["output", output, ["resident", "external"]],
    ["inPlace", inPlace, [true, false]],
    ["accumulateIntoResidual", accumulateIntoResidual, [true, false]],
    ["align", align, [1, 4, 8, 16]],
  ];
  for (const [name, value, values] of known) {
    if (!values.includes(value)) {
      throw new PatchInferError("OPTION", `${name} is ${String(value)}, not one of ${values.join(", ")}`);
    }
  }
  return { input, output, inPlace, accumulateIntoResidual, align };
}

/** One stage of patches from the input to `split`, then layer by layer (MCUNetV2). */
export function planPatches(network: Network, options: PlanPatchesOptions): Plan {
  const { split, grid, overlap = "recompute", ...rest } = options;
  const end = typeof split === "number" ? split : (factsOf(network).producer.get(split) ?? -1) + 1;
  if (end < 1) throw new PatchInferError("ILLEGAL_SPLIT", `no layer makes a map "${split}"`);
  return planStages(network, { ...rest, stages: [{ first: 0, end, grid, overlap }] });
}

/** Layer by layer, each on the whole image. */
export function planLayers(network: Network, options: PlanningOptions = {}): Plan {
  return planStages(network, { ...options, stages: [] });
}

/** A plan with these stages; the layers between them run by themselves. */
export function planStages(network: Network, options: PlanStagesOptions): Plan {
  const { stages, ...rest } = options;
  const facts = factsOf(network);
  const own = planOptions(rest);
  const choices = completed(facts, stages, own);
  for (const choice of choices) checkStage(facts, choice);
  const layouts = choices.map((choice) => layOutStage(facts, choice.first, walksOf(facts, choice), own));
  return assemble(facts, choices, layouts, own);
}

type Choice = Required<StageChoice>;

export function walksOf(
  facts: NetworkFacts,
  { first, end, grid, overlap }: Choice,
): { rows: AxisWalk; columns: AxisWalk } {
  const cached = {
    rows: overlap === "cacheRows" || overlap === "cacheBoth",
    columns: overlap === "cacheColumns" || overlap === "cacheBoth",
  };
  return {
    rows: walkAxis(facts, { first, end, axis: "rows", count: grid.rows, cached: cached.rows }),
    columns: walkAxis(facts, { first, end, axis: "columns", count: grid.columns, cached: cached.columns }),
  };
}

/** Fills the gaps between stages with layers that run by themselves; a convolution that may add at once goes with its addition. */
function completed(facts: NetworkFacts, stages: readonly StageChoice[], options: PlanOptions): Choice[] {
  const all: Choice[] = [];
  const grid = { rows: 1, columns: 1 };
  let at = 0;
  const alone = (until: number): void => {
    while (at < until) {
      const pair = options.accumulateIntoResidual && at + 2 <= until && residualOf(facts, at) !== undefined;
      all.push({ first: at, end: pair ? at + 2 : at + 1, grid, overlap: "recompute" });
      at += pair ? 2 : 1;
    }
  };
  for (const { first, end, grid: cells = grid, overlap = "recompute" } of stages) {
    checkRange(facts, first, end);
    if (first < at) throw new PatchInferError("ILLEGAL_SPLIT", `a stage begins at layer ${first}, inside another one`);
    alone(first);
    all.push({ first, end, grid: cells, overlap });
    at = end;
  }
  alone(facts.layers.length);
  return all;
}

type Draft = { -readonly [K in keyof ArenaBuffer]: ArenaBuffer[K] };

function assemble(
  facts: NetworkFacts,
  choices: readonly Choice[],
  layouts: readonly StageLayout[],
  options: PlanOptions,
): Plan {
  const { network } = facts;
  const moments: Moment[] = [];
  const momentOf: Map<number, number>[] = layouts.map(({ slots, live }, stage) => {
    const own = new Map<number, number>();
    slots.forEach((slot, step) => {
      own.set(slot, moments.length);
      moments.push({ stage, step, layer: layerAt(facts, slot).layer.name, liveBytes: live[step] ?? 0 });
    });
    return own;
  });
  const lastMoment = moments.length - 1;
  const nameOf = (role: ArenaBuffer["role"], map: string, stage: number): string =>
    role === "map" ? `map:${map}` : `${role}:${map}@${stage}`;

  const buffers = new Map<string, Draft>();
  if (options.input === "resident") {
    for (const [map, made] of facts.producer) {
      if (made >= 0 || lastNeed(facts, map, options) < 0) continue;
      const { height, width } = mapOf(network, map);
      const name = nameOf("map", map, 0);
      const bytes = mapBytes(mapOf(network, map));
      buffers.set(name, {
        name,
        role: "map",
        map,
        rows: height,
        columns: width,
        bytes,
        offset: 0,
        first: 0,
        last: lastMoment,
      });
    }
  }
  layouts.forEach((layout, stage) => {
    const moment = (slot: number): number => {
      const own = momentOf[stage];
      // An addition that has no step of its own happens with the convolution before it.
      return own?.get(slot) ?? own?.get(slot - 1) ?? 0;
    };
    for (const [map, slot] of layout.outside) {
      const whole = buffers.get(nameOf("map", map, stage));
      if (whole !== undefined) whole.last = lastNeed(facts, map, options) < layout.end ? moment(slot) : lastMoment;
    }
    const places = new Map(
      layout.buffers.filter(({ role }) => role !== "scratch" && role !== "lines").map((b) => [b.map, b.role]),
    );
    for (const { role, map, rows, columns, bytes, first, last, over } of layout.buffers) {
      const name = nameOf(role, map, stage);
      const stays = role === "map" && lastNeed(facts, map, options) >= layout.end;
      const life = { first: moment(first), last: stays ? lastMoment : moment(last) };
      const base = { name, role, map, rows, columns, bytes, offset: 0, ...life };
      const placed = role === "map" ? base : { ...base, stage };
      const below = over === undefined ? undefined : nameOf(places.get(over) ?? "map", over, stage);
      buffers.set(name, below === undefined ? placed : { ...placed, takesOver: below });
    }
  });

  const list = [...buffers.values()];
  const align = Math.max(options.align, ...list.map(({ map }) => numberBytes(mapOf(network, map).type)));
  const position = new Map(list.map(({ name }, i) => [name, i]));
  const rectangles = list.map(({ first, last, bytes, takesOver }) => ({
    first,
    last,
    bytes,
    over: takesOver === undefined ? undefined : position.get(takesOver),
  }));
  const { offsets, bytes: arenaBytes } = pack(rectangles, align);
  list.forEach((buffer, i) => {
    buffer.offset = offsets[i] ?? 0;
  });
  const lowerBoundBytes = lowerBound(rectangles);
  const blocks = raiseBlocks(facts, list, align, arenaBytes);
  const live = liveBytes(list, moments.length);

  return {
    version: 1,
    network: network.name,
    fingerprint: networkFingerprint(network),
    options,
    stages: layouts.map((layout, stage) => stageOf(facts, choices[stage] as Choice, layout, stage, blocks)),
    buffers: list,
    moments: moments.map((moment, i) => ({ ...moment, liveBytes: live[i] ?? 0 })),
    arenaBytes,
    lowerBoundBytes,
    macs: {
      network: networkMacs(facts),
      plan: sum(layouts.map(({ macs }) => macs)),
      virtual: sum(layouts.map(({ virtualMacs }) => virtualMacs)),
    },
  };
}

/** Gives depthwise convolutions in place more channels per round where the arena has room for it anyway. */
function raiseBlocks(facts: NetworkFacts, list: Draft[], align: number, arenaBytes: number): Map<string, number> {
  const blocks = new Map<string, number>();
  for (const scratch of list) {
    if (scratch.role !== "scratch") continue;
    const { channels } = mapOf(facts.network, scratch.map);
    const others = list.filter((other) => other !== scratch);
    let block = 1;
    for (const more of [16, 8, 4]) {
      if (more > channels) continue;
      const wanted = { first: scratch.first, last: scratch.last, bytes: scratch.bytes * more };
      const offset = gapFor(wanted, others, align, arenaBytes);
      if (offset === undefined) continue;
      scratch.offset = offset;
      scratch.bytes = wanted.bytes;
      block = more;
      break;
    }
    blocks.set(scratch.name, block);
  }
  return blocks;
}

function liveBytes(list: readonly ArenaBuffer[], moments: number): number[] {
  const live = Array.from({ length: moments }, () => 0);
  for (const { first, last, bytes, takesOver } of list) {
    for (let i = takesOver === undefined ? first : first + 1; i <= last; i++) live[i] = (live[i] ?? 0) + bytes;
  }
  return live;
}

function stageOf(
  facts: NetworkFacts,
  { first, end, grid, overlap }: Choice,
  layout: StageLayout,
  stage: number,
  blocks: ReadonlyMap<string, number>,
): Stage {
  const steps = layout.slots.map((slot): Step => {
    if (layout.merged.has(slot)) return { layer: slot, add: slot + 1 };
    const scratch = `scratch:${layerAt(facts, slot).layer.output}@${stage}`;
    const channelBlock = blocks.get(scratch);
    return channelBlock === undefined ? { layer: slot } : { layer: slot, inPlace: { channelBlock, scratch } };
  });
  const record = (parts: ReadonlyMap<string, AxisParts>): Record<string, AxisParts> => Object.fromEntries(parts);
  return {
    first,
    end,
    grid: { rows: grid.rows, columns: grid.columns },
    overlap,
    steps,
    output: outputOf(facts, end),
    loads: layout.loads,
    rows: record(layout.rows),
    columns: record(layout.columns),
    macs: layout.macs,
    virtualMacs: layout.virtualMacs,
  };
}

/** Multiply-accumulates of the network layer by layer. */
export function networkMacs(facts: NetworkFacts): number {
  let macs = 0;
  facts.layers.forEach(({ index }) => {
    const grid = { rows: 1, columns: 1 };
    const { rows, columns } = walksOf(facts, { first: index, end: index + 1, grid, overlap: "recompute" });
    macs += layerAt(facts, index).unit * (rows.work[0] ?? 0) * (columns.work[0] ?? 0);
  });
  return macs;
}

/** Tells networks apart: layers, maps, ports and every weight. */
export function networkFingerprint(network: Network): string {
  const text = JSON.stringify(network, (_key, value: unknown) => {
    if (ArrayBuffer.isView(value)) return fingerprint(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
  return fingerprintText(text);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
