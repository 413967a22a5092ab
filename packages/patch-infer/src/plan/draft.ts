import type { StageChoice } from "./choices.ts";
import { walksOf } from "./choices.ts";
import { layerAt, outputOf } from "./axisParts.ts";
import { type NetworkFacts, mapOf, numberBytes } from "./facts.ts";
import { runningSumBytes } from "./pooledEnd.ts";
import type { ArenaBuffer, AxisParts, Moment, PlanOptions, Stage, Step } from "./plan.ts";
import type { DraftBuffer } from "./scratchBlocks.ts";
import { lastNeed, stageCosts } from "./stageCost.ts";
import { type StageBuffer, type StageLayout, layOut } from "./stageLayout.ts";

/** All of a plan but where buffers stand. */
export interface Draft {
  readonly stages: readonly StageLayout[];
  readonly choices: readonly Required<StageChoice>[];
  /** Offsets are 0, depthwise convolutions in place go channel by channel. */
  readonly buffers: readonly DraftBuffer[];
  /** Bytes alive are yet to be counted. */
  readonly moments: readonly Omit<Moment, "liveBytes">[];
}

/** Puts stages that were found to be legal in a row. */
export function draftPlan(facts: NetworkFacts, choices: readonly Required<StageChoice>[], options: PlanOptions): Draft {
  const costs = stageCosts(facts, options);
  const stages = choices.map((choice) => layOut(facts, choice.first, walksOf(facts, choice), costs));
  const moments: Draft["moments"][number][] = [];
  const momentsOf = stages.map(({ slots }, stage) => {
    const own = new Map<number, number>();
    slots.forEach((slot, step) => {
      own.set(slot, moments.length);
      moments.push({ stage, step, layer: layerAt(facts, slot).layer.name });
    });
    // An addition without a step of its own happens with the convolution before it.
    return (slot: number): number => own.get(slot) ?? own.get(slot - 1) ?? 0;
  });
  const buffers = new Map<string, DraftBuffer>();
  const end = moments.length - 1;
  for (const own of facts.maps) {
    const { map, made, bytes } = own;
    if (made >= 0 || options.input !== "resident" || lastNeed(own, options) < 0) continue;
    const box = { map: map.name, rows: map.height, columns: map.width, bytes };
    buffers.set(map.name, { name: nameOf("map", map.name), role: "map", ...box, offset: 0, first: 0, last: end });
  }
  stages.forEach((layout, stage) => {
    const moment = momentsOf[stage] as (slot: number) => number;
    for (const [map, slot] of layout.outside) {
      const whole = buffers.get(map);
      if (whole !== undefined && needOf(facts, map, options) < layout.end) whole.last = moment(slot);
    }
    // The buffers of this stage by map: what the stage reads from outside is there already.
    const places = new Map(
      [...buffers].filter(([map]) => layout.outside.has(map)).map(([map, { name }]) => [map, name]),
    );
    for (const { role, map } of layout.buffers) if (isPlace(role)) places.set(map, nameOf(role, map, stage));
    for (const own of layout.buffers) {
      const whole = own.role === "map";
      const stays = whole && needOf(facts, own.map, options) >= layout.end;
      const life = { first: moment(own.first), last: stays ? end : moment(own.last) };
      const made = bufferOf(own, stage, life, own.over === undefined ? undefined : places.get(own.over));
      buffers.set(whole ? own.map : made.name, made);
    }
  });
  return { stages, choices, moments, buffers: [...buffers.values()] };
}

function isPlace(role: ArenaBuffer["role"]): boolean {
  return role === "map" || role === "patch";
}

function nameOf(role: ArenaBuffer["role"], map: string, stage?: number): string {
  return role === "map" ? `map:${map}` : `${role}:${map}@${stage}`;
}

function needOf(facts: NetworkFacts, map: string, options: PlanOptions): number {
  const own = facts.maps[facts.numbers.get(map) ?? -1];
  return own === undefined ? -1 : lastNeed(own, options);
}

function bufferOf(
  { role, map, rows, columns, bytes }: StageBuffer,
  stage: number,
  life: { first: number; last: number },
  takesOver: string | undefined,
): DraftBuffer {
  return {
    name: nameOf(role, map, stage),
    role,
    map,
    ...(role === "map" ? {} : { stage }),
    rows,
    columns,
    bytes,
    offset: 0,
    ...life,
    ...(takesOver === undefined ? {} : { takesOver }),
  };
}

/** The stages of a plan, once it is known how many channels depthwise convolutions in place take per round. */
export function stagesOf(facts: NetworkFacts, draft: Draft, channelBlocks: ReadonlyMap<string, number>): Stage[] {
  return draft.stages.map((layout, stage): Stage => {
    const { first, end, grid, overlap } = draft.choices[stage] as Required<StageChoice>;
    const sums = layout.buffers.some(({ role }) => role === "sums");
    const steps = layout.slots.map((slot): Step => {
      if (layout.merged.has(slot)) return { layer: slot, add: slot + 1 };
      if (sums && slot === end - 1) return { layer: slot, sums: nameOf("sums", outputOf(facts, end), stage) };
      const scratch = nameOf("scratch", layerAt(facts, slot).layer.output, stage);
      const channelBlock = channelBlocks.get(scratch);
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
  });
}

/** Bytes alive by moment. What takes over another buffer is no larger: at the moment that they share the other one counts. */
export function liveBytes(buffers: readonly DraftBuffer[], moments: number): number[] {
  const live = Array.from({ length: moments }, () => 0);
  for (const { first, last, bytes, takesOver } of buffers) {
    for (let i = takesOver === undefined ? first : first + 1; i <= last; i++) live[i] = (live[i] ?? 0) + bytes;
  }
  return live;
}

/** Offsets are multiples of this. */
export function alignment(facts: NetworkFacts, buffers: readonly DraftBuffer[], options: PlanOptions): number {
  const numbers = buffers.map(({ role, map }) =>
    role === "sums" ? runningSumBytes : numberBytes(mapOf(facts.network, map).type),
  );
  return Math.max(options.align, ...numbers);
}
