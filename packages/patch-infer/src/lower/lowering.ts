import type { Graph, ValueType } from "@parsimony/core-tensor";
import type { CellType } from "../network/network.ts";
import type { Constant, Constants } from "./constants.ts";
import { type Draft, type LayerSettings, dimsOf, formatOf, sameDims } from "./draft.ts";
import { type Dims, movesBetween } from "./moves.ts";
import {
  type AxisGroups,
  type Placed,
  axisOrder,
  groupsOfOrder,
  imageGroups,
  placeInGroups,
  product,
  rowMajorGroups,
  sameAtoms,
  shapeOf,
} from "./placed.ts";

/** A node that no layer stands for, and why. */
export class Refusal extends Error {}

export function refuse(reason: string): never {
  throw new Refusal(reason);
}

const cellTypes: Readonly<Record<string, CellType>> = { float32: "float32", int8: "int8", uint8: "int8" };

/** Dimensions that a shape has in a map. */
export function dimsInGroups(shape: readonly number[], groups: AxisGroups): Dims {
  return groups.map((axes) => product(axes.map((axis) => shape[axis] as number))) as unknown as Dims;
}

/** What is known while nodes become layers: where each value of the program is. */
export class Lowering {
  readonly #values = new Map<string, Placed>();

  constructor(
    readonly graph: Graph,
    readonly draft: Draft,
    readonly constants: Constants,
  ) {}

  /** Values stand in maps of their own, never in views: what is done cell by cell then keeps their dimensions. */
  set(name: string, value: Placed): void {
    this.#values.set(name, { ...value, map: this.draft.map(value.map).viewOf ?? value.map });
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  value(name: string): Placed {
    return this.#values.get(name) ?? refuse(`reads the constant "${name}" as if it were computed`);
  }

  constant(name: string): Constant | undefined {
    return this.constants.get(name);
  }

  shape(name: string): number[] {
    return (this.graph.types[name] as ValueType).shape as number[];
  }

  dtype(name: string): string {
    return (this.graph.types[name] as ValueType).dtype;
  }

  cellType(name: string): CellType {
    return cellTypes[this.dtype(name)] ?? refuse(`computes with ${this.dtype(name)}`);
  }

  /** The map of a value with its axes as height, width and channels; cells are moved only if they stand otherwise. */
  arrange(value: Placed, groups: AxisGroups): string {
    const shape = shapeOf(value);
    const missing = shape.findIndex((size, axis) => size > 1 && !groups.some((axes) => axes.includes(axis)));
    if (missing >= 0) refuse(`needs a length of 1 along axis ${missing}, not ${shape[missing]}`);
    const wanted = groups.flat().flatMap((axis) => value.axes[axis] ?? []);
    const dims = dimsInGroups(shape, groups);
    const { draft } = this;
    const moves = movesBetween(value.memory, wanted);
    const moved = moves.reduce((map, { kind, from, to, ...settings }, i) => {
      const input = draft.view(map, from);
      const name = i === moves.length - 1 ? `${value.map}:${dims.join("x")}` : `${value.map}:move`;
      return draft.add({ kind, ...settings } as LayerSettings, [input], name, to);
    }, value.map);
    return draft.view(moved, dims);
  }

  /** Layers that it takes to arrange a value. */
  movesTo({ axes, memory }: Placed, groups: AxisGroups): number {
    const wanted = groups.flat().flatMap((axis) => axes[axis] ?? []);
    return movesBetween(memory, wanted).length;
  }

  /** How the axes of a value stand in memory, as it is; undefined where one of them is not a run of positions. */
  naturalGroups(value: Placed): AxisGroups | undefined {
    const order = axisOrder(value);
    if (order === undefined) return undefined;
    const shape = shapeOf(value);
    const dims = dimsOf(this.draft.map(value.map));
    const candidates = [
      ...(shape.length === 4 ? [imageGroups] : []),
      rowMajorGroups(shape.length),
      groupsOfOrder(order),
    ].filter((groups) =>
      sameAtoms(
        groups.flat().flatMap((axis) => value.axes[axis] ?? []),
        value.memory,
      ),
    );
    return candidates.find((groups) => sameDims(dimsInGroups(shape, groups), dims)) ?? candidates[0];
  }

  /** The natural groups of a value, which is brought into the program's order if it has none. */
  natural(value: Placed): { map: string; groups: AxisGroups } {
    const groups = this.naturalGroups(value) ?? rowMajorGroups(value.axes.length);
    return { map: this.arrange(value, groups), groups };
  }

  /** Adds a layer that makes a value of the program. */
  make(
    output: string,
    settings: LayerSettings,
    inputs: readonly string[],
    groups: AxisGroups,
    shape: readonly number[] = this.shape(output),
  ): void {
    const map = this.draft.add(settings, inputs, output, dimsInGroups(shape, groups));
    this.set(output, placeInGroups(map, shape, groups));
  }

  /** Adds a layer that works cell by cell: the result stands as the value does. */
  cellwise(output: string, settings: LayerSettings, value: Placed): void {
    const { draft } = this;
    const dims = dimsOf(draft.map(value.map));
    const map = draft.add(settings, [value.map], output, dims);
    this.set(output, { ...value, map });
  }

  formatOf(map: string): ReturnType<typeof formatOf> {
    return formatOf(this.draft.map(map));
  }
}
