import { add, broadcastTo, cast, cos, equal, mul, reshape, sub } from "../../../../ops/index.ts";
import { type Dim, dimsProduct, divideDims, subDims } from "../../../../tensor/dims.ts";
import { type DType, isFloat } from "../../../../tensor/dtype.ts";
import { fromLanes, readLanes } from "../../../../tensor/lanes.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { OperatorReader, OperatorTable } from "../context.ts";
import { dimsValue } from "../dims.ts";
import { invalid, unsupported } from "../unsupported.ts";
import type { Value } from "../value.ts";

/** Dimensions from `start` to `end` (opset 15), counted from the end when negative and moved into the rank. */
const shapeReader: OperatorReader = (context) => {
  const shape = context.shape(0);
  const { attributes } = context;
  const bound = (value: number): number =>
    Math.min(Math.max(value < 0 ? value + shape.length : value, 0), shape.length);
  const dims = shape.slice(bound(attributes.int("start", 0)), bound(attributes.int("end", shape.length)));
  return dimsValue("int64", [dims.length], dims);
};

const constantReader: OperatorReader = ({ attributes, surroundings }) => {
  const [name] = attributes.names;
  switch (name) {
    case "value":
      return surroundings.constant(attributes.tensor(name));
    case "value_float":
      return fromLanes("float32", [], [attributes.float(name)]);
    case "value_floats":
      return vector("float32", attributes.floats(name));
    case "value_int":
      return fromLanes("int64", [], [attributes.int(name)]);
    case "value_ints":
      return vector("int64", attributes.ints(name));
    default:
      return unsupported(name === undefined ? "without a value" : `with the attribute "${name}"`);
  }
};

function vector(dtype: DType, values: readonly number[]): Value {
  return fromLanes(dtype, [values.length], values);
}

const constantOfShape: OperatorReader = (context) => {
  const dims = context.dims(0, "the shape");
  const value = context.attributes.has("value")
    ? context.surroundings.constant(context.attributes.tensor("value"))
    : fromLanes("float32", [1], [0]);
  if (value.size !== 1) return invalid(`expected a value of one element, got ${value.size}`);
  const scalar = fromLanes(value.dtype, [], readLanes(value));
  if (dims.length === 1 && typeof dims[0] === "number" && dims[0] <= 64 && value.dtype === "int64") {
    return fromLanes("int64", [dims[0]], new Array<number>(dims[0]).fill(Number(value.dataSync()[0])));
  }
  return broadcastTo(context.surroundings.tensor(scalar, `${context.node.output[0]}/value`), context.liveShape(dims));
};

/** start, start + delta, …; bounds may be dimensions. */
const range: OperatorReader = (context) => {
  const dtype = context.dtype(0);
  const [start, limit] = [context.dims(0, "the start")[0], context.dims(1, "the limit")[0]] as [Dim, Dim];
  const step = context.numbers(2, "the step")[0] as number;
  if (step === 0) return invalid("a step of 0");
  const span = subDims(limit, start);
  const length =
    typeof span === "number"
      ? Math.max(Math.ceil(span / step), 0)
      : (divideDims(span, step) ?? unsupported("a symbolic range that the step does not divide"));
  const base = context.iota(context.live(length), isFloat(dtype) ? "float64" : dtype);
  const scaled = step === 1 ? base : mul(base, step);
  if (typeof start !== "number") return add(cast(scaled, dtype), context.tensor(0));
  return cast(start === 0 ? scaled : add(scaled, start), dtype);
};

const eyeLike: OperatorReader = (context) => {
  const [rows, columns] = context.liveShape(context.shape(0)) as [number, number];
  const { attributes } = context;
  const dtype = attributes.has("dtype") ? context.elementType(attributes.int("dtype")) : context.dtype(0);
  const row = reshape(context.iota(rows, "int32"), [rows, 1]);
  return cast(equal(add(row, attributes.int("k", 0)), context.iota(columns, "int32")), dtype);
};

/** `a0 - a1 cos(2 pi i / n) + a2 cos(4 pi i / n)` with n the length (periodic) or one less. */
const window =
  (a0: number, a1: number, a2 = 0): OperatorReader =>
  (context) => {
    const size = context.ints(0, "the size")[0] ?? invalid("expected a size");
    const divisor = context.attributes.flag("periodic", true) ? size : size - 1;
    const places = context.iota(context.live(size), "float64");
    const term = (times: number): Tensor => cos(mul(places, (2 * Math.PI * times) / divisor));
    const value = add(sub(a0, mul(term(1), a1)), mul(term(2), a2));
    return cast(value, context.elementType(context.attributes.int("output_datatype", 1)));
  };

/** Operators that make values, and those that ask for dimensions. */
export const creation: OperatorTable = {
  Shape: shapeReader,
  Size: (context) => dimsValue("int64", [], [dimsProduct(context.shape(0))]),
  Constant: constantReader,
  ConstantOfShape: constantOfShape,
  Range: range,
  EyeLike: eyeLike,
  HannWindow: window(0.5, 0.5),
  HammingWindow: window(25 / 46, 21 / 46),
  BlackmanWindow: window(0.42, 0.5, 0.08),
};
