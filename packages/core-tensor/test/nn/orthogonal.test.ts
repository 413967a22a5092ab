import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, ShapeError, matmul, random, reshape, transpose } from "../../src/index.ts";
import { orthogonal } from "../../src/nn/index.ts";

test("rows or columns, whichever are fewer, are orthonormal to 1e-12", () => {
  const dim = fc.integer({ min: 1, max: 24 });
  fc.assert(
    fc.property(dim, fc.array(dim, { minLength: 1, maxLength: 2 }), fc.integer(), (rows, rest, seed) => {
      const x = orthogonal()(random.key(seed), [rows, ...rest], "float64");
      expect(x.shape).toEqual([rows, ...rest]);
      const matrix = reshape(x, [rows, -1]);
      const columns = matrix.shape[1] as number;
      const gram = (
        rows <= columns ? matmul(matrix, transpose(matrix)) : matmul(transpose(matrix), matrix)
      ).toArray() as number[][];
      gram.forEach((row, i) =>
        row.forEach((value, j) => expect(Math.abs(value - (i === j ? 1 : 0))).toBeLessThan(1e-12)),
      );
    }),
    { numRuns: 40 },
  );
});

test("larger matrices stay orthogonal", () => {
  const matrix = orthogonal()(random.key(0), [120, 120], "float64");
  const gram = matmul(matrix, transpose(matrix)).dataSync() as Float64Array;
  gram.forEach((value, i) => expect(Math.abs(value - (i % 121 === 0 ? 1 : 0))).toBeLessThan(1e-12));
});

test("gain, dtype, determinism, nothing at all", () => {
  const plain = orthogonal()(random.key(1), [3, 5], "float64").dataSync() as Float64Array;
  const scaled = orthogonal(2)(random.key(1), [3, 5], "float64").dataSync() as Float64Array;
  expect(Array.from(scaled)).toEqual(Array.from(plain, (x) => 2 * x));
  const small = orthogonal()(random.key(1), [3, 5]);
  expect(small.dtype).toBe("float32");
  expect(Array.from(small.dataSync() as Float32Array)).toEqual(Array.from(plain, Math.fround));
  expect(orthogonal()(random.key(2), [3, 5])).not.toEqual(small);
  expect(orthogonal()(random.key(1), [0, 5]).shape).toEqual([0, 5]);
  expect(orthogonal()(random.key(1), [5, 0]).shape).toEqual([5, 0]);
});

test("both signs occur on the diagonal", () => {
  const corners = Array.from({ length: 20 }, (_, seed) =>
    Math.sign((orthogonal()(random.key(seed), [2, 2]).dataSync() as Float32Array)[0]!),
  );
  expect(new Set(corners)).toEqual(new Set([1, -1]));
});

test("refuses vectors and gains that are not finite", () => {
  expect(() => orthogonal()(random.key(0), [4])).toThrow(ArgumentError);
  expect(() => orthogonal()(random.key(0), [4])).toThrow(/orthogonal: shape: expected two axes or more, got \[4\]/);
  expect(() => orthogonal()(random.key(0), [4, -1])).toThrow(ShapeError);
  expect(() => orthogonal(NaN)).toThrow(/orthogonal: gain/);
});
