import type { DType, NumberArray } from "../../tensor/dtype.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { newLanes, readLanes } from "../../tensor/lanes.ts";
import { polygamma } from "../../tensor/polygamma.ts";
import { erf, erfinv, lgamma } from "../../tensor/special.ts";
import { type DTypeGroup, expectDType, expectInput } from "../checks.ts";
import type { ConcreteType, Primitive, PrimitiveTable } from "../primitive.ts";
import { fromComputedLanes } from "../safeLanes.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { logistic, roundHalfEven, softplus } from "./scalars.ts";

/** The ops with one input that work element by element. */
export type UnaryName =
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sqrt"
  | "rsqrt"
  | "reciprocal"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "sigmoid"
  | "relu"
  | "softplus"
  | "erf"
  | "erfInv"
  | "lgamma"
  | "polygamma"
  | "floor"
  | "ceil"
  | "round"
  | "isNan"
  | "isInf"
  | "logicalNot";

/** The one loop of all of them. Results are doubles, rounded once where `out` is narrower. */
function mapLanes(scalar: (x: number) => number, x: NumberArray, out: NumberArray): void {
  for (let i = 0; i < out.length; i++) out[i] = scalar(x[i] as number);
}

/** A record that maps `scalar` over its input; the result has the input's dtype unless `result` names another. */
function unary<A extends object>(
  name: UnaryName,
  group: DTypeGroup,
  scalarFor: (attributes: A) => (x: number) => number,
  result?: DType,
): Primitive<A> {
  return {
    name,
    infer(inputs) {
      const x = expectInput(name, inputs);
      expectDType(name, "operand", x.dtype, group);
      return [{ dtype: result ?? x.dtype, shape: x.shape }];
    },
    kernel(inputs, attributes, types) {
      const [x] = inputs as readonly [HostTensor];
      const [type] = types as readonly [ConcreteType];
      const out = newLanes(type.dtype, x.size);
      mapLanes(scalarFor(attributes), readLanes(x), out);
      return [fromComputedLanes(name, type.dtype, type.shape, out)];
    },
  };
}

const plain = (name: UnaryName, group: DTypeGroup, scalar: (x: number) => number, result?: DType): Primitive =>
  unary(name, group, () => scalar, result);

const polygammaRecord = unary<OpAttributes["polygamma"]>(
  "polygamma",
  "float",
  ({ order }) =>
    (x) =>
      polygamma(order, x),
);

/** Records of the ops with one input that work element by element. */
export const unaryPrimitives: PrimitiveTable<Pick<OpAttributes, UnaryName>> = {
  neg: plain("neg", "number", (x) => -x),
  abs: plain("abs", "number", Math.abs),
  sign: plain("sign", "number", Math.sign),
  exp: plain("exp", "float", Math.exp),
  expm1: plain("expm1", "float", Math.expm1),
  log: plain("log", "float", Math.log),
  log1p: plain("log1p", "float", Math.log1p),
  sqrt: plain("sqrt", "float", Math.sqrt),
  rsqrt: plain("rsqrt", "float", (x) => 1 / Math.sqrt(x)),
  reciprocal: plain("reciprocal", "float", (x) => 1 / x),
  sin: plain("sin", "float", Math.sin),
  cos: plain("cos", "float", Math.cos),
  tan: plain("tan", "float", Math.tan),
  asin: plain("asin", "float", Math.asin),
  acos: plain("acos", "float", Math.acos),
  atan: plain("atan", "float", Math.atan),
  sinh: plain("sinh", "float", Math.sinh),
  cosh: plain("cosh", "float", Math.cosh),
  tanh: plain("tanh", "float", Math.tanh),
  asinh: plain("asinh", "float", Math.asinh),
  acosh: plain("acosh", "float", Math.acosh),
  atanh: plain("atanh", "float", Math.atanh),
  sigmoid: plain("sigmoid", "float", logistic),
  relu: plain("relu", "number", (x) => Math.max(x, 0)),
  softplus: plain("softplus", "float", softplus),
  erf: plain("erf", "float", erf),
  erfInv: plain("erfInv", "float", erfinv),
  lgamma: plain("lgamma", "float", lgamma),
  polygamma: {
    ...polygammaRecord,
    infer(inputs, attributes) {
      const { order } = attributes;
      if (!Number.isInteger(order) || order < 0) {
        throw new ArgumentError({
          op: "polygamma",
          argument: "order",
          expected: "a whole number >= 0",
          found: String(order),
        });
      }
      return polygammaRecord.infer(inputs, attributes);
    },
  },
  floor: plain("floor", "float", Math.floor),
  ceil: plain("ceil", "float", Math.ceil),
  round: plain("round", "float", roundHalfEven),
  isNan: plain("isNan", "number", (x) => (x !== x ? 1 : 0), "bool"),
  isInf: plain("isInf", "number", (x) => (x === Infinity || x === -Infinity ? 1 : 0), "bool"),
  logicalNot: plain("logicalNot", "bool", (x) => 1 - x),
};
