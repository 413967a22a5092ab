import type { NodeOf } from "@parsimony/core-tensor";
import type { Lowering } from "../lowering.ts";
import { type AxisGroups, type Placed, shapeOf } from "../placed.ts";
import { separate } from "./separate.ts";

/** Regular positions of some axes. */
export interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

export function slice(node: NodeOf<"slice">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const { starts, steps } = node.attributes;
  const to = at.shape(output);
  const cuts = at
    .shape(x)
    .flatMap((size, axis): Cut[] =>
      size === to[axis]
        ? []
        : [{ axis, start: starts[axis] as number, step: steps[axis] as number, count: to[axis] as number }],
    );
  cut(at, at.value(x), cuts, output);
}

/** Parts of a value, written as the value `output` of the program. */
export function cut(at: Lowering, value: Placed, cuts: readonly Cut[], output: string): void {
  if (cuts.length === 0) {
    at.set(output, value);
    return;
  }
  const groups = separate(
    at,
    value,
    cuts.map(({ axis }) => axis),
  );
  if (groups !== undefined) {
    cutIn(groups, at, value, cuts, output);
    return;
  }
  // Too many axes for one layer.
  cuts.reduce((now, one, i) => {
    const name = i === cuts.length - 1 ? output : `${output}:${i}`;
    cutIn(separate(at, now, [one.axis]) as AxisGroups, at, now, [one], name);
    return at.value(name);
  }, value);
}

function cutIn(groups: AxisGroups, at: Lowering, value: Placed, cuts: readonly Cut[], output: string): void {
  const along = (number: (cut: Cut) => number, otherwise: number): [number, number, number] =>
    groups.map((axes) => {
      const own = cuts.find(({ axis }) => axes.includes(axis));
      return own === undefined ? otherwise : number(own);
    }) as [number, number, number];
  const shape = shapeOf(value).map((size, axis) => cuts.find((own) => own.axis === axis)?.count ?? size);
  const settings = {
    kind: "slice",
    starts: along(({ start }) => start, 0),
    steps: along(({ step }) => step, 1),
  } as const;
  at.make(output, settings, [at.arrange(value, groups)], groups, shape);
}
