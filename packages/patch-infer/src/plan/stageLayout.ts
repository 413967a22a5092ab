import { type AxisWalk, layerAt, loadedParts, outputOf } from "./axisParts.ts";
import { type NetworkFacts, cellBytes, lastReader, mapBytes, mapOf, numberBytes } from "./facts.ts";
import { partSizes, sameParts, whole } from "./partSizes.ts";
import type { AxisParts, BufferRole, PlanOptions } from "./plan.ts";
import { overwritable, residualOf } from "./takeOver.ts";

/** A buffer while a stage runs: alive in the slots `first`, …, `last`, which are positions of layers. */
export interface StageBuffer {
  readonly role: BufferRole;
  readonly map: string;
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
  first: number;
  last: number;
  /** The map whose buffer it takes over in its first slot. */
  over?: string;
}

/** What a stage does and holds. */
export interface StageLayout {
  readonly first: number;
  readonly end: number;
  /** By step the layer. An addition that is carried out with the convolution before it has no step. */
  readonly slots: readonly number[];
  /** Convolutions that add at once. */
  readonly merged: ReadonlySet<number>;
  /** Maps from outside that are copied in part by part. */
  readonly loads: readonly string[];
  /** All but whole maps from outside. */
  readonly buffers: readonly StageBuffer[];
  /** Whole maps from outside, and the slot after which each is no longer needed. */
  readonly outside: ReadonlyMap<string, number>;
  readonly rows: ReadonlyMap<string, AxisParts>;
  readonly columns: ReadonlyMap<string, AxisParts>;
  /** By step: bytes alive. */
  readonly live: readonly number[];
  readonly peakBytes: number;
  readonly macs: number;
  readonly virtualMacs: number;
}

/** A buffer and what decides whether another may take its place. */
interface Held {
  readonly buffer: StageBuffer;
  readonly rows: AxisParts;
  readonly columns: AxisParts;
  /** Whether it is for one patch only, or for the only patch. */
  readonly transient: boolean;
}

/** Whole maps that are in the arena when layer `first` begins, and the last layer that needs each (Infinity: the caller). */
export function aliveAt(facts: NetworkFacts, first: number, options: PlanOptions): Map<string, number> {
  const alive = new Map<string, number>();
  for (const [map, made] of facts.producer) {
    if (made >= first || (made < 0 && options.input !== "resident")) continue;
    const last = lastNeed(facts, map, options);
    if (last >= first) alive.set(map, last);
  }
  return alive;
}

/** The last layer that needs a map: -1 for none, Infinity when it has to be in the arena at the end. */
export function lastNeed(facts: NetworkFacts, map: string, options: PlanOptions): number {
  return facts.given.has(map) && options.output === "resident" ? Number.POSITIVE_INFINITY : lastReader(facts, map);
}

/**
 * Lays out the stage from layer `first` to the end of the walks. What stands around a legal stage is the same in every plan,
 * so this needs to know nothing of other stages.
 */
export function layOutStage(
  facts: NetworkFacts,
  first: number,
  walks: { readonly rows: AxisWalk; readonly columns: AxisWalk },
  options: PlanOptions,
): StageLayout {
  const end = walks.rows.end;
  const single = walks.rows.count * walks.columns.count === 1;
  const oneColumn = walks.columns.count === 1;
  const output = outputOf(facts, end);
  const rows = new Map<string, AxisParts>();
  const columns = new Map<string, AxisParts>();
  const held = new Map<string, Held>();
  const extra: StageBuffer[] = [];

  const holdPart = (name: string, begin: number, last: number): void => {
    const parts = { rows: rows.get(name) ?? whole(0), columns: columns.get(name) ?? whole(0) };
    const down = partSizes(parts.rows);
    const across = partSizes(parts.columns);
    const cell = cellBytes(mapOf(facts.network, name));
    const kept = across.kept > 0 || (oneColumn && down.kept > 0);
    const life = kept ? { first, last: end - 1 } : { first: begin, last };
    const box = { map: name, rows: down.stored, columns: across.stored, bytes: down.stored * across.stored * cell };
    held.set(name, { buffer: { role: "patch", ...box, ...life }, ...parts, transient: !kept });
    if (down.kept === 0 || oneColumn) return;
    const lines = { map: name, rows: down.kept, columns: across.end, bytes: down.kept * across.end * cell };
    extra.push({ role: "lines", ...lines, first, last: end - 1 });
  };
  const holdWhole = (name: string, begin: number, last: number): void => {
    const map = mapOf(facts.network, name);
    const box = { map: name, rows: map.height, columns: map.width, bytes: mapBytes(map) };
    const life = single ? { first: begin, last } : { first, last: end - 1 };
    const parts = { rows: whole(map.height), columns: whole(map.width) };
    held.set(name, { buffer: { role: "map", ...box, ...life }, ...parts, transient: single });
  };

  const outside = aliveAt(facts, first, options);
  for (const [name, last] of outside) holdWhole(name, first, Math.min(last, end - 1));
  const loads: string[] = [];
  for (const [name, made] of facts.producer) {
    if (made >= 0 || options.input === "resident") continue;
    const readers = (facts.readers.get(name) ?? []).filter((reader) => reader >= first && reader < end);
    if (readers.length === 0) continue;
    loads.push(name);
    rows.set(name, loadedParts(facts, walks.rows, name, first));
    columns.set(name, loadedParts(facts, walks.columns, name, first));
    holdPart(name, readers[0] ?? first, readers.at(-1) ?? first);
  }
  for (let slot = first; slot < end; slot++) {
    const name = layerAt(facts, slot).layer.output;
    rows.set(name, walks.rows.parts.get(name) ?? whole(0));
    columns.set(name, walks.columns.parts.get(name) ?? whole(0));
    if (name === output && lastNeed(facts, name, options) >= 0) holdWhole(name, slot, slot);
    else holdPart(name, slot, Math.max(slot, lastReader(facts, name)));
  }

  /** Lets the output of a layer stand where `operand` stands, if `operand` ends at `last`. */
  const takeOver = (operand: string, name: string, { slot, last = slot, alike }: TakeOver): boolean => {
    const old = held.get(operand);
    const own = held.get(name);
    if (old === undefined || own === undefined || !old.transient || !own.transient) return false;
    if (old.buffer.last !== last || lastNeed(facts, operand, options) !== last) return false;
    if (own.buffer.bytes > old.buffer.bytes || own.buffer.bytes === 0) return false;
    if (alike && !(sameParts(old.rows, own.rows) && sameParts(old.columns, own.columns))) return false;
    if (alike && own.buffer.bytes !== old.buffer.bytes) return false;
    old.buffer.last = slot;
    own.buffer.first = slot;
    own.buffer.over = operand;
    return true;
  };

  const slots: number[] = [];
  const merged = new Set<number>();
  for (let slot = first; slot < end; slot++) {
    slots.push(slot);
    const own = layerAt(facts, slot);
    const residual = options.accumulateIntoResidual && slot + 1 < end ? residualOf(facts, slot) : undefined;
    if (residual !== undefined) {
      const sum = layerAt(facts, slot + 1).layer.output;
      if (takeOver(residual, sum, { slot, last: slot + 1, alike: true })) {
        held.delete(own.layer.output);
        merged.add(slot);
        slot++;
        continue;
      }
    }
    if (!options.inPlace) continue;
    const name = own.layer.output;
    const depthwise = own.layer.kind === "depthwiseConv2d";
    const done = overwritable(own).some((operand) => takeOver(operand, name, { slot, alike: !depthwise }));
    if (!done || !depthwise) continue;
    const box = {
      rows: partSizes(rows.get(name) ?? whole(0)).fresh,
      columns: partSizes(columns.get(name) ?? whole(0)).fresh,
    };
    const bytes = box.rows * box.columns * numberBytes(own.maps.output.type);
    extra.push({ role: "scratch", map: name, ...box, bytes, first: slot, last: slot });
  }

  const all = [...[...held.values()].map(({ buffer }) => buffer), ...extra].filter(({ bytes }) => bytes > 0);
  const live = slots.map((slot) => {
    let bytes = 0;
    for (const buffer of all) {
      // What takes over another buffer is no larger: in their common slot the other one counts.
      const begin = buffer.over === undefined ? buffer.first : buffer.first + 1;
      if (begin <= slot && slot <= buffer.last) bytes += buffer.bytes;
    }
    return bytes;
  });
  for (const name of outside.keys()) outside.set(name, held.get(name)?.buffer.last ?? first);
  return {
    first,
    end,
    slots,
    merged,
    loads,
    buffers: all.filter(({ map, role }) => role !== "map" || !outside.has(map)),
    outside,
    rows,
    columns,
    live,
    peakBytes: Math.max(0, ...live),
    ...countMacs(facts, first, walks),
  };
}

interface TakeOver {
  readonly slot: number;
  readonly last?: number;
  readonly alike: boolean;
}

function countMacs(
  facts: NetworkFacts,
  first: number,
  { rows, columns }: { readonly rows: AxisWalk; readonly columns: AxisWalk },
): { macs: number; virtualMacs: number } {
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
