import type { Lowering } from "../lowering.ts";
import { type AxisGroups, type Placed, axisOrder, shapeOf } from "../placed.ts";

/**
 * Groups in which each of some axes is height, width or channels by itself (but for axes of length 1), so that a layer can
 * work along it: as the value stands, if it does. Undefined where the axes are too many; for one there always are some.
 */
export function separate(at: Lowering, value: Placed, touched: readonly number[]): AxisGroups | undefined {
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
    if (touched.length > 2) return undefined;
    const others = all.filter((axis) => !touched.includes(axis));
    return touched.length === 2
      ? [[touched[0] as number], [touched[1] as number], others]
      : [others, [touched[0] as number], []];
  }
  while (runs.length < 3) runs.unshift([]);
  return runs as unknown as AxisGroups;
}

/** As `separate`, for one axis. */
export function separateOne(at: Lowering, value: Placed, axis: number): AxisGroups {
  return separate(at, value, [axis]) as AxisGroups;
}

export function isSeparate(shape: readonly number[], groups: AxisGroups, touched: readonly number[]): boolean {
  return touched.every((axis) => {
    const group = groups.find((axes) => axes.includes(axis));
    return group?.every((other) => other === axis || (shape[other] === 1 && !touched.includes(other))) === true;
  });
}

/** Which of height, width and channels an axis is. */
export function groupOf(groups: AxisGroups, axis: number): 0 | 1 | 2 {
  return groups.findIndex((axes) => axes.includes(axis)) as 0 | 1 | 2;
}
