import type { ReduceOps } from "../../ops/reduce/index.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import { type Bounds, type Fact, exact, isExact, magnitude, rough, wrapped } from "./fact.ts";
import type { TemplateTable } from "./template.ts";
import { Inapplicable, type ProgramWriter, isExactOf, isOf } from "./writer.ts";

const numeric = (writer: ProgramWriter): readonly DType[] => [writer.float, "int32", "int64", "int8", "uint8"];

/** Some axes, never an empty choice where there are any, and whether they stay. */
function axesOf(writer: ProgramWriter, x: Fact): { readonly axes: readonly number[]; readonly keepDims: boolean } {
  const mask = 1 + writer.choose(2 ** x.shape.length - 1);
  const axes = x.shape.flatMap((_, axis) => (x.shape.length > 0 && (mask >> axis) & 1 ? [axis] : []));
  return { axes, keepDims: writer.flip() };
}

const count = (writer: ProgramWriter, x: Fact, axes: readonly number[]): number =>
  axes.reduce((n, axis) => n * writer.lengthOf(x.shape[axis]), 1);

/** Bounds of a sum of up to `n` elements. */
function summed(x: Fact, n: number): Bounds {
  const low = Math.min(0, n * x.low);
  const high = Math.max(0, n * x.high);
  // Sums of int32 do not wrap here: that is tried on the op alone.
  if (!isFloat(x.dtype)) return x.dtype === "int32" ? exact(low, high, 1) : wrapped(x.dtype, low, high);
  if (isExact(x)) return exact(low, high, x.grid);
  return rough(x.dtype, low, high, n * x.error, 8, n * magnitude(x));
}

const chosen =
  (name: "max" | "min") =>
  (writer: ProgramWriter): void => {
    const x = writer.value(isOf(...numeric(writer)));
    writer.emit(name, [x], axesOf(writer, x), x);
  };

const logic =
  (name: "any" | "all") =>
  (writer: ProgramWriter): void => {
    const x = writer.value(isOf("bool"));
    writer.emit(name, [x], axesOf(writer, x), exact(0, 1, 1));
  };

function axisOf(writer: ProgramWriter, x: Fact): number {
  return writer.choose(x.shape.length);
}

const hasAxes = (fact: Fact): boolean => fact.shape.length > 0;

const position =
  (name: "argMax" | "argMin") =>
  (writer: ProgramWriter): void => {
    const x = writer.value((fact) => hasAxes(fact) && isExactOf(...numeric(writer))(fact));
    const axis = axisOf(writer, x);
    writer.emit(name, [x], { axis, keepDims: writer.flip() }, exact(0, writer.lengthOf(x.shape[axis]), 1));
  };

/** Values in order are near when the elements are; their places are certain only for exact ones. */
function ordered(writer: ProgramWriter, x: Fact, axis: number): Bounds[] {
  return isExact(x) ? [x, exact(0, writer.lengthOf(x.shape[axis]), 1)] : [x];
}

const lines = (writer: ProgramWriter): Fact => writer.value((fact) => hasAxes(fact) && isOf(...numeric(writer))(fact));

/** Steps along axes. */
export const reduceTemplates: TemplateTable<keyof ReduceOps> = {
  sum: (writer) => {
    const x = writer.value(isOf(...numeric(writer)));
    const attributes = axesOf(writer, x);
    writer.emit("sum", [x], attributes, summed(x, count(writer, x, attributes.axes)));
  },
  mean: (writer) => {
    const x = writer.value(isOf(writer.float));
    const attributes = axesOf(writer, x);
    if (count(writer, x, attributes.axes) === 0) throw new Inapplicable();
    writer.emit("mean", [x], attributes, rough(x.dtype, x.low, x.high, x.error, 8, magnitude(x)));
  },
  prod: (writer) => {
    const x = writer.value(isOf(...numeric(writer)));
    const attributes = axesOf(writer, x);
    const n = count(writer, x, attributes.axes);
    const high = Math.max(magnitude(x) ** n, 1);
    const low = x.low >= 0 ? 0 : -high;
    // Whole numbers do not wrap here: that is tried on the op alone.
    const bounds = !isFloat(x.dtype)
      ? exact(low, high, 1)
      : isExact(x)
        ? exact(low, high, Math.min(x.grid, 1) ** n)
        : rough(x.dtype, low, high, n * Math.max(magnitude(x), 1) ** (n - 1) * x.error, n);
    writer.emit("prod", [x], attributes, bounds);
  },
  max: chosen("max"),
  min: chosen("min"),
  any: logic("any"),
  all: logic("all"),
  argMax: position("argMax"),
  argMin: position("argMin"),
  topK: (writer) => {
    const x = lines(writer);
    const axis = axisOf(writer, x);
    const dim = x.shape[axis];
    // A symbolic axis has at least one element whenever the program runs.
    const k = typeof dim === "number" ? writer.choose(dim + 1) : 1;
    writer.emitAll("topK", [x], { axis, k, largest: writer.flip() }, ...ordered(writer, x, axis));
  },
  sort: (writer) => {
    const x = lines(writer);
    const axis = axisOf(writer, x);
    writer.emitAll("sort", [x], { axis, descending: writer.flip() }, ...ordered(writer, x, axis));
  },
  cumsum: (writer) => {
    const x = lines(writer);
    const axis = axisOf(writer, x);
    writer.emit(
      "cumsum",
      [x],
      { axis, exclusive: writer.flip(), reverse: writer.flip() },
      summed(x, writer.lengthOf(x.shape[axis])),
    );
  },
  softmax: (writer) => {
    const x = writer.value((fact) => hasAxes(fact) && fact.dtype === writer.float);
    writer.emit(
      "softmax",
      [x],
      { axis: axisOf(writer, x) },
      rough(x.dtype, 0, 1, x.error, 16, Math.max(1, magnitude(x))),
    );
  },
  logSoftmax: (writer) => {
    const x = writer.value((fact) => hasAxes(fact) && fact.dtype === writer.float);
    const axis = axisOf(writer, x);
    const low = x.low - x.high - Math.log(Math.max(writer.lengthOf(x.shape[axis]), 1));
    writer.emit("logSoftmax", [x], { axis }, rough(x.dtype, low, 0, 2 * x.error, 16, Math.max(1, 2 * magnitude(x))));
  },
};
