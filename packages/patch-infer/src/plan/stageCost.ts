import { type AxisWalk, layerAt, loadedParts } from "./axisParts.ts";
import { type MapFacts, type NetworkFacts, numberBytes } from "./facts.ts";
import { sameParts } from "./partSizes.ts";
import type { AxisParts, Overlap, PlanOptions } from "./plan.ts";
import { isPooledEnd, runningSumsOf } from "./pooledEnd.ts";
import { overwritable, residualOf } from "./takeOver.ts";

/** Both axes of a stage. */
export interface StageWalks {
  readonly rows: AxisWalk;
  readonly columns: AxisWalk;
}

/** Whether patches keep rows and columns for their neighbours. */
export function cachedAxes(overlap: Overlap): { readonly rows: boolean; readonly columns: boolean } {
  return {
    rows: overlap === "cacheRows" || overlap === "cacheBoth",
    columns: overlap === "cacheColumns" || overlap === "cacheBoth",
  };
}

/**
 * The last layer that needs a map: -1 for none, Infinity when it has to be in the arena at the end (an output that stays, or an input
 * that stays and is an output, wherever outputs go).
 */
export function lastNeed({ given, lastReader, made }: MapFacts, options: PlanOptions): number {
  const stays = options.output === "resident" || (made < 0 && options.input === "resident");
  return given && stays ? Number.POSITIVE_INFINITY : lastReader;
}

/** Numbers of the whole maps that are in the arena when layer `first` begins. */
export function aliveAt(facts: NetworkFacts, first: number, options: PlanOptions): number[] {
  return [...facts.maps.keys()].filter((number) => {
    const map = facts.maps[number] as MapFacts;
    if (map.made >= first || (map.made < 0 && options.input !== "resident")) return false;
    return lastNeed(map, options) >= first;
  });
}

/** What a stage costs. */
export interface StageCost {
  /** Most bytes alive at one of its moments, maps that only pass by included. */
  readonly peakBytes: number;
  readonly macs: number;
}

/** How a map is held in a stage. */
export const heldAs = { nothing: 0, patch: 1, map: 2 } as const;

/**
 * What was decided for a stage, by number of map or position of layer. A search looks at millions of stages, so the same
 * arrays are written again for each.
 */
export interface StageDecisions {
  /** Numbers of the whole maps from outside, and of the program inputs that are copied in. */
  outside: readonly number[];
  readonly loads: number[];
  /** By map: see `heldAs`; bytes; slots from which and to which it is alive; the map whose place it takes, or -1. */
  readonly held: Uint8Array;
  readonly bytes: Float64Array;
  readonly begin: Int32Array;
  readonly last: Int32Array;
  readonly over: Int32Array;
  /** By map: bytes of rows that are kept across the whole width. */
  readonly lines: Float64Array;
  /** By layer: bytes of scratch for one channel, for depthwise convolutions in place. */
  readonly scratch: Float64Array;
  /** By layer: whether a convolution adds at once, so that the addition after it has no slot. */
  readonly merged: Uint8Array;
  /** Bytes of running sums of a pooling at the end, alive during the whole stage; 0 without. */
  sumsBytes: number;
  /** By layer: bytes alive. */
  readonly live: Float64Array;
}

/** Costs of the stages of one network. Not to be shared between callers that interleave: decisions are overwritten. */
export interface StageCosts {
  /** Decides everything about the stage from layer `first` to the end of the walks. */
  decide(first: number, walks: StageWalks): StageDecisions;
  cost(first: number, walks: StageWalks): StageCost;
}

/**
 * Costs of stages. A stage's cost depends on nothing outside it: where stages begin and end, the same whole maps are alive in
 * every plan. So the peak of a plan is the largest peak of its stages, and equals its `lowerBoundBytes`.
 */
export function stageCosts(facts: NetworkFacts, options: PlanOptions): StageCosts {
  const { maps, layers } = facts;
  const count = maps.length;
  const slots = layers.length + 2;
  const needs = maps.map((map) => lastNeed(map, options));
  const operands = layers.map((layer) => (options.inPlace ? overwritable(layer) : []));
  const residuals = layers.map((_, i) => (options.accumulateIntoResidual ? residualOf(facts, i) : undefined));
  const alive: (readonly number[] | undefined)[] = [];
  const copied = options.input === "resident" ? [] : [...maps.keys()].filter((number) => maps[number]?.made === -1);
  const transient = new Uint8Array(count);
  const change = new Float64Array(slots);
  const decisions: StageDecisions = {
    outside: [],
    loads: [],
    held: new Uint8Array(count),
    bytes: new Float64Array(count),
    begin: new Int32Array(count),
    last: new Int32Array(count),
    over: new Int32Array(count),
    lines: new Float64Array(count),
    scratch: new Float64Array(slots),
    merged: new Uint8Array(slots),
    sumsBytes: 0,
    live: new Float64Array(slots),
  };
  const { held, bytes, begin, last, over, lines, scratch, merged, live, loads } = decisions;

  const partsOf = (number: number, first: number, walk: AxisWalk): AxisParts | undefined =>
    (maps[number]?.made ?? -1) < 0 ? loadedParts(facts, walk, number, first).parts : walk.parts[number - walk.first];

  /** Parts of `operand` and of what layer `own` makes are stored alike, so that one may stand where the other does. */
  const storedAlike = (operand: number, own: number, first: number, walk: AxisWalk, size: number): boolean => {
    const parts = walk.parts[own - walk.first];
    if (parts === undefined) return false;
    if (held[own] === heldAs.patch && held[operand] === heldAs.patch) {
      const other = partsOf(operand, first, walk);
      return other !== undefined && sameParts(parts, other);
    }
    // One of them is a whole map, which takes part only if there is one patch.
    const other = held[operand] === heldAs.patch ? partsOf(operand, first, walk) : parts;
    return (
      other !== undefined && other.from[0] === 0 && other.to[0] === size && parts.from[0] === 0 && parts.to[0] === size
    );
  };

  const mayTakeOver = (operand: number, own: number, slot: number): boolean =>
    transient[operand] === 1 &&
    transient[own] === 1 &&
    needs[operand] === slot &&
    (bytes[own] as number) > 0 &&
    (bytes[own] as number) <= (bytes[operand] as number);

  const hold = (number: number, walks: StageWalks, first: number, from: number, to: number): void => {
    const map = maps[number] as MapFacts;
    const end = walks.rows.end;
    const inside = map.made >= 0;
    const down = inside
      ? walks.rows.sizes[number - walks.rows.first]
      : loadedParts(facts, walks.rows, number, first).sizes;
    const across = inside
      ? walks.columns.sizes[number - walks.columns.first]
      : loadedParts(facts, walks.columns, number, first).sizes;
    if (down === undefined || across === undefined) throw new RangeError("a stage begins before its walks");
    const kept = across.kept > 0 || (walks.columns.count === 1 && down.kept > 0);
    held[number] = heldAs.patch;
    bytes[number] = down.stored * across.stored * map.cellBytes;
    begin[number] = kept ? first : from;
    last[number] = kept ? end - 1 : to;
    transient[number] = kept ? 0 : 1;
    over[number] = -1;
    lines[number] = down.kept > 0 && walks.columns.count > 1 ? down.kept * across.end * map.cellBytes : 0;
  };

  const holdWhole = (number: number, single: boolean, first: number, from: number, to: number, end: number): void => {
    held[number] = heldAs.map;
    bytes[number] = (maps[number] as MapFacts).bytes;
    begin[number] = single ? from : first;
    last[number] = single ? to : end - 1;
    transient[number] = single ? 1 : 0;
    over[number] = -1;
    lines[number] = 0;
  };

  const decide = (first: number, walks: StageWalks): StageDecisions => {
    const end = walks.rows.end;
    const single = walks.rows.count * walks.columns.count === 1;
    const outside = alive[first] ?? aliveAt(facts, first, options);
    alive[first] = outside;
    decisions.outside = outside;
    // The output of a pooling at the end is written once, with the last patch: until then others may use its place.
    const once = single || isPooledEnd(facts, first, end);
    decisions.sumsBytes = single ? 0 : runningSumsOf(facts, first, end);
    for (const number of outside)
      holdWhole(number, single, first, first, Math.min(needs[number] as number, end - 1), end);
    loads.length = 0;
    for (const number of copied) {
      const { readers } = maps[number] as MapFacts;
      let from = -1;
      let to = -1;
      for (const reader of readers) {
        if (reader < first || reader >= end) continue;
        if (from < 0) from = reader;
        to = reader;
      }
      if (from < 0) continue;
      loads.push(number);
      hold(number, walks, first, from, to);
    }
    for (let slot = first; slot < end; slot++) {
      if (slot === end - 1 && (needs[slot] as number) >= 0) holdWhole(slot, once, first, slot, slot, end);
      else hold(slot, walks, first, slot, Math.max(slot, maps[slot]?.lastReader ?? slot));
      scratch[slot] = 0;
      merged[slot] = 0;
    }

    for (let slot = first; slot < end; slot++) {
      const residual = slot + 1 < end ? residuals[slot] : undefined;
      if (
        residual !== undefined &&
        mayTakeOver(residual, slot + 1, slot + 1) &&
        alike(residual, slot + 1, first, walks)
      ) {
        held[slot] = heldAs.nothing;
        merged[slot] = 1;
        takeOver(residual, slot + 1, slot);
        slot++;
        continue;
      }
      const layer = layerAt(facts, slot);
      const depthwise = layer.layer.kind === "depthwiseConv2d";
      for (const operand of operands[slot] ?? []) {
        if (!mayTakeOver(operand, slot, slot) || !(depthwise || alike(operand, slot, first, walks))) continue;
        takeOver(operand, slot, slot);
        if (depthwise) scratch[slot] = scratchBytes(slot, walks);
        break;
      }
    }
    sumUp(first, end);
    return decisions;
  };

  const alike = (operand: number, own: number, first: number, { rows, columns }: StageWalks): boolean => {
    const map = maps[own] as MapFacts;
    return (
      storedAlike(operand, own, first, rows, map.map.height) && storedAlike(operand, own, first, columns, map.map.width)
    );
  };

  const takeOver = (operand: number, own: number, slot: number): void => {
    last[operand] = slot;
    begin[own] = slot;
    over[own] = operand;
  };

  const scratchBytes = (slot: number, { rows, columns }: StageWalks): number => {
    const down = rows.sizes[slot - rows.first]?.fresh ?? 0;
    const across = columns.sizes[slot - columns.first]?.fresh ?? 0;
    return down * across * numberBytes(maps[slot]?.map.type ?? "float32");
  };

  const sumUp = (first: number, end: number): void => {
    change.fill(0, first, end + 1);
    change[first] = decisions.sumsBytes;
    const add = (number: number): void => {
      if (held[number] === heldAs.nothing) return;
      // What takes over another buffer is no larger: in the slot that they share the other one counts.
      const from = (begin[number] as number) + (over[number] === -1 ? 0 : 1);
      const to = (last[number] as number) + 1;
      if (from < to) {
        change[from] = (change[from] as number) + (bytes[number] as number);
        change[to] = (change[to] as number) - (bytes[number] as number);
      }
      change[first] = (change[first] as number) + (lines[number] as number);
    };
    for (const number of decisions.outside) add(number);
    for (const number of loads) add(number);
    for (let slot = first; slot < end; slot++) add(slot);
    let sum = 0;
    for (let slot = first; slot < end; slot++) {
      sum += change[slot] as number;
      live[slot] = sum + (scratch[slot] as number);
    }
  };

  return {
    decide,
    cost: (first, walks) => {
      decide(first, walks);
      const end = walks.rows.end;
      let peakBytes = 0;
      for (let slot = first; slot < end; slot++) {
        peakBytes = Math.max(peakBytes, live[slot] as number);
        if (merged[slot] === 1) slot++;
      }
      return { peakBytes, macs: stageMacs(facts, first, walks).macs };
    },
  };
}

/** Multiply-accumulates of a stage, as it runs and without clipping. */
export function stageMacs(
  facts: NetworkFacts,
  first: number,
  { rows, columns }: StageWalks,
): { readonly macs: number; readonly virtualMacs: number } {
  let macs = 0;
  let virtualMacs = 0;
  for (let slot = first; slot < rows.end; slot++) {
    const { unit } = layerAt(facts, slot);
    const [i, j] = [slot - rows.first, slot - columns.first];
    macs += unit * (rows.work[i] ?? 0) * (columns.work[j] ?? 0);
    virtualMacs += unit * (rows.virtualWork[i] ?? 0) * (columns.virtualWork[j] ?? 0);
  }
  return { macs, virtualMacs };
}
