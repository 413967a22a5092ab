import type { NodeOf } from "@parsimony/core-tensor";
import type { Lowering } from "../lowering.ts";
import { type AxisGroups, type Placed, shapeOf } from "../placed.ts";
import { separate } from "./separate.ts";

export function pad(node: NodeOf<"pad">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const { before, after, value } = node.attributes;
  padded(at, at.value(x), { before, after, number: value }, node.outputs[0] as string);
}

interface Cells {
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** What stands in them, in the program's dtype. */
  readonly number: number;
}

/** A value with more cells, written as the value `output` of the program. */
export function padded(at: Lowering, value: Placed, cells: Cells, output: string): void {
  const { before, after } = cells;
  const touched = before.flatMap((count, axis) => (count + (after[axis] as number) > 0 ? [axis] : []));
  if (touched.length === 0) {
    at.set(output, value);
    return;
  }
  const groups = separate(at, value, touched);
  if (groups !== undefined) {
    padIn(groups, at, value, cells, output);
    return;
  }
  // Too many axes for one layer.
  touched.reduce((now, axis, i) => {
    const only = (counts: readonly number[]): number[] => counts.map((count, other) => (other === axis ? count : 0));
    const name = i === touched.length - 1 ? output : `${output}:${i}`;
    padIn(
      separate(at, now, [axis]) as AxisGroups,
      at,
      now,
      { ...cells, before: only(before), after: only(after) },
      name,
      at.dtype(output),
    );
    return at.value(name);
  }, value);
}

function padIn(
  groups: AxisGroups,
  at: Lowering,
  value: Placed,
  { before, after, number }: Cells,
  output: string,
  dtype: string = at.dtype(output),
): void {
  const along = (counts: readonly number[]): [number, number, number] =>
    groups.map((axes) => axes.reduce((sum, axis) => sum + (counts[axis] as number), 0)) as [number, number, number];
  const shape = shapeOf(value).map((size, axis) => size + (before[axis] as number) + (after[axis] as number));
  const settings = {
    kind: "pad",
    before: along(before),
    after: along(after),
    value: dtype === "uint8" ? number - 128 : number,
  } as const;
  at.make(output, settings, [at.arrange(value, groups)], groups, shape);
}
