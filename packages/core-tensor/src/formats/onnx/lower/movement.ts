import type { MovementOps } from "../../../ops/movement/index.ts";
import type { OpAttributes, SliceAttributes } from "../../../ops/vocabulary.ts";
import { type Dim, dimsProduct } from "../../../tensor/dims.ts";
import type { DType } from "../../../tensor/dtype.ts";
import { HostTensor } from "../../../tensor/host.ts";
import { encodeLanes } from "../../../tensor/lanes.ts";
import { computedDType, tensorProto } from "./constants.ts";
import { dimScalar, shapeVector } from "./dimensions.ts";
import type { Emitter } from "./emitter.ts";
import { type OnnxLowering, type OnnxLoweringTable, inputType, outputType } from "./lowering.ts";

/** Beyond every axis: "to the end" for ONNX `Slice`. */
const toEnd = 2n ** 63n - 1n;
/** Longest sequence of numbers that is written out instead of being counted when the program runs. */
const longestList = 4096;

/** A tensor of one value, by `ConstantOfShape`. */
export function filled(emitter: Emitter, dtype: DType, shape: readonly Dim[], value: number): string {
  const native = dtype === "bfloat16" ? "float32" : computedDType(dtype);
  const proto = tensorProto(new HostTensor(native, [1], encodeLanes(native, [value])));
  const [result] = emitter.node("ConstantOfShape", [shapeVector(emitter, shape)], { value: proto }, [native]) as [
    string,
  ];
  return emitter.cast(result, dtype);
}

/**
 * `Reshape` by numbers where they are known: 0 copies a dimension that stays in its place, -1 stands for the only other
 * unknown one. With more unknown ones the shape is computed. A dimension of length 0 would be read as "copy".
 */
export function reshape(emitter: Emitter, x: string, from: readonly Dim[], to: readonly Dim[]): string {
  if (to.some((dim) => dim === 0)) return filled(emitter, emitter.dtype(x), to, 0);
  const open = to.filter((dim) => typeof dim === "string");
  const kept = to.map((dim, axis) => typeof dim === "string" && from[axis] === dim);
  const moved = open.length - kept.filter(Boolean).length;
  if (open.length <= 1)
    return emitter.emit("Reshape", [x, emitter.ints(to.map((dim) => (typeof dim === "string" ? -1 : dim)))]);
  // With 0 beside it, -1 could not be worked out for an empty tensor.
  if (moved === 0)
    return emitter.emit("Reshape", [x, emitter.ints(to.map((dim) => (typeof dim === "string" ? 0 : dim)))]);
  emitter.require(14, "reshape with several computed dimensions");
  return emitter.emit("Reshape", [x, shapeVector(emitter, to)], { allowzero: 1 });
}

/** `Expand`; 1 leaves a dimension as it is. */
export function broadcastTo(emitter: Emitter, x: string, from: readonly Dim[], to: readonly Dim[]): string {
  const lead = to.length - from.length;
  const target = to.map((dim, axis) => (axis >= lead && from[axis - lead] === dim ? 1 : dim));
  if (target.every((dim) => dim === 1) && lead === 0) return emitter.emit("Identity", [x]);
  return emitter.emit("Expand", [x, shapeVector(emitter, target)]);
}

function slice(emitter: Emitter, x: string, shape: readonly Dim[], { starts, ends, steps }: SliceAttributes): string {
  const axes = shape.flatMap((dim, axis) =>
    starts[axis] === 0 && ends[axis] === dim && steps[axis] === 1 ? [] : [axis],
  );
  if (axes.length === 0) return emitter.emit("Identity", [x]);
  const pick = <T>(list: readonly T[]): T[] => axes.map((axis) => list[axis] as T);
  const inputs = [x, shapeVector(emitter, pick(starts)), shapeVector(emitter, pick(ends)), emitter.ints(axes)];
  const plain = axes.every((axis) => steps[axis] === 1);
  return emitter.emit("Slice", plain ? inputs : [...inputs, emitter.ints(pick(steps))]);
}

export function transpose(emitter: Emitter, x: string, permutation: readonly number[]): string {
  const same = permutation.every((from, to) => from === to);
  return same ? emitter.emit("Identity", [x]) : emitter.emit("Transpose", [x], { perm: permutation });
}

/** x with zeros, or another value, around it. */
export function pad(
  emitter: Emitter,
  x: string,
  before: readonly number[],
  after: readonly number[],
  value: number,
): string {
  const counts = [...before, ...after];
  if (counts.every((count) => count === 0)) return emitter.emit("Identity", [x]);
  return emitter.emit("Pad", [x, emitter.ints(counts), emitter.scalar(emitter.dtype(x), value)]);
}

/** 0, 1, …, length - 1. */
export function iota(emitter: Emitter, length: Dim, dtype: DType): string {
  if (typeof length === "number" && length <= longestList) {
    return emitter.numbers(
      dtype,
      [length],
      Array.from({ length }, (_, i) => i),
    );
  }
  const range = emitter.emit("Range", [
    emitter.scalar("int64", 0),
    dimScalar(emitter, length, "int64"),
    emitter.scalar("int64", 1),
  ]);
  return emitter.cast(range, dtype);
}

/**
 * Adds slices along an axis. The indices are stretched to the shape of the updates for `ScatterElements`, which adds
 * one after the other, so that repeats add up in every run.
 */
const scatterAdd: OnnxLowering<{ readonly axis: number }> = (emitter, node) => {
  const [x = "", indices = "", updates = ""] = node.inputs;
  const { axis } = node.attributes;
  const { shape } = inputType(node);
  const places = inputType(node, 1).shape;
  const line = dimsProduct(places);
  const before = shape.slice(0, axis);
  const after = shape.slice(axis + 1);
  // [places] -> [1, …, line, 1, …] -> [before, line, after]
  const column = [...before.map(() => 1), line, ...after.map(() => 1)];
  const target = [...before, line, ...after];
  const stretched = broadcastTo(emitter, reshape(emitter, indices, places, column), column, target);
  const flat = places.length === 1 ? updates : reshape(emitter, updates, inputType(node, 2).shape, target);
  return scatterElements(emitter, x, stretched, flat, axis);
};

function scatterElements(emitter: Emitter, x: string, indices: string, updates: string, axis: number): string {
  emitter.require(16, "adding at indices");
  return emitter.emit("ScatterElements", [x, indices, updates], { axis, reduction: "add" });
}

const oneHot: OnnxLowering<OpAttributes["oneHot"]> = (emitter, node) => {
  const [indices = ""] = node.inputs;
  const { depth, axis, dtype } = node.attributes;
  const rank = inputType(node).shape.length;
  const own = emitter.dtype(indices);
  const column = emitter.emit("Unsqueeze", [indices, emitter.ints([axis])]);
  const shape = [depth, ...new Array<number>(rank - axis).fill(1)];
  const numbers = Array.from({ length: depth }, (_, i) => i);
  return emitter.cast(emitter.emit("Equal", [column, emitter.numbers(own, shape, numbers)]), dtype);
};

/** Ops that move elements. */
export const movement: OnnxLoweringTable<MovementOps> = {
  reshape: (emitter, node) => reshape(emitter, node.inputs[0] as string, inputType(node).shape, outputType(node).shape),
  transpose: (emitter, node) => transpose(emitter, node.inputs[0] as string, node.attributes.permutation),
  broadcastTo: (emitter, node) =>
    broadcastTo(emitter, node.inputs[0] as string, inputType(node).shape, node.attributes.shape),
  concat: (emitter, { inputs, attributes: { axis } }) =>
    inputs.length === 1 ? emitter.emit("Identity", inputs) : emitter.emit("Concat", inputs, { axis }),
  slice: (emitter, node) => slice(emitter, node.inputs[0] as string, inputType(node).shape, node.attributes),
  pad: (emitter, node) =>
    pad(emitter, node.inputs[0] as string, node.attributes.before, node.attributes.after, node.attributes.value),
  reverse: (emitter, node) => {
    const [x = ""] = node.inputs;
    const { axes } = node.attributes;
    const { shape } = inputType(node);
    // Of nothing there is nothing to turn; ONNX's rule for the length would count one step from -1.
    if (axes.length === 0 || shape.includes(0)) return emitter.emit("Identity", [x]);
    const each = <T>(value: T): T[] => axes.map(() => value);
    const ranges = [emitter.ints(each(-1)), emitter.ints(each(-toEnd)), emitter.ints(axes), emitter.ints(each(-1))];
    return emitter.emit("Slice", [x, ...ranges]);
  },
  gather: (emitter, { inputs, attributes: { axis } }) => emitter.emit("Gather", inputs, { axis }),
  gatherElements: (emitter, { inputs, attributes: { axis } }) => emitter.emit("GatherElements", inputs, { axis }),
  scatterAdd,
  scatterAddElements: (emitter, { inputs: [x = "", indices = "", updates = ""], attributes: { axis } }) =>
    scatterElements(emitter, x, indices, updates, axis),
  iota: (emitter, { attributes: { length, dtype } }) => iota(emitter, length, dtype),
  dimValue: (emitter, { attributes: { dim, dtype } }) => dimScalar(emitter, dim, dtype),
  oneHot,
};
