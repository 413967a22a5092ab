import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { transpose } from "../../../src/ops/movement/index.ts";
import { all, any, max, mean, min, prod, sum } from "../../../src/ops/reduce/index.ts";
import { reductionPrimitives } from "../../../src/ops/reduce/reductionRecords.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import { AxisError, DTypeError, ShapeError } from "../../../src/tensor/errors.ts";
import { readGolden } from "../../support/golden.ts";

type Row = readonly number[];
const golden = readGolden<Readonly<Record<"x" | "shape" | "sum" | "mean" | "prod" | "max" | "min", Row>>>(
  new URL("../fixtures/reduce.json", import.meta.url),
);

test("hand-sized examples", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(sum(x).item()).toBe(21);
  expect(sum(x, 0).toArray()).toEqual([5, 7, 9]);
  expect(sum(x, -1).toArray()).toEqual([6, 15]);
  expect(sum(x, [1], { keepDims: true }).toArray()).toEqual([[6], [15]]);
  expect(sum(x, [0, 1], { keepDims: true }).toArray()).toEqual([[21]]);
  expect(sum(x, []).toArray()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(mean(x, 1).toArray()).toEqual([2, 5]);
  expect(prod(x, 0).toArray()).toEqual([4, 10, 18]);
  expect(max(x, 0).toArray()).toEqual([4, 5, 6]);
  expect(min(x, 1).toArray()).toEqual([1, 4]);
  expect(
    any(
      [
        [true, false],
        [false, false],
      ],
      1,
    ).toArray(),
  ).toEqual([true, false]);
  expect(
    all(
      [
        [true, true],
        [true, false],
      ],
      1,
    ).toArray(),
  ).toEqual([true, false]);
  expect(sum(tensor(5)).item()).toBe(5);
  expect(max(5).item()).toBe(5);
});

test("non-finite values as in NumPy", () => {
  const x = tensor(Float64Array.from(golden.x), { shape: golden.shape });
  expect(sum(x, 1).dataSync()).toEqual(Float64Array.from(golden.sum));
  expect(mean(x, 0).dataSync()).toEqual(Float64Array.from(golden.mean));
  expect(prod(x, 1).dataSync()).toEqual(Float64Array.from(golden.prod));
  // Of zeros of both signs NumPy gives the first, we give the larger or smaller one: + 0 makes them equal.
  expect(Array.from(max(x, 1).dataSync() as Float64Array, (value) => value + 0)).toEqual(
    golden.max.map((value) => value + 0),
  );
  expect(Array.from(min(x, 0).dataSync() as Float64Array, (value) => value + 0)).toEqual(
    golden.min.map((value) => value + 0),
  );
});

test("NaN wins over every number", () => {
  const x = [
    [1, NaN, Infinity],
    [NaN, -Infinity, 2],
    [3, 1, 2],
  ];
  expect(max(x, 1).toArray()).toEqual([NaN, NaN, 3]);
  expect(min(x, 1).toArray()).toEqual([NaN, NaN, 1]);
});

test("nothing to reduce", () => {
  const empty = tensor([], { shape: [0, 2] });
  expect(sum(empty, 0).toArray()).toEqual([0, 0]);
  expect(prod(empty, 0).toArray()).toEqual([1, 1]);
  expect(mean(empty, 0).toArray()).toEqual([NaN, NaN]);
  expect(any(tensor([], { dtype: "bool" })).item()).toBe(0);
  expect(all(tensor([], { dtype: "bool" })).item()).toBe(1);
  expect(sum(empty, 1).shape).toEqual([0]);
  expect(max(empty, 1).shape).toEqual([0]);
  expect(() => max(empty, 0)).toThrow("max: operand: expected elements along axis 0, got shape [0, 2]");
  expect(() => min(tensor([]))).toThrow(ShapeError);
});

test("no axes leave every value as it is, -0 too", () => {
  for (const reduce of [sum, mean, prod, max, min]) {
    expect(reduce(tensor([-0, Infinity, Number.NaN]), []).toArray()).toEqual([-0, Infinity, Number.NaN]);
  }
});

test("sums are taken in doubles and rounded once", () => {
  const x = Float32Array.of(1e8, 1, -1e8, 1, 2 ** -20);
  expect(sum(tensor(x)).item()).toBe(Math.fround(2 + 2 ** -20));
  const halves = tensor(new Array<number>(4096).fill(1), { dtype: "float16" });
  expect(sum(halves).item()).toBe(4096);
  expect(mean(halves).item()).toBe(1);
});

test("whole numbers wrap exactly", () => {
  const ints = fc.array(fc.integer(), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(ints, fc.constantFrom("int32", "int8", "uint8"), (values, dtype: DType) => {
      const x = tensor(Int32Array.from(values));
      const narrow =
        dtype === "int32" ? x : tensor(dtype === "int8" ? Int8Array.from(values) : Uint8Array.from(values));
      const wide = Array.from(narrow.dataSync() as Int32Array, BigInt);
      const bits = dtype === "int32" ? 32 : 8;
      const wrap = (value: bigint): number =>
        Number(dtype === "uint8" ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value));
      expect(sum(narrow).item()).toBe(wrap(wide.reduce((a, b) => a + b, 0n)));
      expect(prod(narrow).item()).toBe(wrap(wide.reduce((a, b) => a * b, 1n)));
    }),
  );
  expect(sum(tensor([2n ** 52n, 1n])).dataSync()).toEqual(BigInt64Array.of(2n ** 52n + 1n));
  expect(() => prod(tensor([2n ** 40n, 2n ** 40n]))).toThrow("prod: int64 result 0");
});

test("any set of axes agrees with one axis after the other, on views too", () => {
  const shape = fc.tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 1, max: 3 })));
  fc.assert(
    fc.property(
      shape,
      fc.subarray([0, 1, 2, 3]),
      fc.boolean(),
      fc.infiniteStream(fc.integer({ min: -9, max: 9 })),
      (dims, axes, turned, values) => {
        const size = dims.reduce((a, b) => a * b, 1);
        const base = tensor(
          Float64Array.from({ length: size }, () => values.next().value as number),
          { shape: dims },
        );
        const x = turned ? transpose(base, [2, 0, 3, 1]) : base;
        for (const reduce of [sum, max, min, prod]) {
          let slow = x as ReturnType<typeof sum>;
          for (const axis of axes) slow = reduce(slow, axis, { keepDims: true });
          expect(reduce(x, axes, { keepDims: true }).toArray()).toEqual(slow.toArray());
          expect(reduce(x, axes).shape).toEqual(x.shape.filter((_, axis) => !axes.includes(axis)));
        }
        expect(sum(x).item()).toBe((x.dataSync() as Float64Array).reduce((a, b) => a + b, 0));
      },
    ),
  );
});

describe("dtypes", () => {
  const floats: readonly DType[] = ["float32", "float64", "float16", "bfloat16"];
  const numbers: readonly DType[] = [...floats, "int32", "int64", "uint8", "int8"];
  test.each(Object.keys(reductionPrimitives))("%s", (name) => {
    const allowed = name === "any" || name === "all" ? ["bool"] : name === "mean" ? floats : numbers;
    const record = reductionPrimitives[name as keyof typeof reductionPrimitives];
    for (const dtype of [...numbers, "bool", "int4", "uint4", "int2"] as const) {
      const infer = (): unknown => record.infer([{ dtype, shape: ["n", 3] }], { axes: [0], keepDims: true });
      if (allowed.includes(dtype)) expect(infer()).toEqual([{ dtype, shape: [1, 3] }]);
      else expect(infer, `${name} of ${dtype}`).toThrow(DTypeError);
    }
  });
});

test("errors", () => {
  expect(() => sum([1, 2], 1)).toThrow(AxisError);
  expect(() => sum([[1, 2]], [0, -2])).toThrow("each axis once");
  expect(() => mean(tensor(Int32Array.of(1, 2)))).toThrow("use cast");
  expect(() =>
    reductionPrimitives.sum.infer([{ dtype: "float32", shape: [2, 2] }], { axes: [1, 0], keepDims: false }),
  ).toThrow(AxisError);
});
