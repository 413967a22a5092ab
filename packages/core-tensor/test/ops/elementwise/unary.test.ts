import { describe, expect, test } from "vitest";
import { unaryPrimitives } from "../../../src/ops/elementwise/unaryPrimitives.ts";
import * as ops from "../../../src/ops/elementwise/index.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { ArgumentError, DTypeError, DeviceError } from "../../../src/tensor/errors.ts";
import { DeviceTensor } from "../../../src/tensor/device.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import { readGolden } from "../../support/golden.ts";

type Row = readonly number[];
interface Golden {
  readonly x: Row;
  readonly unary: Readonly<Record<string, Row>>;
  readonly whole: Readonly<Record<string, Readonly<Record<string, Row>>>>;
}
const golden = readGolden<Golden>(new URL("../fixtures/elementwise.json", import.meta.url));
type UnaryFunction = (x: Tensor) => Tensor;
const byName = (name: string): UnaryFunction => (ops as unknown as Readonly<Record<string, UnaryFunction>>)[name]!;

describe("against NumPy and SciPy, with NaN, infinities and zeros of both signs", () => {
  test.each(Object.keys(golden.unary))("%s", (name) => {
    const y = byName(name)(tensor(Float64Array.from(golden.x)));
    const expected = golden.unary[name]!;
    const found = Array.from(y.dataSync() as Float64Array);
    expect(y.dtype).toBe(name === "isNan" || name === "isInf" ? "bool" : "float64");
    found.forEach((value, i) => {
      const want = expected[i]!;
      const message = `${name}(${golden.x[i]}): ${value} and ${want}`;
      if (Number.isFinite(want) && want !== 0)
        expect(Math.abs(value - want) <= 1e-14 * Math.abs(want), message).toBe(true);
      // Zeros may differ in sign: libraries do not agree on it for sign and relu.
      else expect(Object.is(value, want) || (value === 0 && want === 0), message).toBe(true);
    });
  });

  test.each(["int8", "uint8", "int32"] as const)("whole numbers wrap in %s", (dtype) => {
    const table = golden.whole[dtype]!;
    const a = tensor(Array.from(table["a"]!), { dtype });
    for (const name of ["neg", "abs", "sign"]) {
      const y = byName(name)(a);
      expect(y.dtype).toBe(dtype);
      expect(y.toArray(), name).toEqual(table[name]);
    }
  });
});

test("hand-sized examples", () => {
  expect(ops.relu([-1, 0, 2]).toArray()).toEqual([0, 0, 2]);
  expect(ops.relu(tensor(Int32Array.of(-3, 4))).toArray()).toEqual([0, 4]);
  expect(ops.logicalNot([true, false]).toArray()).toEqual([false, true]);
  expect(ops.exp(0).item()).toBe(1);
  expect(ops.round([0.5, 1.5, -2.5]).toArray()).toEqual([0, 2, -2]);
  expect(ops.isNan(tensor(Int32Array.of(1, 2))).toArray()).toEqual([false, false]);
  expect(ops.digamma(tensor(Float64Array.of(1))).item()).toBeCloseTo(-0.5772156649015329, 14);
  expect(ops.polygamma(tensor(Float64Array.of(1)), 1).item()).toBeCloseTo(Math.PI ** 2 / 6, 14);
  expect(ops.neg(tensor([[1n, -2n]])).toArray()).toEqual([[-1, 2]]);
});

test("empty tensors and scalars keep their shape", () => {
  expect(ops.sin(tensor([], { shape: [0, 3] })).shape).toEqual([0, 3]);
  expect(ops.sin(tensor(0)).shape).toEqual([]);
});

test("results are rounded once, from the double", () => {
  // exp(1) in float16 is 2.71875 whichever way; rsqrt(3) in float32 shows the single rounding.
  expect(ops.rsqrt(tensor(3)).item()).toBe(Math.fround(1 / Math.sqrt(3)));
  expect(ops.exp(tensor(1, { dtype: "float16" })).item()).toBe(2.71875);
  expect(ops.exp(tensor(1, { dtype: "bfloat16" })).item()).toBe(2.71875);
});

const groups: Readonly<Record<"float" | "number" | "bool", readonly DType[]>> = {
  float: ["float32", "float64", "float16", "bfloat16"],
  number: ["float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8", "int8"],
  bool: ["bool"],
};
const allDTypes: readonly DType[] = [...groups.number, "bool", "int4", "uint4", "int2"];

describe("dtypes", () => {
  const numbers = ["neg", "abs", "sign", "relu", "isNan", "isInf"];
  test.each(Object.keys(unaryPrimitives))("%s takes what it says and refuses the rest", (name) => {
    const allowed = numbers.includes(name) ? groups.number : name === "logicalNot" ? groups.bool : groups.float;
    const record = unaryPrimitives[name as keyof typeof unaryPrimitives];
    for (const dtype of allDTypes) {
      const infer = (): unknown => record.infer([{ dtype, shape: [2, "n"] }], { order: 0 });
      if (!allowed.includes(dtype)) expect(infer, `${name} of ${dtype}`).toThrow(DTypeError);
      else {
        const result = name === "isNan" || name === "isInf" ? "bool" : dtype;
        expect(infer()).toEqual([{ dtype: result, shape: [2, "n"] }]);
      }
    }
  });
});

test("errors name the op and suggest what to do", () => {
  expect(() => ops.exp(tensor(Int32Array.of(1)))).toThrow(
    "exp: operand: expected float32, float64, float16 or bfloat16, got int32; use cast",
  );
  expect(() => ops.polygamma([1], -1)).toThrow(ArgumentError);
  expect(() => ops.polygamma([1], 0.5)).toThrow("order");
  expect(() => unaryPrimitives.sin.infer([], {})).toThrow(ArgumentError);
  const elsewhere = new DeviceTensor("float32", [1], {
    backend: "test",
    read: () => Promise.resolve(new Float32Array(1)),
    release: () => undefined,
  });
  expect(() => ops.sin(elsewhere)).toThrow(DeviceError);
});
