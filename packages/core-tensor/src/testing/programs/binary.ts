import type { BinaryName } from "../../ops/elementwise/binaryPrimitives.ts";
import type { Dim } from "../../tensor/dims.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import { type Bounds, type Fact, exact, isExact, magnitude, rough, union, wrapped } from "./fact.ts";
import type { TemplateTable } from "./template.ts";
import { fitted } from "./unary.ts";
import { type ProgramWriter, isExactOf, isOf } from "./writer.ts";

const numeric = (writer: ProgramWriter): readonly DType[] => [writer.float, "int32", "int64", "int8", "uint8"];

function broadcasts(a: readonly Dim[], b: readonly Dim[]): boolean {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [x, y] = [a.at(-i), b.at(-i)];
    if (x !== y && x !== 1 && y !== 1) return false;
  }
  return true;
}

/** A value and another one of the same dtype whose shape broadcasts with it (itself, if there is no other). */
function pair(writer: ProgramWriter, fits: (fact: Fact) => boolean): readonly [Fact, Fact] {
  const a = writer.value(fits);
  const b = writer.value((fact) => fits(fact) && fact.dtype === a.dtype && broadcasts(a.shape, fact.shape));
  return writer.flip() ? [b, a] : [a, b];
}

type Arithmetic = (a: Bounds, b: Bounds) => readonly [low: number, high: number];

const corners = (a: Bounds, b: Bounds, f: (x: number, y: number) => number): readonly [number, number] => {
  const all = [f(a.low, b.low), f(a.low, b.high), f(a.high, b.low), f(a.high, b.high)];
  return [Math.min(...all), Math.max(...all)];
};

const arithmetic =
  (
    name: "add" | "sub" | "mul",
    image: Arithmetic,
    grid: (a: number, b: number) => number,
    carried: (a: Fact, b: Fact) => number,
  ) =>
  (writer: ProgramWriter): void => {
    const [a, b] = pair(writer, isOf(...numeric(writer)));
    const [low, high] = image(a, b);
    if (!isFloat(a.dtype)) writer.emit(name, [a, b], {}, wrapped(a.dtype, low, high));
    else if (isExact(a) && isExact(b)) writer.emit(name, [a, b], {}, exact(low, high, grid(a.grid, b.grid)));
    else writer.emit(name, [a, b], {}, rough(a.dtype, low, high, carried(a, b), 1));
  };

const sumError = (a: Fact, b: Fact): number => a.error + b.error;
const productError = (a: Fact, b: Fact): number => magnitude(a) * b.error + magnitude(b) * a.error + a.error * b.error;

/** A divisor of whole numbers: one that may be 0, which gives 0. */
const wholes: readonly DType[] = ["int32", "int64", "int8", "uint8"];

const extreme =
  (name: "minimum" | "maximum", f: (x: number, y: number) => number) =>
  (writer: ProgramWriter): void => {
    const [a, b] = pair(writer, isOf(...numeric(writer)));
    const both = union(a, b);
    writer.emit(name, [a, b], {}, { ...both, low: f(a.low, b.low), high: f(a.high, b.high) });
  };

const comparison =
  (name: "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual") =>
  (writer: ProgramWriter): void => {
    const bool: readonly DType[] = name === "equal" || name === "notEqual" ? ["bool"] : [];
    const [a, b] = pair(writer, isExactOf(...numeric(writer), ...bool));
    writer.emit(name, [a, b], {}, exact(0, 1, 1));
  };

const logic =
  (name: "logicalAnd" | "logicalOr" | "logicalXor") =>
  (writer: ProgramWriter): void => {
    const [a, b] = pair(writer, isOf("bool"));
    writer.emit(name, [a, b], {}, exact(0, 1, 1));
  };

/** Steps with two or three inputs that work element by element. */
export const binaryTemplates: TemplateTable<BinaryName | "where"> = {
  add: arithmetic("add", (a, b) => [a.low + b.low, a.high + b.high], Math.min, sumError),
  sub: arithmetic("sub", (a, b) => [a.low - b.high, a.high - b.low], Math.min, sumError),
  mul: arithmetic(
    "mul",
    (a, b) => corners(a, b, (x, y) => x * y),
    (a, b) => a * b,
    productError,
  ),
  div: (writer) => {
    if (writer.choose(3) === 2) {
      const [a, b] = pair(writer, isOf(...wholes));
      const size = magnitude(a);
      writer.emit("div", [a, b], {}, wrapped(a.dtype, a.low >= 0 && b.low >= 0 ? 0 : -size, size));
      return;
    }
    const [a, raw] = pair(writer, isOf(writer.float));
    const b = fitted(writer, raw, [0.5, 4]);
    const [low, high] = corners(a, b, (x, y) => x / y);
    writer.emit(
      "div",
      [a, b],
      {},
      rough(a.dtype, low, high, a.error / b.low + (magnitude(a) * b.error) / b.low ** 2, 2),
    );
  },
  pow: (writer) => {
    const [base, exponent] = pair(writer, isOf(writer.float));
    const a = fitted(writer, base, [0.5, 2]);
    const b = fitted(writer, exponent, [-2, 2]);
    // On this square the power lies in [1/4, 4], its derivatives are at most 16 in the base and 2.8 in the exponent.
    writer.emit("pow", [a, b], {}, rough(a.dtype, 0.25, 4, 16 * a.error + 2.8 * b.error, 64));
  },
  rem: (writer) => {
    const [a, b] = pair(writer, (fact) => isOf(...wholes)(fact));
    const size = magnitude(b);
    writer.emit("rem", [a, b], {}, exact(b.low >= 0 ? 0 : -size, size, 1));
  },
  atan2: (writer) => {
    const [a, raw] = pair(writer, isOf(writer.float));
    const b = fitted(writer, raw, [0.5, 4]);
    writer.emit("atan2", [a, b], {}, rough(a.dtype, -1.6, 1.6, 2 * (a.error + b.error), 16));
  },
  minimum: extreme("minimum", Math.min),
  maximum: extreme("maximum", Math.max),
  equal: comparison("equal"),
  notEqual: comparison("notEqual"),
  less: comparison("less"),
  lessEqual: comparison("lessEqual"),
  greater: comparison("greater"),
  greaterEqual: comparison("greaterEqual"),
  logicalAnd: logic("logicalAnd"),
  logicalOr: logic("logicalOr"),
  logicalXor: logic("logicalXor"),
  where: (writer) => {
    const condition = writer.value(isOf("bool"));
    const [a, b] = pair(writer, ({ shape }) => broadcasts(shape, condition.shape));
    writer.emit("where", [condition, a, b], {}, union(a, b));
  },
};
