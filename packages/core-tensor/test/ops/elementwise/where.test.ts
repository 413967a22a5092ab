import { expect, test } from "vitest";
import { where, whereRecord } from "../../../src/ops/elementwise/where.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../../src/tensor/errors.ts";

test("chooses element by element, with broadcasting", () => {
  expect(where([true, false], [1, 2], [3, 4]).toArray()).toEqual([1, 4]);
  expect(where([[true], [false]], [1, 2], 0).toArray()).toEqual([
    [1, 2],
    [0, 0],
  ]);
  expect(where(true, 1, 2).toArray()).toBe(1);
  expect(where(tensor([], { shape: [0, 2], dtype: "bool" }), 1, [1, 2]).shape).toEqual([0, 2]);
});

test("values pass unchanged, in every dtype that is not packed", () => {
  const huge = 2n ** 62n + 1n;
  expect(where([true, false], tensor([huge, 1n]), tensor([2n, -huge])).dataSync()).toEqual(
    BigInt64Array.of(huge, -huge),
  );
  expect(where([true, false], tensor([0.1, 1], { dtype: "bfloat16" }), 7).toArray()).toEqual([0.10009765625, 7]);
  expect(where([true, false], [true, true], [false, false]).toArray()).toEqual([true, false]);
  expect(where([true, false], [NaN, 1], [0, -0]).dataSync()).toEqual(Float32Array.of(NaN, -0));
});

test("errors", () => {
  expect(() => where([1, 0], 1, 2)).toThrow("where: condition: expected bool, got float32; use cast");
  expect(() => where([true], tensor(Int32Array.of(1)), tensor([1]))).toThrow(DTypeError);
  expect(() => where([true, false], [1, 2, 3], 0)).toThrow(ShapeError);
  expect(() => where([true], tensor([1], { dtype: "int4" }), tensor([1], { dtype: "int4" }))).toThrow(DTypeError);
  expect(() => whereRecord.infer([], {})).toThrow(ArgumentError);
});
