import { type DType, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { newLanes, readLanes } from "../../tensor/lanes.ts";
import { broadcastShapes, sizeOf } from "../../tensor/shape.ts";
import { type DTypeGroup, expectDType, expectInputs, expectSameDType } from "../checks.ts";
import type { ConcreteType, Primitive, PrimitiveTable } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import { fromComputedLanes } from "../safeLanes.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { type BinaryRun, addRun, divRun, mulRun, subRun } from "./arithmeticRuns.ts";
import { broadcastLoop, forEachRun } from "./broadcastLoop.ts";
import { floorModulo, power, wholeFloorModulo, wholeQuotient } from "./scalars.ts";

/** The ops with two inputs that work element by element. */
export type BinaryName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "rem"
  | "atan2"
  | "minimum"
  | "maximum"
  | "equal"
  | "notEqual"
  | "less"
  | "lessEqual"
  | "greater"
  | "greaterEqual"
  | "logicalAnd"
  | "logicalOr"
  | "logicalXor";

type Scalar = (x: number, y: number) => number;

/** The loop for any scalar function. */
const runOf =
  (scalar: Scalar): BinaryRun =>
  (out, start, length, a, p, aStep, b, q, bStep) => {
    for (let i = start, end = start + length; i < end; i++, p += aStep, q += bStep) {
      out[i] = scalar(a[p] as number, b[q] as number);
    }
  };

interface BinaryOptions {
  /** The function for whole numbers, where it is another one. */
  readonly whole?: Scalar;
  /** The function for int32, where doubles do not carry the exact result. */
  readonly int32?: Scalar;
  /** Dtype of the result. Default: that of the operands. */
  readonly result?: DType;
}

/** The loop for operands of this dtype. */
function runFor(dtype: DType, float: BinaryRun, { whole, int32 }: BinaryOptions): BinaryRun {
  if (dtype === "int32" && int32 !== undefined) return runOf(int32);
  return isFloat(dtype) || whole === undefined ? float : runOf(whole);
}

/** A record that applies `scalar` to pairs of elements of two operands that broadcast. */
function binary(
  name: BinaryName,
  group: DTypeGroup,
  scalar: Scalar | { readonly run: BinaryRun },
  options: BinaryOptions = {},
): Primitive {
  const float = typeof scalar === "function" ? runOf(scalar) : scalar.run;
  return {
    name,
    infer(inputs) {
      const [a, b] = expectInputs(name, inputs, 2) as readonly [ValueType, ValueType];
      expectDType(name, "first operand", a.dtype, group);
      expectDType(name, "second operand", b.dtype, group);
      expectSameDType(name, "second operand", b.dtype, a.dtype);
      return [{ dtype: options.result ?? a.dtype, shape: broadcastShapes(name, a.shape, b.shape) }];
    },
    kernel(inputs, _, types) {
      const [a, b] = inputs as readonly [HostTensor, HostTensor];
      const [type] = types as readonly [ConcreteType];
      const run = runFor(a.dtype, float, options);
      const loop = broadcastLoop(type.shape, [a.shape, b.shape]);
      const [aStep, bStep] = loop.steps as readonly [number, number];
      const left = readLanes(a);
      const right = readLanes(b);
      const out = newLanes(type.dtype, sizeOf(type.shape));
      forEachRun(loop, (start, offsets) => {
        const [p, q] = offsets as readonly [number, number];
        run(out, start, loop.length, left, p, aStep, right, q, bStep);
      });
      return [fromComputedLanes(name, type.dtype, type.shape, out)];
    },
  };
}

/** Records of the ops with two inputs that work element by element. */
export const binaryPrimitives: PrimitiveTable<Pick<OpAttributes, BinaryName>> = {
  add: binary("add", "number", { run: addRun }),
  sub: binary("sub", "number", { run: subRun }),
  mul: binary("mul", "number", { run: mulRun }, { int32: Math.imul }),
  div: binary("div", "number", { run: divRun }, { whole: wholeQuotient }),
  pow: binary("pow", "float", power),
  rem: binary("rem", "number", floorModulo, { whole: wholeFloorModulo }),
  atan2: binary("atan2", "float", Math.atan2),
  minimum: binary("minimum", "number", Math.min),
  maximum: binary("maximum", "number", Math.max),
  equal: binary("equal", "any", (x, y) => (x === y ? 1 : 0), { result: "bool" }),
  notEqual: binary("notEqual", "any", (x, y) => (x !== y ? 1 : 0), { result: "bool" }),
  less: binary("less", "number", (x, y) => (x < y ? 1 : 0), { result: "bool" }),
  lessEqual: binary("lessEqual", "number", (x, y) => (x <= y ? 1 : 0), { result: "bool" }),
  greater: binary("greater", "number", (x, y) => (x > y ? 1 : 0), { result: "bool" }),
  greaterEqual: binary("greaterEqual", "number", (x, y) => (x >= y ? 1 : 0), { result: "bool" }),
  logicalAnd: binary("logicalAnd", "bool", (x, y) => x & y),
  logicalOr: binary("logicalOr", "bool", (x, y) => x | y),
  logicalXor: binary("logicalXor", "bool", (x, y) => x ^ y),
};
