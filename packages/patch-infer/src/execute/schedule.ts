import { PatchInferError } from "../base/errors.ts";
import type { LayerCall, Region } from "../kernels/kernels.ts";
import type { Layer } from "../network/layer.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import type { ArenaBuffer, AxisParts, Plan, Stage, Step } from "../plan/plan.ts";
import { cellBytes } from "./cells.ts";

/** A map as a stage finds it in the arena: whole, or the part that one patch holds. */
export interface Place {
  readonly map: FeatureMap;
  readonly buffer: ArenaBuffer;
  /** Bytes of one cell with all its channels. */
  readonly cell: number;
  /** Parts by patch; undefined for a map that stands whole in the arena since before the stage. */
  readonly rows?: AxisParts;
  readonly columns?: AxisParts;
  /** Is only a part stored (a `patch` buffer)? Otherwise coordinates in the buffer are those of the map. */
  readonly partial: boolean;
  /** Columns stay from one patch to the next. */
  readonly keepsColumns: boolean;
  /** Rows stay from one strip to the next, inside the patch buffer. */
  readonly keepsRows: boolean;
  /** Rows across the whole width, for the next row of patches. */
  readonly lines?: ArenaBuffer;
}

/** A step with everything it needs looked up; `call` is written anew for each patch. */
export interface StepSchedule {
  readonly step: Step;
  readonly layer: Layer;
  /** Inputs of the stage that are copied in before this step, its first reader. */
  readonly loads: readonly Place[];
  readonly inputs: readonly Place[];
  readonly output: Place;
  readonly scratch?: ArenaBuffer;
  /** Running sums of a pooling over all patches. */
  readonly sums?: ArenaBuffer;
  readonly call: LayerCall;
}

export interface StageSchedule {
  readonly stage: Stage;
  readonly patches: number;
  /** The moment of its first step. */
  readonly moment: number;
  readonly steps: readonly StepSchedule[];
  /** All maps that a patch copies in, in the stage's order. */
  readonly loads: readonly Place[];
  readonly output: Place;
}

/** The map whose bytes these are. */
export function rootOf(network: Network, name: string): FeatureMap {
  const map = network.maps[name];
  if (map === undefined) throw new PatchInferError("PLAN_MISMATCH", `the network has no feature map "${name}"`);
  return map.viewOf === undefined ? map : rootOf(network, map.viewOf);
}

/** Names of maps and buffers replaced by what they stand for, once, so that a run looks nothing up. */
export function scheduleOf(network: Network, plan: Plan): readonly StageSchedule[] {
  const buffers = new Map(plan.buffers.map((buffer) => [buffer.name, buffer]));
  let moment = 0;
  return plan.stages.map((stage, index) => {
    const places = new Map<string, Place>();
    const place = (name: string): Place => {
      const known = places.get(name);
      if (known !== undefined) return known;
      const made = placeOf(network, buffers, stage, index, name);
      places.set(name, made);
      return made;
    };
    const loaded = new Set<string>();
    const steps = stage.steps.map((step): StepSchedule => {
      const layer = layerAt(network, step.layer);
      const last = step.add === undefined ? layer : layerAt(network, step.add);
      const fresh = [...new Set(readBy(network, layer, last))].filter(
        (name) => stage.loads.includes(name) && !loaded.has(name),
      );
      for (const name of fresh) loaded.add(name);
      const scratch = step.inPlace === undefined ? undefined : buffers.get(step.inPlace.scratch);
      if (step.inPlace !== undefined && scratch === undefined) throw missing(step.inPlace.scratch, index);
      const sums = step.sums === undefined ? undefined : buffers.get(step.sums);
      if (step.sums !== undefined && sums === undefined) throw missing(step.sums, index);
      const inputs = layer.inputs.map(place);
      return {
        step,
        layer,
        loads: fresh.map(place),
        inputs,
        output: place(last.output),
        ...(scratch === undefined ? {} : { scratch }),
        ...(sums === undefined ? {} : { sums }),
        call: {
          rowStart: 0,
          rowEnd: 0,
          columnStart: 0,
          columnEnd: 0,
          inputs: inputs.map(newRegion),
          output: newRegion(),
        },
      };
    });
    const begins = moment;
    moment += steps.length;
    const patches = stage.grid.rows * stage.grid.columns;
    return { stage, patches, moment: begins, steps, loads: stage.loads.map(place), output: place(stage.output) };
  });
}

/** Where the part of a map that patch (row, column) holds stands. */
export function placeRegion(region: Region, place: Place, row: number, column: number): void {
  region.address = place.buffer.offset;
  region.top = place.partial ? (place.rows?.from[row] as number) : 0;
  region.left = place.partial ? (place.columns?.from[column] as number) : 0;
  region.rowCells = place.partial ? place.buffer.columns : place.map.width;
}

function placeOf(
  network: Network,
  buffers: ReadonlyMap<string, ArenaBuffer>,
  stage: Stage,
  index: number,
  name: string,
): Place {
  const map = network.maps[name] as FeatureMap;
  const root = rootOf(network, name).name;
  const rows = stage.rows[root];
  const columns = stage.columns[root];
  const part = buffers.get(`patch:${root}@${index}`);
  const buffer = part ?? buffers.get(`map:${root}`) ?? noCells(root, rows, columns);
  if (buffer === undefined) throw missing(`map:${root}`, index);
  if (part !== undefined && (rows === undefined || columns === undefined)) throw missing(`parts of ${root}`, index);
  const lines = buffers.get(`lines:${root}@${index}`);
  // A view of a map that only this stage holds is the whole map: its own width counts, not that of the map it shows.
  const partial = part !== undefined && name === root;
  return {
    map,
    buffer,
    cell: map.channels * cellBytes[map.type],
    ...(rows === undefined ? {} : { rows }),
    ...(columns === undefined ? {} : { columns }),
    partial,
    keepsColumns: partial && keeps(columns as AxisParts) && stage.grid.columns > 1,
    keepsRows: partial && lines === undefined && keeps(rows as AxisParts) && stage.grid.rows > 1,
    ...(lines === undefined ? {} : { lines }),
  };
}

/** Stands for the buffer of a map of which no patch needs a cell: its readers see nothing but their own padding. */
function noCells(map: string, rows: AxisParts | undefined, columns: AxisParts | undefined): ArenaBuffer | undefined {
  const nothing = (parts: AxisParts): boolean => parts.to.every((end, i) => end <= (parts.from[i] as number));
  if (rows === undefined || columns === undefined || !(nothing(rows) || nothing(columns))) return undefined;
  return { name: "", role: "map", map, rows: 0, columns: 0, bytes: 0, offset: 0, first: 0, last: 0 };
}

/** Does any part begin before what is new in it? */
function keeps({ from, compute }: AxisParts): boolean {
  return from.some((start, i) => start < (compute[i] as number));
}

function readBy(network: Network, layer: Layer, last: Layer): readonly string[] {
  return [...layer.inputs, ...(last === layer ? [] : last.inputs)].map((name) => rootOf(network, name).name);
}

function layerAt(network: Network, index: number): Layer {
  const layer = network.layers[index];
  if (layer === undefined) throw new PatchInferError("PLAN_MISMATCH", `the network has no layer ${index}`, { index });
  return layer;
}

function newRegion(): Region {
  return { address: 0, top: 0, left: 0, rowCells: 0 };
}

function missing(what: string, stage: number): PatchInferError {
  return new PatchInferError("PLAN_MISMATCH", `stage ${stage} of the plan lacks ${what}`, { index: stage });
}
