import { primitives } from "../../ops/primitives.ts";
import type { ConcreteType, Primitive, Tools } from "../../ops/primitive.ts";
import type { UnaryName } from "../../ops/elementwise/unaryPrimitives.ts";
import type { DType } from "../../tensor/dtype.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { type Bounds, type Fact, exact, magnitude, rough, wrapped } from "./fact.ts";
import type { TemplateTable } from "./template.ts";
import { type ProgramWriter, isExactOf, isOf } from "./writer.ts";

type Interval = readonly [low: number, high: number];

/** A value of the program's float inside an interval: as it is when it lies there, otherwise squashed by tanh and scaled. */
export function fitted(writer: ProgramWriter, x: Fact, [low, high]: Interval): Fact {
  if (x.low >= low && x.high <= high) return x;
  const squashed = writer.emit("tanh", [x], {}, rough(x.dtype, -1, 1, x.error, 16));
  const half = (high - low) / 2;
  const middle = (high + low) / 2;
  // Powers of two and their halves: the interval is met with a margin that no rounding reaches.
  const factor = half * 0.9375;
  const wide = writer.emit(
    "mul",
    [squashed, writer.scalar(x.dtype, Math.fround(factor))],
    {},
    rough(x.dtype, -factor, factor, squashed.error * factor, 1),
  );
  return writer.emit(
    "add",
    [wide, writer.scalar(x.dtype, Math.fround(middle))],
    {},
    rough(x.dtype, middle - factor, middle + factor, wide.error, 1),
  );
}

const points = 65;
const noTools: Tools = { evaluate: refuse, capture: refuse, vjp: refuse };
function refuse(): never {
  throw new TypeError("elementwise ops hold no programs");
}

/**
 * Image and steepest slope of a function on an interval, from its reference kernel on a fine grid of doubles; both with
 * a margin for what lies between the points.
 */
function sampled(
  name: UnaryName,
  attributes: object,
  { low, high }: Bounds,
): { readonly image: Interval; readonly slope: number } {
  const at = Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const type: ConcreteType = { dtype: "float64", shape: [points] };
  const primitive = primitives[name] as Primitive<object>;
  const values = primitive
    .kernel([fromLanes("float64", [points], at)], attributes, [type], noTools)[0]
    ?.dataSync() as Float64Array;
  let slope = 0;
  for (let i = 1; i < points; i++) {
    const run = (at[i] as number) - (at[i - 1] as number);
    if (run > 0) slope = Math.max(slope, Math.abs(((values[i] as number) - (values[i - 1] as number)) / run));
  }
  slope *= 1.25;
  const margin = slope * ((high - low) / (points - 1));
  return { image: [Math.min(...values) - margin, Math.max(...values) + margin], slope };
}

/** Where each smooth function is applied: no pole, no steep place. */
const smooth = {
  exp: [-3, 3],
  expm1: [-3, 3],
  log: [0.25, 8],
  log1p: [-0.5, 8],
  sqrt: [0.25, 16],
  rsqrt: [0.25, 16],
  reciprocal: [0.5, 4],
  sin: [-8, 8],
  cos: [-8, 8],
  tan: [-1, 1],
  asin: [-0.875, 0.875],
  acos: [-0.875, 0.875],
  atan: [-16, 16],
  sinh: [-3, 3],
  cosh: [-3, 3],
  tanh: [-16, 16],
  asinh: [-16, 16],
  acosh: [1.25, 8],
  atanh: [-0.875, 0.875],
  sigmoid: [-16, 16],
  softplus: [-16, 16],
  erf: [-4, 4],
  erfInv: [-0.875, 0.875],
  lgamma: [0.5, 8],
} as const satisfies Partial<Record<UnaryName, Interval>>;

function applySmooth(
  writer: ProgramWriter,
  name: keyof typeof smooth | "polygamma",
  attributes: { readonly order: number },
  domain: Interval,
  ulps: number,
): void {
  const x = fitted(writer, writer.value(isOf(writer.float)), domain);
  const { image, slope } = sampled(name, attributes, x);
  writer.emit(name, [x], name === "polygamma" ? attributes : {}, rough(x.dtype, ...image, slope * x.error, ulps, 1));
}

const smoothTemplates = Object.fromEntries(
  Object.entries(smooth).map(([name, domain]) => [
    name,
    (writer: ProgramWriter) =>
      applySmooth(
        writer,
        name as keyof typeof smooth,
        { order: 0 },
        domain,
        name === "lgamma" || name === "erfInv" ? 64 : 16,
      ),
  ]),
) as TemplateTable<keyof typeof smooth>;

/** Functions with slope at most 1 that keep multiples of the grid. */
const gentle =
  (name: "neg" | "abs" | "relu", image: (x: Fact) => Interval) =>
  (writer: ProgramWriter): void => {
    const x = writer.value(isOf(writer.float, "int32", "int64", "int8", "uint8"));
    const [low, high] = image(x);
    writer.emit(name, [x], {}, x.dtype === writer.float ? { ...x, low, high } : wrapped(x.dtype, low, high));
  };

const absolute = (x: Fact): Interval => [
  x.low <= 0 && x.high >= 0 ? 0 : Math.min(Math.abs(x.low), Math.abs(x.high)),
  magnitude(x),
];

/** Rounding of exact values, brought to quarters first so that there is something to round. */
const rounding =
  (name: "floor" | "ceil" | "round") =>
  (writer: ProgramWriter): void => {
    const x = writer.value(isExactOf(writer.float));
    const quarters = writer.flip()
      ? writer.emit("mul", [x, writer.scalar(x.dtype, 0.25)], {}, exact(x.low / 4, x.high / 4, x.grid / 4))
      : x;
    writer.emit(name, [quarters], {}, exact(Math.floor(quarters.low), Math.ceil(quarters.high), 1));
  };

const numbers = (writer: ProgramWriter): readonly DType[] => [writer.float, "int32", "int64", "int8", "uint8"];

const test =
  (name: "isNan" | "isInf") =>
  (writer: ProgramWriter): void => {
    writer.emit(name, [writer.value(isOf(...numbers(writer)))], {}, exact(0, 1, 1));
  };

/** Steps with one input that work element by element. */
export const unaryTemplates: TemplateTable<UnaryName> = {
  ...smoothTemplates,
  polygamma: (writer) => applySmooth(writer, "polygamma", { order: writer.choose(3) }, [1, 8], 64),
  neg: gentle("neg", (x) => [-x.high, -x.low]),
  abs: gentle("abs", absolute),
  relu: gentle("relu", (x) => [Math.max(x.low, 0), Math.max(x.high, 0)]),
  sign: (writer) => {
    const x = writer.value(isExactOf(...numbers(writer)));
    writer.emit("sign", [x], {}, exact(x.dtype === "uint8" ? 0 : -1, 1, 1));
  },
  floor: rounding("floor"),
  ceil: rounding("ceil"),
  round: rounding("round"),
  isNan: test("isNan"),
  isInf: test("isInf"),
  logicalNot: (writer) => {
    writer.emit("logicalNot", [writer.value(isOf("bool"))], {}, exact(0, 1, 1));
  },
};
