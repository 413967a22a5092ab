import type { GraphNode } from "@parsimony/core-tensor";
import type { BinaryFunction } from "../../network/layer.ts";
import type { Constant, StoredCodes } from "../constants.ts";
import { type LayerSettings, type StoredConstant, dimsOf } from "../draft.ts";
import type { Lowering } from "../lowering.ts";
import type { Dims } from "../moves.ts";
import { type Atom, type AxisGroups, type Placed, product, rowMajorGroups, shapeOf, sizeOfAtoms } from "../placed.ts";
import { broadcast, withRank } from "./broadcast.ts";
import { noClamp } from "./convolution.ts";
import { doubles } from "./numbers.ts";

/** The function with its operands the other way round. */
const turned: Readonly<Record<BinaryFunction, BinaryFunction>> = {
  add: "add",
  mul: "mul",
  minimum: "minimum",
  maximum: "maximum",
  sub: "rsub",
  rsub: "sub",
  div: "rdiv",
  rdiv: "div",
};

const settingsOf = (fn: BinaryFunction): LayerSettings & { kind: "binary" } =>
  ({ kind: "binary", fn, clamp: noClamp }) as const;

/** A function of two values cell by cell. */
export function binary(fn: BinaryFunction): (node: GraphNode, at: Lowering) => void {
  return (node, at) => {
    const [left, right] = node.inputs as [string, string];
    const [output] = node.outputs as [string];
    const constant = at.constant(right) ?? at.constant(left);
    if (constant !== undefined) {
      const onRight = at.constant(right) !== undefined;
      withConstant(at, output, onRight ? fn : turned[fn], at.value(onRight ? left : right), constant);
    } else twoValues(at, output, fn, at.value(left), at.value(right));
  };
}

/** `value fn constant`, written as the value `output` of the program. */
export function withConstant(
  at: Lowering,
  output: string,
  fn: BinaryFunction,
  given: Placed,
  { value: numbers, stored }: Constant,
): void {
  const shape = at.shape(output);
  const value = broadcast(at, given, shape, output);
  const places = alongMemory(value, numbers.shape);
  const own = dimsOf(at.draft.map(value.map));
  const dims = dimsOfDepth(own, places.length);
  const elements = doubles(numbers);
  const constant = Float32Array.from(places, (place) => elements[place] as number);
  const codes = stored === undefined ? {} : { storedConstant: storedConstant(stored, places) };
  const input = at.draft.view(value.map, dims);
  const map = at.draft.add({ ...settingsOf(fn), constant, ...codes }, [input], output, dims);
  at.set(output, { ...value, map });
}

/** Dimensions in which the last `depth` cells of memory are channels; those that a map has, if they are so. */
export function dimsOfDepth(own: Dims, depth: number): Dims {
  return depth === 1 || own[2] === depth ? own : [1, product(own) / depth, depth];
}

/** Elements of a constant (row-major) by position in the end of memory that it depends on. */
export function alongMemory({ axes, memory }: Placed, shape: readonly number[]): Int32Array {
  const first = axes.length - shape.length;
  const isVarying = (axis: number): boolean => (shape[axis - first] ?? 1) !== 1;
  // Elements of the constant from one position of an atom to the next.
  const steps = new Map<Atom, number>();
  let step = 1;
  for (const [axis, atoms] of [...axes.entries()].reverse()) {
    if (!isVarying(axis)) continue;
    for (const atom of [...atoms].reverse()) {
      steps.set(atom, step);
      step *= atom.size;
    }
  }
  const start = memory.findIndex((atom) => steps.has(atom));
  const suffix = start < 0 ? [] : memory.slice(start).reverse();
  return Int32Array.from({ length: sizeOfAtoms(suffix) }, (_, position) => {
    let [rest, place] = [position, 0];
    for (const atom of suffix) {
      place += (rest % atom.size) * (steps.get(atom) ?? 0);
      rest = Math.floor(rest / atom.size);
    }
    return place;
  });
}

function storedConstant({ codes, scales, zeroPoints, axis }: StoredCodes, places: Int32Array): StoredConstant {
  const numbers = doubles(codes);
  const inner = axis === null ? 1 : product(codes.shape.slice(axis + 1));
  const index = (place: number): number =>
    axis === null ? 0 : Math.floor(place / inner) % (codes.shape[axis] as number);
  return {
    codes: Int32Array.from(places, (place) => numbers[place] as number),
    scales: Float32Array.from(places, (place) => scales[index(place)] as number),
    zeroPoints: Int32Array.from(places, (place) => zeroPoints[index(place)] as number),
  };
}

/** `left fn right`, written as the value `output` of the program. */
export function twoValues(at: Lowering, output: string, fn: BinaryFunction, a: Placed, b: Placed): void {
  const shape = at.shape(output);
  const [left, right] = [withRank(a, shape.length), withRank(b, shape.length)];
  const fills = (value: Placed): boolean => shapeOf(value).every((size, axis) => size === shape[axis]);
  const isDone =
    !(fills(left) && fills(right)) &&
    ((fills(left) && perChannel(at, output, fn, left, right)) ||
      (fills(right) && perChannel(at, output, turned[fn], right, left)));
  if (isDone) return;
  const repeated = [left, right].map((value, i) => broadcast(at, value, shape, `${output}:operand${i}`));
  equalSizes(at, output, fn, repeated[0] as Placed, repeated[1] as Placed);
}

/** A map and one of 1 x 1 x channels. */
function perChannel(at: Lowering, output: string, fn: BinaryFunction, large: Placed, small: Placed): boolean {
  const { map, groups } = at.natural(large);
  const shape = shapeOf(small);
  const long = shape.flatMap((size, axis) => (size > 1 ? [axis] : []));
  if (!long.every((axis) => groups[2].includes(axis))) return false;
  const wanted = at.shape(output).map((size, axis) => (groups[2].includes(axis) ? size : 1));
  const repeated = broadcast(at, small, wanted, `${output}:right`);
  const right = at.arrange(repeated, [[], [], groups[2]]);
  at.make(output, settingsOf(fn), [map, right], groups);
  return true;
}

function equalSizes(at: Lowering, output: string, fn: BinaryFunction, left: Placed, right: Placed): void {
  const groups = commonGroups(at, left, right);
  at.make(output, settingsOf(fn), [at.arrange(left, groups), at.arrange(right, groups)], groups);
}

/** The order in which one of two values stands already: an image's rather than another. */
export function commonGroups(at: Lowering, left: Placed, right: Placed): AxisGroups {
  const rank = left.axes.length;
  const [own, other] = [at.naturalGroups(left), at.naturalGroups(right)];
  if (own === undefined || other === undefined) return own ?? other ?? rowMajorGroups(rank);
  return rank === 4 && !own[2].includes(1) && other[2].includes(1) ? other : own;
}
