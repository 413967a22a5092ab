/**
 * A run of positions that are counted by one number. Axes consist of atoms; atoms of length 1 are left out. Two atoms are
 * the same only if they are the same object.
 */
export interface Atom {
  readonly size: number;
}

/** A value of the program in memory. */
export interface Placed {
  /** The feature map that holds its cells. */
  readonly map: string;
  /** The atoms of each axis of the program's shape, slowest first. */
  readonly axes: readonly (readonly Atom[])[];
  /** All atoms in the order in which they stand in memory, slowest first. */
  readonly memory: readonly Atom[];
}

/** Axes of a value by what they become in a feature map: height, width, channels. Axes of length 1 may be left out. */
export type AxisGroups = readonly [height: readonly number[], width: readonly number[], channels: readonly number[]];

/** Images [batch, channels, height, width] with their channels last. */
export const imageGroups: AxisGroups = [[0, 2], [3], [1]];

/** The order of the program: the last axis is channels, the one before width, all others height. */
export function rowMajorGroups(rank: number): AxisGroups {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return [axes.slice(0, -2), axes.slice(-2, -1).filter(() => rank > 1), axes.slice(-1)];
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

export function atomsOf(size: number): readonly Atom[] {
  return size === 1 ? [] : [{ size }];
}

export function sizeOfAtoms(atoms: readonly Atom[]): number {
  return product(atoms.map(({ size }) => size));
}

export function sameAtoms(a: readonly Atom[], b: readonly Atom[]): boolean {
  return a.length === b.length && a.every((atom, i) => atom === b[i]);
}

export function shapeOf({ axes }: Placed): number[] {
  return axes.map(sizeOfAtoms);
}

/** A value of a shape whose axes stand in a map as groups say. */
export function placeInGroups(map: string, shape: readonly number[], groups: AxisGroups): Placed {
  const axes = shape.map(atomsOf);
  return { map, axes, memory: groups.flat().flatMap((axis) => axes[axis] as readonly Atom[]) };
}

/** The same memory with the axes of the program in another order. */
export function permuteAxes({ map, axes, memory }: Placed, permutation: readonly number[]): Placed {
  return { map, axes: permutation.map((axis) => axes[axis] as readonly Atom[]), memory };
}

/** Is the memory in the program's own order? */
export function isRowMajor({ axes, memory }: Placed): boolean {
  return sameAtoms(axes.flat(), memory);
}

/**
 * The same memory seen under another shape, or undefined where the axes of the new shape would not consist of whole runs of
 * positions (a value that is in row-major order can take any shape).
 */
export function reshapePlaced(value: Placed, shape: readonly number[]): Placed | undefined {
  if (isRowMajor(value)) {
    const axes = shape.map(atomsOf);
    return { map: value.map, axes, memory: axes.flat() };
  }
  const pending: Atom[] = [...value.axes.flat()];
  const parts = new Map<Atom, readonly Atom[]>();
  const axes: Atom[][] = [];
  for (const size of shape) {
    const axis: Atom[] = [];
    for (let left = size; left > 1; ) {
      const next = pending.shift();
      if (next === undefined) return undefined;
      if (left % next.size === 0) {
        axis.push(next);
        left /= next.size;
        continue;
      }
      if (next.size % left !== 0) return undefined;
      const outer = { size: left };
      const inner = { size: next.size / left };
      parts.set(next, [outer, inner]);
      axis.push(outer);
      pending.unshift(inner);
      left = 1;
    }
    axes.push(axis);
  }
  const whole = (atom: Atom): readonly Atom[] => parts.get(atom)?.flatMap(whole) ?? [atom];
  return { map: value.map, axes: axes.map((axis) => axis.flatMap(whole)), memory: value.memory.flatMap(whole) };
}

/** The axes (longer than 1) in the order in which they stand in memory, if each of them is one run there. */
export function axisOrder({ axes, memory }: Placed): number[] | undefined {
  const order: number[] = [];
  for (let at = 0; at < memory.length; ) {
    const axis = axes.findIndex((atoms) => atoms[0] === memory[at]);
    const atoms = axes[axis];
    if (atoms === undefined || !atoms.every((atom, i) => atom === memory[at + i])) return undefined;
    order.push(axis);
    at += atoms.length;
  }
  return order;
}

/** Axes in an order of memory, as a feature map has them. */
export function groupsOfOrder(order: readonly number[]): AxisGroups {
  return [order.slice(0, -2), order.slice(-2, -1), order.slice(-1)];
}
