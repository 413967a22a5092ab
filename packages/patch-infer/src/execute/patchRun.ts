import type { Interval } from "../base/interval.ts";
import type { Kernels, LayerCall } from "../kernels/kernels.ts";
import type { ArenaBuffer } from "../plan/plan.ts";
import type { ArenaViews } from "./cells.ts";
import { type HighWater, touch, touchCall } from "./highWater.ts";
import { giveLines, moveKept, takeLines } from "./move.ts";
import { poison } from "./poison.ts";
import { type Place, placeRegion, type StageSchedule, type StepSchedule } from "./schedule.ts";

/** What copies parts of inputs into the arena and parts of outputs out of it. */
export interface Border {
  /** Copies what is new of an input in patch (row, column) to its place. */
  load(place: Place, row: number, column: number): void;
  /** Called right after the step that makes the stage's output, while it is there. */
  take(schedule: StageSchedule, row: number, column: number): void;
}

/** What carrying out a patch needs. */
export interface Machine {
  readonly kernels: Kernels;
  readonly arena: ArenaViews;
  readonly mark: HighWater;
  /** By moment, bytes to fill before the step; undefined without guard. */
  readonly dead: readonly (readonly Interval[])[] | undefined;
  readonly exchange: Border;
}

/** Carries out all steps of a stage for patch (row, column). */
export function runPatch(machine: Machine, schedule: StageSchedule, row: number, column: number): void {
  const { steps, output, moment } = schedule;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as StepSchedule;
    if (machine.dead !== undefined) poison(machine.arena.bytes, machine.dead[moment + i] as readonly Interval[]);
    for (let j = 0; j < step.loads.length; j++) loadPart(machine, step.loads[j] as Place, row, column);
    if (step.sums === undefined) runStep(machine, step, row, column);
    else addPart(machine, step, step.sums, row, column);
    if (step.output === output) machine.exchange.take(schedule, row, column);
  }
}

function loadPart(machine: Machine, place: Place, row: number, column: number): void {
  const { arena, mark } = machine;
  moveKept(arena.bytes, place, row, column, mark);
  takeLines(arena.bytes, place, row, column, mark);
  if (hasNew(place, row, column)) {
    machine.exchange.load(place, row, column);
    touchNew(mark, place, row, column);
  }
  giveLines(arena.bytes, place, row, column, mark);
}

function runStep(machine: Machine, schedule: StepSchedule, row: number, column: number): void {
  const { kernels, arena, mark } = machine;
  const { step, output, call, inputs, scratch } = schedule;
  moveKept(arena.bytes, output, row, column, mark);
  takeLines(arena.bytes, output, row, column, mark);
  if (hasNew(output, row, column)) {
    for (let i = 0; i < inputs.length; i++)
      placeRegion(call.inputs[i] as LayerCall["output"], inputs[i] as Place, row, column);
    placeRegion(call.output, output, row, column);
    newBox(call, output, row, column);
    if (step.add !== undefined) kernels.runAccumulating(step.layer, step.add, call);
    else if (step.inPlace === undefined || scratch === undefined) kernels.run(step.layer, call);
    else {
      kernels.runInPlace(step.layer, call, scratch.offset, step.inPlace.channelBlock);
      const cells = (call.rowEnd - call.rowStart) * (call.columnEnd - call.columnStart);
      touch(mark, scratch.offset, (cells * step.inPlace.channelBlock * output.cell) / output.map.channels);
    }
    touchCall(mark, call, output.cell);
  }
  giveLines(arena.bytes, output, row, column, mark);
}

/** Adds what this patch made to a pooling over all patches. Every cell of its input belongs to one patch, where it is new. */
function addPart(machine: Machine, schedule: StepSchedule, sums: ArenaBuffer, row: number, column: number): void {
  const { kernels, mark } = machine;
  const { step, output, call, inputs } = schedule;
  const input = inputs[0] as Place;
  placeRegion(call.inputs[0] as LayerCall["output"], input, row, column);
  placeRegion(call.output, output, row, column);
  newBox(call, input, row, column);
  const isLast = hasNew(output, row, column);
  kernels.runPooling(step.layer, call, sums.offset, row === 0 && column === 0, isLast);
  touch(mark, sums.offset, sums.bytes);
  if (isLast) touch(mark, output.buffer.offset, output.cell);
}

/** Is any cell of the map new in this patch? */
export function hasNew({ rows, columns }: Place, row: number, column: number): boolean {
  return (
    (rows?.to[row] as number) > (rows?.compute[row] as number) &&
    (columns?.to[column] as number) > (columns?.compute[column] as number)
  );
}

/** Writes the box of what is new in this patch into `call`. */
export function newBox(
  call: Pick<LayerCall, "rowStart" | "rowEnd" | "columnStart" | "columnEnd">,
  { rows, columns }: Place,
  row: number,
  column: number,
): void {
  call.rowStart = rows?.compute[row] as number;
  call.rowEnd = rows?.to[row] as number;
  call.columnStart = columns?.compute[column] as number;
  call.columnEnd = columns?.to[column] as number;
}

function touchNew(mark: HighWater, { buffer, rows, columns, cell }: Place, row: number, column: number): void {
  const last = (rows?.to[row] as number) - 1 - (rows?.from[row] as number);
  const width = (columns?.to[column] as number) - (columns?.from[column] as number);
  touch(mark, buffer.offset, (last * buffer.columns + width) * cell);
}
