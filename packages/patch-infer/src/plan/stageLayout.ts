import { loadedParts } from "./axisParts.ts";
import type { MapFacts, NetworkFacts } from "./facts.ts";
import type { AxisParts, BufferRole, PlanOptions } from "./plan.ts";
import { type StageCosts, type StageDecisions, type StageWalks, heldAs, stageCosts, stageMacs } from "./stageCost.ts";

/** A buffer while a stage runs: alive in the slots `first`, …, `last`, which are positions of layers. */
export interface StageBuffer {
  readonly role: BufferRole;
  readonly map: string;
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  /** The map whose buffer it takes over in its first slot. */
  readonly over?: string;
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
  /** Whole maps from outside, and the slot after which the stage no longer needs each. */
  readonly outside: ReadonlyMap<string, number>;
  readonly rows: ReadonlyMap<string, AxisParts>;
  readonly columns: ReadonlyMap<string, AxisParts>;
  /** By step: bytes alive. */
  readonly live: readonly number[];
  readonly peakBytes: number;
  readonly macs: number;
  readonly virtualMacs: number;
}

/**
 * Lays out the stage from layer `first` to the end of the walks. What stands around a legal stage is the same in every plan,
 * so this needs to know nothing of other stages.
 */
export function layOutStage(facts: NetworkFacts, first: number, walks: StageWalks, options: PlanOptions): StageLayout {
  return layOut(facts, first, walks, stageCosts(facts, options));
}

/** As `layOutStage`, with costs that were prepared once for all stages of a network. */
export function layOut(facts: NetworkFacts, first: number, walks: StageWalks, costs: StageCosts): StageLayout {
  const decisions = costs.decide(first, walks);
  const { end } = walks.rows;
  const name = (number: number): string => (facts.maps[number] as MapFacts).map.name;
  const slots: number[] = [];
  const merged = new Set<number>();
  for (let slot = first; slot < end; slot++) {
    slots.push(slot);
    if (decisions.merged[slot] === 1) merged.add(slot++);
  }
  const inside = Array.from({ length: end - first }, (_, i) => first + i);
  const rows = new Map<string, AxisParts>();
  const columns = new Map<string, AxisParts>();
  for (const number of decisions.loads) {
    rows.set(name(number), loadedParts(facts, walks.rows, number, first).parts);
    columns.set(name(number), loadedParts(facts, walks.columns, number, first).parts);
  }
  for (const number of inside) {
    rows.set(name(number), walks.rows.parts[number - walks.rows.first] as AxisParts);
    columns.set(name(number), walks.columns.parts[number - walks.columns.first] as AxisParts);
  }
  const live = slots.map((slot) => decisions.live[slot] ?? 0);
  return {
    first,
    end,
    slots,
    merged,
    loads: decisions.loads.map(name),
    buffers: [
      ...[...decisions.loads, ...inside].flatMap((number) => buffersOf(facts, number, first, walks, decisions)),
      ...sumsOf(facts, first, end, decisions),
    ],
    outside: new Map(decisions.outside.map((number) => [name(number), decisions.last[number] ?? first])),
    rows,
    columns,
    live,
    peakBytes: Math.max(0, ...live),
    ...stageMacs(facts, first, walks),
  };
}

/** The running sums of a pooling at the end. */
function sumsOf(facts: NetworkFacts, first: number, end: number, { sumsBytes }: StageDecisions): StageBuffer[] {
  if (sumsBytes === 0) return [];
  const { map } = facts.maps[end - 1] as MapFacts;
  return [{ role: "sums", map: map.name, rows: 1, columns: 1, bytes: sumsBytes, first, last: end - 1 }];
}

/** The buffers of a map that is loaded or computed in a stage. */
function buffersOf(
  facts: NetworkFacts,
  number: number,
  first: number,
  walks: StageWalks,
  decisions: StageDecisions,
): StageBuffer[] {
  const { map, made } = facts.maps[number] as MapFacts;
  const [down, across] = [walks.rows, walks.columns].map((walk) =>
    made < 0 ? loadedParts(facts, walk, number, first).sizes : walk.sizes[number - walk.first],
  );
  if (down === undefined || across === undefined) return [];
  const all: StageBuffer[] = [];
  const bytes = decisions.bytes[number] ?? 0;
  if (decisions.held[number] !== heldAs.nothing && bytes > 0) {
    const whole = decisions.held[number] === heldAs.map;
    const over = facts.maps[decisions.over[number] ?? -1];
    all.push({
      role: whole ? "map" : "patch",
      map: map.name,
      rows: whole ? map.height : down.stored,
      columns: whole ? map.width : across.stored,
      bytes,
      first: decisions.begin[number] ?? first,
      last: decisions.last[number] ?? first,
      ...(over === undefined ? {} : { over: over.map.name }),
    });
  }
  const stage = { map: map.name, first, last: walks.rows.end - 1 };
  const lines = decisions.lines[number] ?? 0;
  if (lines > 0) all.push({ role: "lines", rows: down.kept, columns: across.end, bytes: lines, ...stage });
  const scratch = made < 0 ? 0 : (decisions.scratch[number] ?? 0);
  if (scratch > 0) {
    const slot = { first: number, last: number };
    all.push({ role: "scratch", rows: down.fresh, columns: across.fresh, bytes: scratch, ...stage, ...slot });
  }
  return all;
}
