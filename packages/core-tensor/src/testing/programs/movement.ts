import type { MovementOps } from "../../ops/movement/index.ts";
import type { Dim } from "../../tensor/dims.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import { type Bounds, type Fact, exact, isExact, magnitude, rough, union, wrapped } from "./fact.ts";
import type { TemplateTable } from "./template.ts";
import { Inapplicable, type ProgramWriter, isOf } from "./writer.ts";

const anything = (): boolean => true;
const indices: readonly DType[] = ["int32", "int64"];

/** A value with axes, and one of them. */
function alongAxis(
  writer: ProgramWriter,
  fits: (fact: Fact) => boolean = anything,
): { readonly x: Fact; readonly axis: number; readonly dim: Dim } {
  const x = writer.value((fact) => fact.shape.length > 0 && fits(fact));
  const axis = writer.choose(x.shape.length);
  return { x, axis, dim: x.shape[axis] as Dim };
}

/** The dimension as a number; a symbolic one does not do here. */
function known(dim: Dim): number {
  if (typeof dim === "string") throw new Inapplicable();
  return dim;
}

/** Indices inside an axis: constants, or whole numbers of the program brought there by a remainder. */
function indicesInto(writer: ProgramWriter, dim: Dim, shape: readonly number[]): Fact {
  const length = known(dim);
  if (length === 0) throw new Inapplicable();
  const dtype = writer.oneOf(indices);
  if (writer.flip()) return writer.wholes(dtype, shape, 0, length - 1);
  const own = writer.value((fact) => indices.includes(fact.dtype) && fact.shape.length <= 2);
  return writer.emit("rem", [own, writer.scalar(own.dtype, length)], {}, exact(0, length - 1, 1));
}

/** Bounds of x with up to `repeats` updates added to each element. */
function added(x: Fact, updates: Fact, repeats: number): Bounds {
  const low = x.low + Math.min(0, repeats * updates.low);
  const high = x.high + Math.max(0, repeats * updates.high);
  if (!isFloat(x.dtype)) return wrapped(x.dtype, low, high);
  if (isExact(x) && isExact(updates)) return exact(low, high, Math.min(x.grid, updates.grid));
  return rough(x.dtype, low, high, x.error + repeats * updates.error, 8, magnitude(x) + repeats * magnitude(updates));
}

const numeric = (writer: ProgramWriter): readonly DType[] => [writer.float, "int32", "int64", "int8", "uint8"];

/** Steps that move elements or make them from nothing. */
export const movementTemplates: TemplateTable<keyof MovementOps> = {
  reshape: (writer) => {
    const x = writer.value(anything);
    const shape: Dim[] = [...x.shape];
    const kind = writer.choose(3);
    const at = writer.choose(shape.length + 1);
    if (kind === 0) shape.splice(at, 0, 1);
    else if (kind === 1) {
      const one = shape.indexOf(1);
      if (one < 0) throw new Inapplicable();
      shape.splice(one, 1);
    } else {
      const [a, b] = [known(shape[at] ?? 1), known(shape[at + 1] ?? 1)];
      shape.splice(at, 2, ...(writer.flip() ? [a * b] : [b, a]));
    }
    writer.emit("reshape", [x], { shape }, x);
  },
  transpose: (writer) => {
    const x = writer.value((fact) => fact.shape.length > 1);
    const permutation = x.shape.map((_, axis) => axis);
    for (let axis = permutation.length - 1; axis > 0; axis--) {
      const other = writer.choose(axis + 1);
      [permutation[axis], permutation[other]] = [permutation[other] as number, permutation[axis] as number];
    }
    writer.emit("transpose", [x], { permutation }, x);
  },
  broadcastTo: (writer) => {
    const x = writer.value(anything);
    const grown = x.shape.map((dim) => (dim === 1 ? 1 + writer.choose(3) : dim));
    const shape = writer.flip() ? [1 + writer.choose(3), ...grown] : grown;
    writer.emit("broadcastTo", [x], { shape }, x);
  },
  concat: (writer) => {
    const { x, axis } = alongAxis(writer);
    const fits = (fact: Fact): boolean =>
      fact.dtype === x.dtype &&
      fact.shape.length === x.shape.length &&
      fact.shape.every((dim, i) => i === axis || dim === x.shape[i]);
    const parts = [x, ...Array.from({ length: 1 + writer.choose(2) }, () => writer.value(fits))];
    writer.emit("concat", parts, { axis }, union(...parts));
  },
  slice: (writer) => {
    const x = writer.value((fact) => fact.shape.length > 0);
    const ranges = x.shape.map((dim): readonly [Dim, Dim, number] => {
      if (typeof dim === "string") return [0, dim, 1];
      const start = writer.choose(dim + 1);
      return [start, start + writer.choose(dim - start + 1), 1 + writer.choose(2)];
    });
    const attributes = {
      starts: ranges.map(([from]) => from),
      ends: ranges.map(([, to]) => to),
      steps: ranges.map(([, , step]) => step),
    };
    writer.emit("slice", [x], attributes, x);
  },
  pad: (writer) => {
    const x = writer.value((fact) => fact.shape.length > 0);
    const value = x.dtype === "bool" || x.dtype === "uint8" ? writer.choose(2) : writer.choose(3) - 1;
    const before = x.shape.map(() => writer.choose(2));
    const after = x.shape.map(() => writer.choose(3));
    writer.emit("pad", [x], { before, after, value }, union(x, exact(value, value, 1)));
  },
  reverse: (writer) => {
    const x = writer.value((fact) => fact.shape.length > 0);
    const mask = 1 + writer.choose(2 ** x.shape.length - 1);
    writer.emit("reverse", [x], { axes: x.shape.flatMap((_, axis) => ((mask >> axis) & 1 ? [axis] : [])) }, x);
  },
  gather: (writer) => {
    const { x, axis, dim } = alongAxis(writer);
    writer.emit("gather", [x, indicesInto(writer, dim, writer.oneOf([[], [2], [1, 3]]))], { axis }, x);
  },
  gatherElements: (writer) => {
    const { x, axis, dim } = alongAxis(writer);
    const shape = x.shape.map(known).with(axis, 1 + writer.choose(3));
    const picks = writer.wholes(writer.oneOf(indices), shape, 0, Math.max(known(dim) - 1, 0));
    if (known(dim) === 0) throw new Inapplicable();
    writer.emit("gatherElements", [x, picks], { axis }, x);
  },
  scatterAdd: (writer) => {
    const { x, axis, dim } = alongAxis(writer, isOf(...numeric(writer)));
    if (known(dim) === 0) throw new Inapplicable();
    const picks = writer.wholes(writer.oneOf(indices), [1 + writer.choose(3)], 0, known(dim) - 1);
    const updates = writer.emit("gather", [x, picks], { axis }, x);
    writer.emit("scatterAdd", [x, picks, updates], { axis }, added(x, updates, known(picks.shape[0] as Dim)));
  },
  scatterAddElements: (writer) => {
    const { x, axis, dim } = alongAxis(writer, isOf(...numeric(writer)));
    if (known(dim) === 0) throw new Inapplicable();
    const picks = writer.wholes(writer.oneOf(indices), x.shape.map(known), 0, known(dim) - 1);
    writer.emit("scatterAddElements", [x, picks, x], { axis }, added(x, x, known(dim)));
  },
  iota: (writer) => {
    const length = writer.oneOf<Dim>([3, 1, 5, 0, ...symbolsOf(writer)]);
    writer.emit("iota", [], { length, dtype: writer.oneOf(numeric(writer)) }, exact(0, writer.lengthOf(length), 1));
  },
  dimValue: (writer) => {
    const dim = writer.oneOf<Dim>([...symbolsOf(writer), 3]);
    writer.emit("dimValue", [], { dim, dtype: writer.oneOf(numeric(writer)) }, exact(1, writer.lengthOf(dim), 1));
  },
  oneHot: (writer) => {
    const x = writer.value((fact) => indices.includes(fact.dtype) && fact.shape.length <= 2);
    const dtype = writer.oneOf<DType>([...numeric(writer), "bool"]);
    writer.emit(
      "oneHot",
      [x],
      { depth: 1 + writer.choose(4), axis: writer.choose(x.shape.length + 1), dtype },
      exact(0, 1, 1),
    );
  },
};

/** The symbolic dimension, where an input of the program has it. */
function symbolsOf(writer: ProgramWriter): Dim[] {
  return writer.facts.some(({ shape }) => shape.includes("batch")) ? ["batch"] : [];
}
