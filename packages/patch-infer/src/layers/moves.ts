import { type Interval, clip, length } from "../base/interval.ts";
import type {
  Concat,
  DepthToSpace,
  Pad,
  Resize2d,
  ResizeAxis,
  Slice,
  SpaceToDepth,
  Transpose,
} from "../network/layer.ts";
import { sizeOf } from "./cells.ts";
import type { Axis, LayerMaps, LayerRule } from "./rule.ts";
import { axisIndex } from "./windows.ts";

/** Moves one position per position and multiplies nothing. */
const free = {
  jump: (): number => 1,
  unit: (): number => 0,
  work: (_layer: unknown, _axis: Axis, output: Interval): number => length(output),
};

function sizeRatio(axis: Axis, { inputs: [input], output }: LayerMaps): number {
  return input === undefined ? 1 : sizeOf(input, axis) / sizeOf(output, axis);
}

function shifted({ start, end }: Interval, by: number): Interval {
  return { start: start + by, end: end + by };
}

export const pad: LayerRule<Pad> = {
  ...free,
  demand: (layer, _index, axis, output) => shifted(output, -layer.before[axisIndex(axis)]),
};

export const concat: LayerRule<Concat> = {
  ...free,
  /** Positions beside an input are not padding: they come from its neighbours. So this is clipped here. */
  demand: (layer, index, axis, output, { inputs }) => {
    const input = inputs[index];
    if (layer.axis !== axisIndex(axis) || input === undefined) return output;
    let before = 0;
    for (const other of inputs.slice(0, index)) before += sizeOf(other, axis);
    return clip(shifted(output, -before), sizeOf(input, axis));
  },
};

export const resize2d: LayerRule<Resize2d> = {
  ...free,
  jump: (_layer, axis, maps) => sizeRatio(axis, maps),
  demand: (layer, _index, axis, { start, end }, maps) => {
    const table = axis === "rows" ? layer.rows : layer.columns;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      low = Math.min(low, source(table.low, i, axis, maps));
      high = Math.max(high, source(table.high, i, axis, maps));
    }
    return { start: low, end: high + 1 };
  },
};

/** The table's entry; outside the image (counts without clipping ask there) the line through the image goes on. */
function source(table: ResizeAxis["low"], position: number, axis: Axis, maps: LayerMaps): number {
  const last = table.length - 1;
  const ratio = sizeRatio(axis, maps);
  if (position < 0) return (table[0] ?? 0) + Math.floor(position * ratio);
  if (position > last) return (table[last] ?? 0) + Math.ceil((position - last) * ratio);
  return table[position] ?? 0;
}

export const depthToSpace: LayerRule<DepthToSpace> = {
  ...free,
  jump: ({ block }) => 1 / block,
  demand: ({ block }, _index, _axis, { start, end }) => ({
    start: Math.floor(start / block),
    end: Math.floor((end - 1) / block) + 1,
  }),
};

export const spaceToDepth: LayerRule<SpaceToDepth> = {
  ...free,
  jump: ({ block }) => block,
  demand: ({ block }, _index, _axis, { start, end }) => ({ start: start * block, end: end * block }),
};

export const slice: LayerRule<Slice> = {
  ...free,
  jump: (layer, axis) => layer.steps[axisIndex(axis)],
  demand: (layer, _index, axis, { start, end }) => {
    const first = layer.starts[axisIndex(axis)];
    const step = layer.steps[axisIndex(axis)];
    return { start: first + start * step, end: first + (end - 1) * step + 1 };
  },
};

export const transpose: LayerRule<Transpose> = {
  ...free,
  /** Only an axis that stays where it is can be cut. */
  demand: (layer, _index, axis, output, { inputs: [input], output: map }) => {
    const i = axisIndex(axis);
    const stays = layer.permutation[i] === i && input !== undefined && sizeOf(input, axis) === sizeOf(map, axis);
    return stays ? output : null;
  },
};
