import { type DType, type NumberArray, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { newLanes, readLanes } from "../../tensor/lanes.ts";
import { broadcastShapes, sizeOf } from "../../tensor/shape.ts";
import { type DTypeGroup, expectDType, expectInputs, expectSameDType } from "../checks.ts";
import type { ConcreteType, Primitive, PrimitiveTable } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import { fromComputedLanes } from "../safeLanes.ts";
import type { OpAttributes, OpName } from "../vocabulary.ts";
import { broadcastLoop, forEachRun } from "./broadcastLoop.ts";
import { floorModulo, power, wholeFloorModulo, wholeQuotient } from "./scalars.ts";

/** The ops with two inputs that work element by element. */
export type BinaryName = Extract<
  OpName,
  | "add" | "sub" | "mul" | "div" | "pow" | "rem" | "atan2" | "minimum" | "maximum"
  | "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual"
  | "logicalAnd" | "logicalOr" | "logicalXor"
>;

type Scalar = (x: number, y: number) => number;

/** The one loop of all of them: a run of outputs, along which each operand advances by its own step. */
function combineRun(
  scalar: Scalar,
  out: NumberArray,
  start: number,
  length: number,
  a: NumberArray,
  aStart: number,
  aStep: number,
  b: NumberArray,
  bStart: number,
  bStep: number,
): void {
  for (let i = start, end = start + length, p = aStart, q = bStart; i < end; i++, p += aStep, q += bStep) {
    out[i] = scalar(a[p] as number, b[q] as number);
  }
}

interface BinaryOptions {
  /** The function for whole numbers, where it is another one. */
  readonly whole?: Scalar;
  /** The function for int32, where doubles do not carry the exact result. */
  readonly int32?: Scalar;
  /** Dtype of the result. Default: that of the operands. */
  readonly result?: DType;
}

function scalarFor(dtype: DType, scalar: Scalar, { whole, int32 }: BinaryOptions): Scalar {
  if (dtype === "int32" && int32 !== undefined) return int32;
  return isFloat(dtype) ? scalar : (whole ?? scalar);
}

/** A record that applies `scalar` to pairs of elements of two operands that broadcast. */
function binary(name: BinaryName, group: DTypeGroup, scalar: Scalar, options: BinaryOptions = {}): Primitive {
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
      const apply = scalarFor(a.dtype, scalar, options);
      const loop = broadcastLoop(type.shape, [a.shape, b.shape]);
      const [aStep, bStep] = loop.steps as readonly [number, number];
      const left = readLanes(a);
      const right = readLanes(b);
      const out = newLanes(type.dtype, sizeOf(type.shape));
      forEachRun(loop, (start, offsets) => {
        const [p, q] = offsets as readonly [number, number];
        combineRun(apply, out, start, loop.length, left, p, aStep, right, q, bStep);
      });
      return [fromComputedLanes(name, type.dtype, type.shape, out)];
    },
  };
}

/** Records of the ops with two inputs that work element by element. */
export const binaryPrimitives: PrimitiveTable<Pick<OpAttributes, BinaryName>> = {
  add: binary("add", "number", (x, y) => x + y),
  sub: binary("sub", "number", (x, y) => x - y),
  mul: binary("mul", "number", (x, y) => x * y, { int32: Math.imul }),
  div: binary("div", "number", (x, y) => x / y, { whole: wholeQuotient }),
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
