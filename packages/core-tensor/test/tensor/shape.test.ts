import fc from "fast-check";
import { expect, test } from "vitest";
import { AxisError, ShapeError } from "../../src/tensor/errors.ts";
import {
  broadcastShapes,
  checkShape,
  normalizeAxes,
  normalizeAxis,
  resolveReshape,
  rowMajorStrides,
  sizeOf,
} from "../../src/tensor/shape.ts";

test("broadcasting follows NumPy's rule", () => {
  expect(broadcastShapes("add", [2, 1, 3], [4, 1])).toEqual([2, 4, 3]);
  expect(broadcastShapes("add", [], [2])).toEqual([2]);
  expect(broadcastShapes("add", ["batch", 1], [5])).toEqual(["batch", 5]);
  expect(broadcastShapes("add", [0], [1])).toEqual([0]);
  expect(() => broadcastShapes("add", [0], [2])).toThrow(ShapeError);
  expect(() => broadcastShapes("add", ["batch"], [3])).toThrow(/got \[batch\] and \[3\]/);
});

test("broadcasting is commutative and associative, and 1s are neutral", () => {
  const shape = fc.array(fc.constantFrom<number | string>(1, 2, "batch"), { maxLength: 4 });
  const attempt = (...shapes: (number | string)[][]): unknown => {
    try {
      return broadcastShapes("op", ...shapes);
    } catch {
      return "refused";
    }
  };
  fc.assert(
    fc.property(shape, shape, shape, (a, b, c) => {
      expect(attempt(a, b)).toEqual(attempt(b, a));
      expect(attempt(a, b, c)).toEqual(attempt(c, b, a));
      expect(attempt(a, [])).toEqual(a);
    }),
  );
});

test("axes count from the end when negative", () => {
  expect(normalizeAxis("sum", -1, 3)).toBe(2);
  expect(normalizeAxes("sum", [2, -3], 3)).toEqual([0, 2]);
  expect(normalizeAxes("sum", undefined, 2)).toEqual([0, 1]);
  expect(() => normalizeAxis("sum", 3, 3)).toThrow(/sum: axis: expected a whole number in \[-3, 2\], got 3/);
  expect(() => normalizeAxis("sum", 0, 0)).toThrow(AxisError);
  expect(() => normalizeAxes("sum", [0, -2], 2)).toThrow(/each axis once/);
});

test("a reshape may leave one dimension open, also with symbols", () => {
  expect(resolveReshape("reshape", [4, 6], [3, -1])).toEqual([3, 8]);
  expect(resolveReshape("reshape", ["batch", 28, 28], [-1, 784])).toEqual(["batch", 784]);
  expect(resolveReshape("reshape", ["batch", "rows", 3], [-1, 3])).toEqual(["batch*rows", 3]);
  expect(() => resolveReshape("reshape", [4], [3, -1])).toThrow(ShapeError);
  expect(() => resolveReshape("reshape", [0], [0, -1])).toThrow(ShapeError);
  expect(() => resolveReshape("reshape", [4], [5])).toThrow(/expected 4 elements/);
  expect(() => resolveReshape("reshape", ["batch"], [5])).toThrow(ShapeError);
});

test("a shape is whole, not negative and countable", () => {
  expect(() => checkShape("zeros", [-1])).toThrow(ShapeError);
  expect(() => checkShape("zeros", [Number.NaN])).toThrow(ShapeError);
  expect(() => checkShape("zeros", [2 ** 30, 2 ** 30])).toThrow(/2\^53/);
  expect(rowMajorStrides([2, 3, 4])).toEqual([12, 4, 1]);
  expect(sizeOf([])).toBe(1);
});
