import type { NodeOf } from "@parsimony/core-tensor";
import type { Constant } from "../constants.ts";
import type { ExactNumbers } from "../draft.ts";
import { type Lowering, refuse } from "../lowering.ts";
import { type Atom, type AxisGroups, type Placed, sameAtoms, sizeOfAtoms } from "../placed.ts";
import { type Reorder, exactNumbers, noClamp, onePixel } from "./convolution.ts";

/**
 * The axis as the last part of memory, its positions perhaps in another order: then it is the weights that are put into that
 * order (a dense layer after a flattened image). `places[i]` is the position of the i-th one in memory.
 */
function suffix({ axes, memory }: Placed, axis: number): Int32Array | undefined {
  const own = axes[axis] as readonly Atom[];
  const inMemory = memory.slice(memory.length - own.length);
  if (!own.every((atom) => inMemory.includes(atom))) return undefined;
  const others = axes.filter((_, i) => i !== axis).flat();
  if (!sameAtoms(others, memory.slice(0, memory.length - own.length))) return undefined;
  return Int32Array.from({ length: sizeOfAtoms(own) }, (_, index) => {
    const digits = new Map<Atom, number>();
    let rest = index;
    for (const atom of [...inMemory].reverse()) {
      digits.set(atom, rest % atom.size);
      rest = Math.floor(rest / atom.size);
    }
    return own.reduce((place, atom) => place * atom.size + (digits.get(atom) as number), 0);
  });
}

/** A product with a constant matrix is a 1 x 1 convolution of the axis that is summed over. */
export function matmul(node: NodeOf<"matmul">, at: Lowering): void {
  const [left, right] = node.inputs as [string, string];
  const [output] = node.outputs as [string];
  const rightConstant = at.constant(right);
  const onRight = rightConstant !== undefined;
  const weights = rightConstant ?? at.constant(left) ?? refuse("multiplies two values that are computed");
  const x = onRight ? left : right;
  const value = at.value(x);
  const rank = value.axes.length;
  const { shape } = weights.value;
  if (shape.slice(0, -2).some((size) => size !== 1)) refuse("multiplies with several matrices");
  if (shape.length < 2 || rank < 2) refuse("multiplies vectors");
  if (at.shape(output).length !== rank) refuse(`multiplies ${rank} axes with ${shape.length}`);
  const [inner, outer] = (onRight ? shape.slice(-2) : shape.slice(-2).reverse()) as [number, number];
  const summed = onRight ? rank - 1 : rank - 2;
  const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== summed);
  const own = at.naturalGroups(value);
  const groups: AxisGroups =
    own?.[2].length === 1 && own[2][0] === summed ? own : [others.slice(0, -1), others.slice(-1), [summed]];
  const places = suffix(value, summed);
  // [inner, outer] as the right factor, [outer, inner] as the left one.
  const reorder: Reorder = (source, target) => {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const from = places === undefined ? i : (places[i] as number);
        target[o * inner + i] = source[onRight ? from * outer + o : o * inner + from] as number;
      }
    }
    return target;
  };
  const numbers = dense(exactNumbers(weights, outer, onRight ? shape.length - 1 : shape.length - 2, reorder), weights);
  const settled = places === undefined ? value : inOrder(value, summed);
  at.make(
    output,
    { kind: "conv2d", ...onePixel, groups: 1, ...numbers, clamp: noClamp },
    [at.arrange(settled, groups)],
    groups,
  );
}

function dense(numbers: ExactNumbers, { stored }: Constant): ExactNumbers {
  if (numbers.stored === undefined || stored?.axis !== null) return numbers;
  return { ...numbers, stored: { ...numbers.stored, isDense: true } };
}

/** The value with the positions of its last part of memory numbered as they stand there. */
function inOrder({ map, axes, memory }: Placed, axis: number): Placed {
  const { length } = axes[axis] as readonly Atom[];
  return { map, axes: axes.map((atoms, i) => (i === axis ? memory.slice(memory.length - length) : atoms)), memory };
}
