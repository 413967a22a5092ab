import { type Interval, clip, isEmpty } from "../../base/interval.ts";
import type { Concat, DepthToSpace, Pad, Slice, SpaceToDepth, Transpose } from "../../network/layer.ts";
import { type Around, demandOf, paddedWindow, windowOf } from "./around.ts";

export function pad(layer: Pad, around: Around): string {
  const { writer } = around;
  const value = paddedWindow(0, demandOf(layer, 0, around), layer.value, around);
  const [before, after] = [layer.before[2], layer.after[2]];
  if (before + after === 0) return value;
  return writer.op("pad", [value], { before: [0, before, 0, 0], after: [0, after, 0, 0], value: layer.value });
}

export function concat({ axis }: Concat, around: Around): string {
  const { writer, maps, rows, columns, read } = around;
  let before = 0;
  const parts: string[] = [];
  maps.inputs.forEach((map, i) => {
    const size = [map.height, map.width, 0][axis] as number;
    const own = (whole: Interval): Interval => clip({ start: whole.start - before, end: whole.end - before }, size);
    const box =
      axis === 0 ? { rows: own(rows), columns } : axis === 1 ? { rows, columns: own(columns) } : { rows, columns };
    before += size;
    if (!isEmpty(box.rows) && !isEmpty(box.columns)) parts.push(writer.slice(read(i), box));
  });
  return writer.concat(parts, [2, 3, 1][axis] as number);
}

export function slice(layer: Slice, around: Around): string {
  const { writer, maps } = around;
  const { value } = windowOf(0, demandOf(layer, 0, around), around);
  const [down, across, deep] = layer.steps;
  const [, , first] = layer.starts;
  const { channels } = maps.output;
  const [, all = 0, height = 0, width = 0] = writer.shape(value as string);
  const isWhole = down === 1 && across === 1 && deep === 1 && channels === all;
  if (isWhole) return value as string;
  const ends = [1, first + (channels - 1) * deep + 1, height, width];
  return writer.op("slice", [value as string], { starts: [0, first, 0, 0], ends, steps: [1, deep, down, across] });
}

export function depthToSpace(layer: DepthToSpace, around: Around): string {
  const { writer, maps, rows, columns } = around;
  const { block, order } = layer;
  const window = windowOf(0, demandOf(layer, 0, around), around);
  const [, , height = 0, width = 0] = writer.shape(window.value as string);
  const depth = maps.output.channels;
  const shape = order === "dcr" ? [1, block, block, depth, height, width] : [1, depth, block, block, height, width];
  const permutation = order === "dcr" ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  const apart = writer.op("reshape", [window.value as string], { shape });
  const moved = writer.op("transpose", [apart], { permutation });
  const value = writer.op("reshape", [moved], { shape: [1, depth, height * block, width * block] });
  const wide = ({ start, end }: Interval): Interval => ({ start: start * block, end: end * block });
  return writer.slice({ value, rows: wide(window.rows), columns: wide(window.columns) }, { rows, columns });
}

export function spaceToDepth(layer: SpaceToDepth, around: Around): string {
  const { writer, maps } = around;
  const { block, order } = layer;
  const { value } = windowOf(0, demandOf(layer, 0, around), around);
  const [, channels = 0, height = 0, width = 0] = writer.shape(value as string);
  const [down, across] = [height / block, width / block];
  const apart = writer.op("reshape", [value as string], { shape: [1, channels, down, block, across, block] });
  const permutation = order === "dcr" ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4];
  const moved = writer.op("transpose", [apart], { permutation });
  return writer.op("reshape", [moved], { shape: [1, maps.output.channels, down, across] });
}

/** Axes of a map as axes of its value. */
const axisOf = [2, 3, 1] as const;

export function transpose(layer: Transpose, around: Around): string {
  const { writer } = around;
  const { value } = windowOf(0, demandOf(layer, 0, around), around);
  const permutation = [0, 0, 0, 0];
  layer.permutation.forEach((from, to) => {
    permutation[axisOf[to] as number] = axisOf[from as 0 | 1 | 2];
  });
  return writer.op("transpose", [value as string], { permutation });
}
