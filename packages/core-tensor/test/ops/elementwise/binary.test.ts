import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binaryPrimitives } from "../../../src/ops/elementwise/binaryPrimitives.ts";
import * as ops from "../../../src/ops/elementwise/index.ts";
import { transpose } from "../../../src/ops/movement/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../../src/tensor/errors.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { readGolden } from "../../support/golden.ts";

type Row = readonly number[];
interface Golden {
  readonly left: Row;
  readonly right: Row;
  readonly binary: Readonly<Record<string, Row>>;
  readonly whole: Readonly<Record<string, Readonly<Record<string, Row>>>>;
}
const golden = readGolden<Golden>(new URL("../fixtures/elementwise.json", import.meta.url));
type BinaryFunction = (a: Tensor, b: Tensor) => Tensor;
const byName = (name: string): BinaryFunction => (ops as unknown as Readonly<Record<string, BinaryFunction>>)[name]!;

describe("against NumPy", () => {
  test.each(Object.keys(golden.binary))("%s of floats, with NaN, infinities and zeros of both signs", (name) => {
    const y = byName(name)(tensor(Float64Array.from(golden.left)), tensor(Float64Array.from(golden.right)));
    const expected = golden.binary[name]!;
    Array.from(y.dataSync() as Float64Array).forEach((value, i) => {
      const want = expected[i]!;
      const message = `${name}(${golden.left[i]}, ${golden.right[i]}): ${value} and ${want}`;
      if (Number.isFinite(want) && want !== 0)
        expect(Math.abs(value - want) <= 1e-14 * Math.abs(want), message).toBe(true);
      else if (name === "minimum" || name === "maximum")
        expect(value === want || (value !== value && want !== want), message).toBe(true);
      else expect(Object.is(value, want) || (y.dtype === "bool" && value === want), message).toBe(true);
    });
  });

  test.each(["int8", "uint8", "int32"] as const)("%s", (dtype) => {
    const table = golden.whole[dtype]!;
    const a = tensor(Array.from(table["a"]!), { dtype });
    const b = tensor(Array.from(table["b"]!), { dtype });
    for (const name of ["add", "sub", "mul", "div", "rem", "minimum", "maximum"]) {
      expect(Array.from(byName(name)(a, b).dataSync() as Int32Array, Number), name).toEqual(
        Array.from(table[name]!, (x) => x + 0),
      );
    }
  });
});

test("hand-sized examples", () => {
  expect(ops.add([1, 2], [10, 20]).toArray()).toEqual([11, 22]);
  expect(ops.sub([[1], [2]], [10, 20]).toArray()).toEqual([
    [-9, -19],
    [-8, -18],
  ]);
  expect(ops.mul(2, [1, 2]).toArray()).toEqual([2, 4]);
  expect(ops.div(tensor(Int32Array.of(7, -7, 7)), tensor(Int32Array.of(2, 2, 0))).toArray()).toEqual([3, -3, 0]);
  expect(ops.rem(tensor(Int32Array.of(7, -7, 7)), tensor(Int32Array.of(-3, 3, 0))).toArray()).toEqual([-2, 2, 0]);
  expect(ops.equal([true, false], [true, true]).toArray()).toEqual([true, false]);
  expect(ops.logicalAnd([true, false, true], [[true], [false]]).toArray()).toEqual([
    [true, false, true],
    [false, false, false],
  ]);
  expect(ops.logicalOr([true, false], [false, false]).toArray()).toEqual([true, false]);
  expect(ops.logicalXor([true, false], [true, true]).toArray()).toEqual([false, true]);
  expect(ops.greaterEqual(tensor(Int32Array.of(1, 2)), 2).toArray()).toEqual([false, true]);
});

test("plain numbers take the dtype of the tensor beside them", () => {
  expect(ops.add(tensor(Uint8Array.of(250, 255)), 3).toArray()).toEqual([253, 2]);
  expect(ops.mul(0.5, tensor(Float64Array.of(0.1))).item()).toBe(0.05);
  expect(ops.mul(tensor(1, { dtype: "float16" }), 0.1).item()).toBe(0.0999755859375);
});

test("int32 products are exact modulo 2^32", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      const product = ops.mul(tensor(Int32Array.of(a)), tensor(Int32Array.of(b))).item();
      expect(product).toBe(Number(BigInt.asIntN(32, BigInt(a) * BigInt(b))));
    }),
  );
});

test("int64 is exact within 2^53 and refuses to guess beyond", () => {
  const big = tensor(BigInt64Array.of(2n ** 52n));
  expect(ops.add(big, tensor(BigInt64Array.of(1n))).dataSync()).toEqual(BigInt64Array.of(2n ** 52n + 1n));
  expect(ops.div(tensor(BigInt64Array.of(2n ** 53n - 1n, -7n)), tensor(BigInt64Array.of(3n, 2n))).dataSync()).toEqual(
    BigInt64Array.of((2n ** 53n - 1n) / 3n, -3n),
  );
  expect(() => ops.mul(big, 4)).toThrow("mul: int64 result 0");
  expect(() => ops.add(tensor(BigInt64Array.of(2n ** 60n)), 1)).toThrow(RangeError);
});

test("strided views, zero-size dimensions and broadcasting", () => {
  const x = transpose(
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  );
  expect(ops.add(x, [10, 20]).toArray()).toEqual([
    [11, 24],
    [12, 25],
    [13, 26],
  ]);
  expect(ops.add(tensor([], { shape: [0, 3] }), [1, 2, 3]).shape).toEqual([0, 3]);
  expect(ops.add(tensor([], { shape: [2, 0] }), tensor([[1], [2]])).shape).toEqual([2, 0]);
});

test("broadcasting agrees with indices", () => {
  const value = fc.integer({ min: -100, max: 100 });
  const dim = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(
      dim,
      dim,
      dim,
      fc.boolean(),
      fc.boolean(),
      fc.array(value, { minLength: 27, maxLength: 27 }),
      (n, m, k, cutA, cutB, data) => {
        const aShape = [n, cutA ? 1 : m, k];
        const bShape = [m, cutB ? 1 : k];
        const a = tensor(data.slice(0, aShape[0]! * aShape[1]! * aShape[2]!), { shape: aShape });
        const b = tensor(data.slice(0, bShape[0]! * bShape[1]!), { shape: bShape });
        const left = a.toArray() as number[][][];
        const right = b.toArray() as number[][];
        const expected = Array.from({ length: n }, (_, i) =>
          Array.from({ length: m }, (_, j) =>
            Array.from({ length: k }, (_, l) => left[i]![cutA ? 0 : j]![l]! - right[j]![cutB ? 0 : l]!),
          ),
        );
        expect(ops.sub(a, b).toArray()).toEqual(expected);
      },
    ),
  );
});

test("symbolic dimensions broadcast by name", () => {
  const infer = (a: readonly (number | string)[], b: readonly (number | string)[]): unknown =>
    binaryPrimitives.add.infer(
      [
        { dtype: "float32", shape: a },
        { dtype: "float32", shape: b },
      ],
      {},
    )[0]?.shape;
  expect(infer(["n", 3], ["n", 1])).toEqual(["n", 3]);
  expect(infer(["n", 1], [4])).toEqual(["n", 4]);
  expect(() => infer(["n"], ["m"])).toThrow(ShapeError);
});

describe("dtypes", () => {
  const floats: readonly DType[] = ["float32", "float64", "float16", "bfloat16"];
  const numbers: readonly DType[] = [...floats, "int32", "int64", "uint8", "int8"];
  const logic = ["logicalAnd", "logicalOr", "logicalXor"];
  test.each(Object.keys(binaryPrimitives))("%s takes what it says and refuses the rest", (name) => {
    const allowed = logic.includes(name)
      ? ["bool"]
      : name === "equal" || name === "notEqual"
        ? [...numbers, "bool"]
        : name === "pow" || name === "atan2"
          ? floats
          : numbers;
    const compares = /equal|less|greater|logical/i.test(name);
    const record = binaryPrimitives[name as keyof typeof binaryPrimitives];
    for (const dtype of [...numbers, "bool", "int4", "uint4", "int2"] as const) {
      const infer = (): unknown =>
        record.infer(
          [
            { dtype, shape: [2] },
            { dtype, shape: [] },
          ],
          {},
        );
      if (allowed.includes(dtype)) expect(infer()).toEqual([{ dtype: compares ? "bool" : dtype, shape: [2] }]);
      else expect(infer, `${name} of ${dtype}`).toThrow(DTypeError);
    }
  });
});

test("errors", () => {
  expect(() => ops.add(tensor(Float32Array.of(1)), tensor(Int32Array.of(1)))).toThrow(
    "add: second operand: expected float32, got int32; use cast",
  );
  expect(() => ops.add([1, 2], [1, 2, 3])).toThrow(ShapeError);
  expect(() => binaryPrimitives.add.infer([{ dtype: "float32", shape: [] }], {})).toThrow(ArgumentError);
});
