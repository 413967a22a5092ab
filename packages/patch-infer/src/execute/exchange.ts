import type { HostTensor } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { Region } from "../kernels/kernels.ts";
import { unpackOutput } from "../lower/ports.ts";
import type { FeatureMap, Network, Port } from "../network/network.ts";
import type { ArenaBuffer, Plan } from "../plan/plan.ts";
import { type ArenaViews, cellCount, type Cells, copyRows, newCells } from "./cells.ts";
import { type HighWater, touch } from "./highWater.ts";
import type { MovingBox, ReadySource } from "./inputs.ts";
import { Parcel } from "./parcel.ts";
import { hasNew } from "./patchRun.ts";
import { type Place, placeRegion, rootOf, type StageSchedule } from "./schedule.ts";
import type { TileSink } from "./source.ts";

/** What crosses the border of the arena during a run: inputs on their way in, outputs on their way out. */
export class Exchange {
  readonly #network: Network;
  readonly #arena: ArenaViews;
  readonly #mark: HighWater;
  readonly #buffers: ReadonlyMap<string, ArenaBuffer>;
  /** Ports of the outputs that leave the arena as soon as they are made, by map. */
  readonly #leaving = new Map<string, readonly Port[]>();
  /** Maps of inputs that are outputs too: they are given out as they came in. */
  readonly #passing: ReadonlySet<string>;
  readonly #parcels = new Map<string, Parcel>();
  readonly #region: Region = { address: 0, top: 0, left: 0, rowCells: 0 };
  #sources: ReadonlyMap<string, ReadySource> = new Map();
  #sink: TileSink | undefined;
  /** Outputs that left the arena without a sink or were never in it, by map. */
  #collected = new Map<string, Cells>();

  constructor(network: Network, plan: Plan, arena: ArenaViews, mark: HighWater) {
    this.#network = network;
    this.#arena = arena;
    this.#mark = mark;
    this.#buffers = new Map(plan.buffers.map((buffer) => [buffer.name, buffer]));
    const given = new Set(network.outputs.map(({ map }) => rootOf(network, map).name));
    this.#passing = new Set(network.inputs.map(({ map }) => map).filter((map) => given.has(map)));
    if (plan.options.output === "external") {
      for (const { output } of plan.stages) {
        const ports = network.outputs.filter(({ map }) => rootOf(network, map).name === output);
        if (ports.length > 0) this.#leaving.set(output, ports);
      }
    }
  }

  /** Begins a run: sources by the maps of the inputs. */
  begin(sources: ReadonlyMap<string, ReadySource>, sink: TileSink | undefined): void {
    this.#sources = sources;
    this.#sink = sink;
    this.#collected = new Map(
      sink === undefined
        ? [...this.#leaving.keys()].map((name) => {
            const map = this.#network.maps[name] as FeatureMap;
            return [name, newCells(map.type, cellCount(map))];
          })
        : [],
    );
  }

  /** Copies the inputs that stay in the arena into it. Gives a promise when a source does. */
  fillResident(): Promise<void> | undefined {
    let waiting: Promise<void> | undefined;
    for (const [name, source] of this.#sources) {
      const buffer = this.#buffers.get(`map:${name}`);
      const passes = this.#passing.has(name);
      if (buffer === undefined && !passes) continue;
      const map = this.#network.maps[name] as FeatureMap;
      const fill = (cells: Cells): void => {
        if (passes) this.#collected.set(name, cells);
        if (buffer === undefined) return;
        this.#view(map).set(cells, buffer.offset / cells.BYTES_PER_ELEMENT);
        touch(this.#mark, buffer.offset, cells.byteLength);
      };
      if ("cells" in source) fill(source.cells);
      else {
        // Asked for once, whole: there is no reason to keep room for it.
        const cells = newCells(map.type, cellCount(map));
        const box = { rows: { start: 0, end: map.height }, columns: { start: 0, end: map.width } };
        waiting = alongside(waiting, () => {
          const given = promiseOf(source.tile(box, cells));
          return given === undefined ? fill(cells) : given.then(() => fill(cells));
        });
      }
    }
    return waiting;
  }

  /** Asks the functions for the parts that a patch will copy in. Gives a promise when one of them does. */
  ask(schedule: StageSchedule, row: number, column: number): Promise<void> | undefined {
    let waiting: Promise<void> | undefined;
    for (const place of schedule.loads) {
      const source = this.#source(place);
      if ("cells" in source || !hasNew(place, row, column)) continue;
      const parcel = this.#parcel(place);
      waiting = alongside(waiting, source.tile, parcel.box, parcel.part(place, row, column));
    }
    return waiting;
  }

  /** Copies what is new of an input in a patch to its place in the arena. */
  load(place: Place, row: number, column: number): void {
    const source = this.#source(place);
    const { map } = place;
    const { box } = this.#parcel(place);
    const part = this.#parcel(place).part(place, row, column);
    const width = box.columns.end - box.columns.start;
    const whole = "cells" in source;
    copyRows(
      whole ? source.cells : part,
      whole ? (box.rows.start * map.width + box.columns.start) * map.channels : 0,
      (whole ? map.width : width) * map.channels,
      this.#view(map),
      this.#start(place, box, row, column),
      this.#region.rowCells * map.channels,
      box.rows.end - box.rows.start,
      width * map.channels,
    );
  }

  /** Copies the output of a stage out of the arena, when it is one that leaves. */
  take(schedule: StageSchedule, row: number, column: number): void {
    const place = schedule.output;
    const { map } = place;
    if (!this.#leaving.has(map.name)) return;
    const parcel = this.#parcel(place);
    const part = parcel.part(place, row, column);
    const { box } = parcel;
    const collected = this.#collected.get(map.name);
    const width = box.columns.end - box.columns.start;
    copyRows(
      this.#view(map),
      this.#start(place, box, row, column),
      this.#region.rowCells * map.channels,
      collected ?? part,
      collected === undefined ? 0 : (box.rows.start * map.width + box.columns.start) * map.channels,
      (collected === undefined ? width : map.width) * map.channels,
      box.rows.end - box.rows.start,
      width * map.channels,
    );
  }

  /** Hands what `take` took to the sink. Gives a promise when the sink does. */
  give(schedule: StageSchedule, row: number, column: number): Promise<void> | undefined {
    const ports = this.#leaving.get(schedule.output.map.name);
    if (this.#sink === undefined || ports === undefined || !hasNew(schedule.output, row, column)) return undefined;
    const parcel = this.#parcel(schedule.output);
    const part = parcel.part(schedule.output, row, column);
    let waiting: Promise<void> | undefined;
    for (const { name } of ports) {
      waiting = alongside(waiting, this.#sink, name, parcel.box, part);
    }
    return waiting;
  }

  /** The outputs that did not go to the sink, by name. */
  results(): Record<string, HostTensor> {
    const results: [string, HostTensor][] = [];
    for (const port of this.#network.outputs) {
      const root = rootOf(this.#network, port.map);
      if (this.#leaving.has(root.name) && this.#sink !== undefined) continue;
      const map = this.#network.maps[port.map] as FeatureMap;
      results.push([port.name, unpackOutput(port, map, this.#collected.get(root.name) ?? this.#remaining(root))]);
    }
    return Object.fromEntries(results);
  }

  /** Cells of a whole map that is still there after the run. */
  #remaining(map: FeatureMap): Cells {
    const buffer = this.#buffers.get(`map:${map.name}`);
    if (buffer === undefined)
      throw new PatchInferError("PLAN_MISMATCH", `the plan keeps no cells of the output "${map.name}"`);
    const view = this.#view(map);
    const start = buffer.offset / view.BYTES_PER_ELEMENT;
    return view.slice(start, start + cellCount(map));
  }

  #source(place: Place): ReadySource {
    const source = this.#sources.get(place.map.name);
    if (source === undefined)
      throw new PatchInferError("PLAN_MISMATCH", `the plan copies in "${place.map.name}", which is no input`);
    return source;
  }

  #parcel(place: Place): Parcel {
    const { name, type, channels } = place.map;
    let parcel = this.#parcels.get(name);
    if (parcel === undefined) {
      const most = Math.max(...lengths(place.rows)) * Math.max(...lengths(place.columns));
      parcel = new Parcel(type, most * channels);
      this.#parcels.set(name, parcel);
    }
    return parcel;
  }

  #view(map: FeatureMap): Cells {
    return this.#arena[map.type];
  }

  /** Position in the view of the first cell of a box. */
  #start(place: Place, box: MovingBox, row: number, column: number): number {
    const region = this.#region;
    placeRegion(region, place, row, column);
    const { map } = place;
    const cells = (box.rows.start - region.top) * region.rowCells + (box.columns.start - region.left);
    return region.address / this.#view(map).BYTES_PER_ELEMENT + cells * map.channels;
  }
}

/** What a function gave, if it is to be waited for: functions that give anything else are done. */
function promiseOf(given: unknown): Promise<void> | undefined {
  const thenable = typeof given === "object" && given !== null && "then" in given;
  return thenable ? Promise.resolve(given as Promise<void>) : undefined;
}

/**
 * Calls a function and waits for it together with what is waited for already. A failure is passed on when all of them are over: they
 * write into memory that the next run uses.
 */
function alongside<Given extends unknown[]>(
  waiting: Promise<void> | undefined,
  call: (...given: Given) => unknown,
  ...given: Given
): Promise<void> | undefined {
  if (waiting === undefined) return promiseOf(call(...given));
  let more: Promise<void> | undefined;
  try {
    more = promiseOf(call(...given));
  } catch (error) {
    more = Promise.reject(error);
  }
  return more === undefined ? waiting : bothOf(waiting, more);
}

async function bothOf(a: Promise<void>, b: Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled([a, b])) if (result.status === "rejected") throw result.reason;
}

function lengths(parts: Place["rows"]): readonly number[] {
  return parts?.to.map((end, i) => end - (parts.compute[i] as number)) ?? [0];
}
