import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linalgPrimitives, matmul } from "../../../src/ops/linalg/index.ts";
import { broadcastTo, slice, transpose } from "../../../src/ops/movement/index.ts";
import type { ValueType } from "../../../src/ops/program.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import { DTypeError, ShapeError } from "../../../src/tensor/errors.ts";
import { sizeOf } from "../../../src/tensor/shape.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

const wavy = (shape: readonly number[], dtype: DType = "float64") =>
  tensor(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.round(8 * Math.sin(i + 1))),
    { shape, dtype },
  );

/** The product by its definition, for matrices of whole numbers. */
const slow = (a: Tensor, b: Tensor): number[][] => {
  const [x, y] = [a.toArray() as number[][], b.toArray() as number[][]];
  return x.map((row) =>
    Array.from({ length: b.shape[1] as number }, (_, j) =>
      row.reduce((sum, value, k) => sum + value * (y[k]?.[j] as number), 0),
    ),
  );
};

describe("matmul", () => {
  test("multiplies by hand", () => {
    expect(
      matmul(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ).toArray(),
    ).toEqual([
      [19, 22],
      [43, 50],
    ]);
  });

  test("reads vectors as NumPy does", () => {
    expect(
      matmul(
        [1, 2],
        [
          [1, 0],
          [0, 3],
        ],
      ).toArray(),
    ).toEqual([1, 6]);
    expect(
      matmul(
        [
          [1, 2],
          [3, 4],
        ],
        [1, 1],
      ).toArray(),
    ).toEqual([3, 7]);
    expect(matmul([1, 2], [3, 4]).toArray()).toBe(11);
    expect(matmul(wavy([5, 2, 3]), wavy([3])).shape).toEqual([5, 2]);
    expect(matmul(wavy([2]), wavy([5, 2, 3])).shape).toEqual([5, 3]);
  });

  test("agrees with the definition for every size and layout", () => {
    const size = fc.integer({ min: 0, max: 11 });
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), (n, k, m, turnA, turnB) => {
        const a = turnA ? transpose(wavy([k, n])) : wavy([n, k]);
        const b = turnB ? transpose(wavy([m, k])) : wavy([k, m]);
        expect(matmul(a, b).toArray()).toEqual(slow(a, b));
      }),
    );
  });

  test("gives the same bits for one row alone as inside a large product", () => {
    const a = tensor(
      Float64Array.from({ length: 9 * 40 }, (_, i) => Math.sin(i * i)),
      { shape: [9, 40], dtype: "float32" },
    );
    const b = tensor(
      Float64Array.from({ length: 40 * 7 }, (_, i) => Math.cos(i * i)),
      { shape: [40, 7], dtype: "float32" },
    );
    const whole = matmul(a, b).toArray() as number[][];
    for (let i = 0; i < 9; i++) expect(matmul(slice(a, [i], [i + 1]), b).toArray()).toEqual([whole[i]]);
  });

  test("broadcasts the axes in front", () => {
    const a = wavy([2, 1, 3, 4]);
    const b = wavy([5, 4, 2]);
    const product = matmul(a, b);
    expect(product.shape).toEqual([2, 5, 3, 2]);
    for (const [i, j] of [
      [0, 0],
      [1, 4],
      [1, 2],
    ] as const) {
      const left = matmul(slice(a, [i], [i + 1]), slice(b, [j], [j + 1]));
      expect(slice(product, [i, j], [i + 1, j + 1]).toArray()).toEqual(left.toArray());
    }
    const repeated = broadcastTo(wavy([3, 4]), [9, 3, 4]);
    expect((matmul(repeated, wavy([4, 2])).toArray() as unknown[])[8]).toEqual(
      matmul(wavy([3, 4]), wavy([4, 2])).toArray(),
    );
  });

  test("takes every number dtype and sums in float64", () => {
    for (const dtype of ["float32", "float16", "bfloat16", "int32", "int64", "int8"] as const) {
      const product = matmul(wavy([2, 3], dtype), wavy([3, 2], dtype));
      expect(product.dtype).toBe(dtype);
    }
    expect(matmul(wavy([9, 3], "int32"), wavy([3, 2], "int32")).toArray()).toEqual(slow(wavy([9, 3]), wavy([3, 2])));
    expect(matmul(tensor([2 ** 24, 1, -(2 ** 24)]), tensor([1, 1, 1])).toArray()).toBe(1);
    expect(matmul(tensor([Number.NaN, 1]), tensor([0, 1])).toArray()).toBe(Number.NaN);
    expect(matmul(tensor([Number.POSITIVE_INFINITY, 1]), tensor([0, 1])).toArray()).toBe(Number.NaN);
  });

  test("int64 products that are not exact are refused", () => {
    const large = tensor([2n ** 40n], { shape: [1, 1] });
    expect(() => matmul(large, large)).toThrow(RangeError);
  });

  test("infers symbolic shapes", () => {
    const type = (shape: ValueType["shape"]): ValueType => ({ dtype: "float32", shape });
    const { infer } = linalgPrimitives.matmul;
    expect(infer([type(["batch", 784]), type([784, 10])], {})).toEqual([type(["batch", 10])]);
    expect(infer([type(["batch", "time", 4]), type(["batch", 4, "time"])], {})).toEqual([
      type(["batch", "time", "time"]),
    ]);
    expect(() => infer([type(["a", "b"]), type(["c", "a"])], {})).toThrow(ShapeError);
  });

  test("refuses what does not fit", () => {
    expect(() => matmul(wavy([2, 3]), wavy([2, 3]))).toThrow(
      "matmul: expected shapes [..., n, k] and [..., k, m], got [2, 3] and [2, 3]",
    );
    expect(() => matmul(2, wavy([2, 3]))).toThrow(ShapeError);
    expect(() => matmul(wavy([2, 2, 2]), wavy([3, 2, 2]))).toThrow(ShapeError);
    expect(() => matmul(wavy([2, 2]), wavy([2, 2], "float32"))).toThrow(DTypeError);
    expect(() => matmul(tensor([[true]]), tensor([[true]]))).toThrow(DTypeError);
  });
});
