import type { FeatureMap, Network } from "../../network/network.ts";
import type { AxisParts, Plan } from "../../plan/plan.ts";
import { type Place, rootOf, scheduleOf, type StepSchedule } from "../../execute/schedule.ts";

/** A map as a stage finds it in the arena, as numbers. */
export interface CPlace {
  readonly offset: number;
  /** Offset of the line buffer, or -1. */
  readonly lines: number;
  readonly linesRowCells: number;
  readonly rowCells: number;
  readonly cellBytes: number;
  /** Only the part of a patch is stored. */
  readonly partial: boolean;
  readonly keepsColumns: boolean;
  readonly keepsRows: boolean;
  /** Positions in `parts`, or -1 for a map that is only read, whole. */
  readonly rows: number;
  readonly columns: number;
}

export type CAction =
  | { readonly kind: "load"; readonly port: number; readonly place: number }
  | { readonly kind: "handOut"; readonly port: number; readonly place: number }
  | {
      readonly kind: "run";
      readonly schedule: StepSchedule;
      readonly inputs: readonly number[];
      readonly place: number;
    };

export interface CStage {
  readonly rows: number;
  readonly columns: number;
  readonly actions: readonly CAction[];
}

/** A plan as tables, in the order in which things happen. */
export interface CSchedule {
  /** from, compute, to of each patch, one after the other. */
  readonly parts: readonly AxisParts[];
  readonly places: readonly CPlace[];
  readonly stages: readonly CStage[];
}

/** What a C program needs of a plan: names are replaced by positions, equal entries are shared. */
export function cScheduleOf(network: Network, plan: Plan): CSchedule {
  const parts = new Shared<AxisParts>();
  const places = new Shared<CPlace>();
  const numbers = (place: Place, written: boolean): CPlace => ({
    offset: place.buffer.offset,
    lines: place.lines?.offset ?? -1,
    linesRowCells: place.lines?.columns ?? 0,
    rowCells: place.partial ? place.buffer.columns : place.map.width,
    cellBytes: place.cell,
    partial: place.partial,
    keepsColumns: place.keepsColumns,
    keepsRows: place.keepsRows,
    rows: (written || place.partial) && place.rows !== undefined ? parts.add(place.rows) : -1,
    columns: (written || place.partial) && place.columns !== undefined ? parts.add(place.columns) : -1,
  });
  /** Positions of whole maps: who reads one finds it where who wrote it did. */
  const whole = new Map<string, number>();
  const add = (place: Place, written: boolean): number => {
    const key = `${place.buffer.offset} ${place.map.width} ${place.cell}`;
    const known = written || place.partial ? undefined : whole.get(key);
    if (known !== undefined) return known;
    const position = places.add(numbers(place, written));
    if (!place.partial) whole.set(key, position);
    return position;
  };
  const ports = outputPorts(network, plan);
  const stages = scheduleOf(network, plan).map(({ stage, steps, output }): CStage => {
    const actions = steps.flatMap((schedule): CAction[] => {
      const place = add(schedule.output, true);
      return [
        ...schedule.loads.map((load): CAction => {
          const port = network.inputs.findIndex(({ map }) => map === load.map.name);
          return { kind: "load", port, place: add(load, true) };
        }),
        { kind: "run", schedule, inputs: schedule.inputs.map((input) => add(input, false)), place },
        ...(schedule.output !== output ? [] : (ports.get(output.map.name) ?? [])).map(
          (port): CAction => ({ kind: "handOut", port, place }),
        ),
      ];
    });
    return { rows: stage.grid.rows, columns: stage.grid.columns, actions };
  });
  return { parts: parts.values, places: places.values, stages };
}

/** Positions of the outputs that leave the arena as soon as they are made, by map. */
function outputPorts(network: Network, plan: Plan): ReadonlyMap<string, readonly number[]> {
  const ports = new Map<string, number[]>();
  if (plan.options.output !== "external") return ports;
  for (const [index, { map }] of network.outputs.entries()) {
    const root = rootOf(network, map).name;
    ports.set(root, [...(ports.get(root) ?? []), index]);
  }
  return ports;
}

/** Bytes of a whole map. */
export function mapBytes({ height, width, channels, type }: FeatureMap): number {
  return height * width * channels * (type === "float32" ? 4 : 1);
}

/** A list without equal entries. */
class Shared<T> {
  readonly values: T[] = [];
  readonly #positions = new Map<string, number>();

  add(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    this.#positions.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}
