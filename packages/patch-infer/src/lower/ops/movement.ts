import type { GraphNode, NodeOf } from "@parsimony/core-tensor";
import { dimsOf } from "../draft.ts";
import { type Lowering, refuse } from "../lowering.ts";
import {
  type AxisGroups,
  type Placed,
  axisOrder,
  permuteAxes,
  placeInGroups,
  reshapePlaced,
  rowMajorGroups,
  shapeOf,
} from "../placed.ts";
import { commonGroups } from "./binary.ts";
import { uniform } from "./numbers.ts";
import { everyPlace, pickAxis } from "./resize.ts";

export function reshape(node: NodeOf<"reshape">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const value = at.value(x);
  const shape = at.shape(output);
  at.set(output, reshapePlaced(value, shape) ?? (reshapePlaced(rowMajor(at, value), shape) as Placed));
}

/** The value in the program's own order. */
function rowMajor(at: Lowering, value: Placed): Placed {
  const groups = rowMajorGroups(value.axes.length);
  return placeInGroups(at.arrange(value, groups), shapeOf(value), groups);
}

export function transpose(node: NodeOf<"transpose">, at: Lowering): void {
  const [x] = node.inputs as [string];
  at.set(node.outputs[0] as string, permuteAxes(at.value(x), node.attributes.permutation));
}

/** Everything as it stands. */
export function same(node: GraphNode, at: Lowering): void {
  const [x] = node.inputs as [string];
  at.set(node.outputs[0] as string, at.value(x));
}

/**
 * Groups in which each of some axes is height, width or channels by itself (but for axes of length 1), so that a layer can
 * work along it: as the value stands, if it does.
 */
export function separate(at: Lowering, value: Placed, touched: readonly number[]): AxisGroups {
  const shape = shapeOf(value);
  const order = axisOrder(value) ?? shape.flatMap((size, axis) => (size > 1 ? [axis] : []));
  const natural = at.naturalGroups(value);
  if (natural !== undefined && isSeparate(shape, natural, touched)) return natural;
  // Axes of length 1 that are touched stand where they do no harm: in front.
  const all = [...touched.filter((axis) => !order.includes(axis)), ...order];
  const runs: number[][] = [];
  for (const axis of all) {
    const last = runs.at(-1);
    const alone = touched.includes(axis) || last === undefined || last.some((other) => touched.includes(other));
    if (alone) runs.push([axis]);
    else last.push(axis);
  }
  if (runs.length > 3) {
    if (touched.length > 2) return refuse(`works along ${touched.length} axes of a value that is no image`);
    const others = all.filter((axis) => !touched.includes(axis));
    return touched.length === 2
      ? [[touched[0] as number], [touched[1] as number], others]
      : [others, [touched[0] as number], []];
  }
  while (runs.length < 3) runs.unshift([]);
  return runs as unknown as AxisGroups;
}

function isSeparate(shape: readonly number[], groups: AxisGroups, touched: readonly number[]): boolean {
  return touched.every((axis) => {
    const group = groups.find((axes) => axes.includes(axis));
    return group?.every((other) => other === axis || (shape[other] === 1 && !touched.includes(other))) === true;
  });
}

/** Which of height, width and channels an axis is. */
function groupOf(groups: AxisGroups, axis: number): 0 | 1 | 2 {
  return groups.findIndex((axes) => axes.includes(axis)) as 0 | 1 | 2;
}

export function concat(node: NodeOf<"concat">, at: Lowering): void {
  const [output] = node.outputs as [string];
  const { axis } = node.attributes;
  const computed = node.inputs.filter((name) => at.constant(name) === undefined);
  if (computed.length < node.inputs.length) {
    concatConstants(node, at);
    return;
  }
  const values = computed.map((name) => at.value(name));
  const [first, second] = values as [Placed, Placed | undefined];
  // The order of the longest is likely to be that of all.
  const likely = second === undefined ? first : values.find((value) => axisOrder(value)?.length === maxOrder(values));
  const model = likely ?? first;
  const groups = separate(at, model, [axis]);
  const natural = second === undefined ? groups : commonGroups(at, model, second);
  const chosen = isSeparate(at.shape(output), natural, [axis]) ? natural : groups;
  const maps = values.map((value) => at.arrange(value, chosen));
  at.make(output, { kind: "concat", axis: groupOf(chosen, axis) }, maps, chosen);
}

function maxOrder(values: readonly Placed[]): number {
  return Math.max(...values.map((value) => axisOrder(value)?.length ?? 0));
}

/** A constant that repeats one number, beside one value, is padding. */
function concatConstants(node: NodeOf<"concat">, at: Lowering): void {
  const { axis } = node.attributes;
  const [output] = node.outputs as [string];
  const at0 = node.inputs.findIndex((name) => at.constant(name) === undefined);
  const numbers = node.inputs.map((name, i) => (i === at0 ? undefined : uniform(at, name)));
  const rest = numbers.filter((_, i) => i !== at0);
  const [number] = rest;
  if (number === undefined || rest.some((other) => other !== number)) {
    refuse("joins a computed value with constants of several numbers");
  }
  const lengths = node.inputs.map((name) => at.shape(name)[axis] as number);
  const total = (from: number, to: number): number => lengths.slice(from, to).reduce((a, b) => a + b, 0);
  const before = at.shape(output).map((_, i) => (i === axis ? total(0, at0) : 0));
  const after = at.shape(output).map((_, i) => (i === axis ? total(at0 + 1, lengths.length) : 0));
  padded(at, at.value(node.inputs[at0] as string), before, after, number as number, output);
}

export function pad(node: NodeOf<"pad">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const { before, after, value } = node.attributes;
  padded(at, at.value(x), before, after, value, node.outputs[0] as string);
}

function padded(
  at: Lowering,
  value: Placed,
  before: readonly number[],
  after: readonly number[],
  number: number,
  output: string,
): void {
  const touched = before.flatMap((count, axis) => (count + (after[axis] as number) > 0 ? [axis] : []));
  if (touched.length === 0) {
    at.set(output, value);
    return;
  }
  const groups = separate(at, value, touched);
  const along = (counts: readonly number[]): [number, number, number] =>
    groups.map((axes) => axes.reduce((sum, axis) => sum + (counts[axis] as number), 0)) as [number, number, number];
  const input = at.arrange(value, groups);
  const isUnsigned = at.dtype(output) === "uint8";
  at.make(
    output,
    { kind: "pad", before: along(before), after: along(after), value: isUnsigned ? number - 128 : number },
    [input],
    groups,
  );
}

export function slice(node: NodeOf<"slice">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const { starts, steps } = node.attributes;
  const value = at.value(x);
  const [from, to] = [at.shape(x), at.shape(output)];
  const touched = from.flatMap((size, axis) => (size === to[axis] ? [] : [axis]));
  if (touched.length === 0) {
    at.set(output, value);
    return;
  }
  const groups = separate(at, value, touched);
  const along = (numbers: readonly unknown[], fallback: number): [number, number, number] =>
    groups.map((axes) => {
      const axis = axes.find((own) => touched.includes(own));
      return axis === undefined ? fallback : (numbers[axis] as number);
    }) as [number, number, number];
  at.make(
    output,
    { kind: "slice", starts: along(starts, 0), steps: along(steps, 1) },
    [at.arrange(value, groups)],
    groups,
  );
}

/** Positions of one axis picked by known indices. */
function pick(at: Lowering, value: Placed, axis: number, places: readonly number[], output: string): void {
  const shape = shapeOf(value).map((size, i) => (i === axis ? places.length : size));
  const own = separate(at, value, [axis]);
  // Resampling works along height and width: channels are seen as the columns of an image with one channel.
  const settled: AxisGroups = groupOf(own, axis) === 2 ? [[...own[0], ...own[1]], own[2], []] : own;
  const input = at.arrange(value, settled);
  const [height, width] = dimsOf(at.draft.map(input));
  const isRows = groupOf(settled, axis) === 0;
  at.make(
    output,
    {
      kind: "resize2d",
      mode: "nearest",
      rows: isRows ? pickAxis(places) : everyPlace(height),
      columns: isRows ? everyPlace(width) : pickAxis(places),
    },
    [input],
    settled,
    shape,
  );
}

export function gather(node: NodeOf<"gather">, at: Lowering): void {
  const [x, indices] = node.inputs as [string, string];
  const [output] = node.outputs as [string];
  const { axis } = node.attributes;
  const constant = at.constant(indices) ?? refuse("picks by numbers that are computed while the program runs");
  const places = Array.from(constant.value.dataSync() as ArrayLike<number | bigint>, Number);
  const rank = constant.value.shape.length;
  const picked = rank === 1 ? output : `${output}:picked`;
  pick(at, at.value(x), axis, places, picked);
  if (rank === 1) return;
  at.set(output, reshapePlaced(at.value(picked), at.shape(output)) ?? refuse("picks in an order that is no view"));
}

export function reverse(node: NodeOf<"reverse">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const shape = at.shape(x);
  const axes = node.attributes.axes.filter((axis) => (shape[axis] as number) > 1);
  at.set(output, at.value(x));
  axes.forEach((axis, i) => {
    const size = shape[axis] as number;
    const places = Array.from({ length: size }, (_, place) => size - 1 - place);
    pick(at, at.value(output), axis, places, i === axes.length - 1 ? output : `${output}:${i}`);
    at.set(output, at.value(i === axes.length - 1 ? output : `${output}:${i}`));
  });
}
