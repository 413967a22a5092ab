import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { transpose } from "../../../src/ops/movement/index.ts";
import { reducePrimitives } from "../../../src/ops/reduce/index.ts";
import { argMax, argMin, cumsum, logSoftmax, softmax, sort, topK } from "../../../src/ops/reduce/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import { ArgumentError, AxisError, DTypeError, ShapeError } from "../../../src/tensor/errors.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { readGolden } from "../../support/golden.ts";

type Row = readonly number[];
const golden = readGolden<Readonly<Record<string, Row>>>(new URL("../fixtures/reduce.json", import.meta.url));
const matrix = tensor(Float64Array.from(golden["x"]!), { shape: golden["shape"]! });
const numbersOf = (x: Tensor): number[] => Array.from(x.dataSync() as Float64Array);

function expectNear(found: Tensor, expected: Row): void {
  numbersOf(found).forEach((value, i) => {
    const want = expected[i]!;
    if (Number.isFinite(want)) expect(Math.abs(value - want)).toBeLessThanOrEqual(1e-15 + 1e-14 * Math.abs(want));
    else expect(value).toBe(want);
  });
}

describe("positions", () => {
  test("hand-sized examples", () => {
    expect(
      argMax([
        [1, 3, 2],
        [5, 4, 5],
      ]).toArray(),
    ).toEqual([1, 0]);
    expect(
      argMax(
        [
          [1, 3, 2],
          [5, 4, 5],
        ],
        0,
      ).toArray(),
    ).toEqual([1, 1, 1]);
    expect(
      argMin(
        [
          [1, 3, 2],
          [5, 4, 4],
        ],
        1,
        { keepDims: true },
      ).toArray(),
    ).toEqual([[0], [1]]);
    expect(argMax(tensor(Uint8Array.of(3, 200, 7))).item()).toBe(1);
    expect(argMax([1, 2]).dtype).toBe("int32");
  });

  test("NaN and ties as in NumPy", () => {
    expect(numbersOf(argMax(matrix, 1))).toEqual(golden["argMax"]);
    expect(numbersOf(argMin(matrix, 1))).toEqual(golden["argMin"]);
    expect(numbersOf(argMax(matrix, 0))).toEqual(golden["argMax0"]);
  });

  test("nothing to choose from", () => {
    expect(argMax(tensor([], { shape: [0, 2] }), 1).shape).toEqual([0]);
    expect(() => argMax(tensor([], { shape: [0, 2] }), 0)).toThrow(ShapeError);
    expect(() => argMin(tensor([]))).toThrow("argMin: operand: expected elements along axis 0");
  });
});

describe("order", () => {
  test("hand-sized examples", () => {
    const { values, indices } = topK([3, 1, 4, 1, 5], 3);
    expect([values.toArray(), indices.toArray()]).toEqual([
      [5, 4, 3],
      [4, 2, 0],
    ]);
    expect(topK([3, 1, 4, 1], 2, { largest: false }).indices.toArray()).toEqual([1, 3]);
    expect(
      topK(
        [
          [1, 2],
          [3, 0],
          [2, 9],
        ],
        2,
        { axis: 0 },
      ).values.toArray(),
    ).toEqual([
      [3, 9],
      [2, 2],
    ]);
    expect(topK([1, 2], 0).values.shape).toEqual([0]);
    const falling = sort([2, 3, 2, 1], -1, { descending: true });
    expect([falling.values.toArray(), falling.indices.toArray()]).toEqual([
      [3, 2, 2, 1],
      [1, 0, 2, 3],
    ]);
    expect(sort(tensor([[], []], { shape: [2, 0] })).values.shape).toEqual([2, 0]);
  });

  test("NaN comes last when rising, and values beside it stay in order", () => {
    const { values, indices } = sort(matrix, 1);
    expect(numbersOf(values).map((x) => x + 0)).toEqual(golden["sortValues"]!.map((x) => x + 0));
    expect(numbersOf(indices)).toEqual(golden["sortIndices"]);
    expect(sort([1, NaN, 2], 0, { descending: true }).indices.toArray()).toEqual([1, 2, 0]);
    expect(topK([1, NaN, 2], 2).indices.toArray()).toEqual([1, 2]);
  });

  test("sorting is a stable permutation, and topK its beginning", () => {
    const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(values, fc.boolean(), fc.nat(12), (data, descending, count) => {
        const k = Math.min(count, data.length);
        const expected = data
          .map((value, index) => ({ value, index }))
          .sort((a, b) => (descending ? b.value - a.value : a.value - b.value) || a.index - b.index);
        const x = tensor([data, data], { dtype: "int32" });
        const order = sort(transpose(x), 0, { descending });
        const best = topK(x, k, { largest: descending });
        expect(transpose(order.values).toArray()).toEqual([0, 1].map(() => expected.map(({ value }) => value)));
        expect(transpose(order.indices).toArray()).toEqual([0, 1].map(() => expected.map(({ index }) => index)));
        expect(best.indices.toArray()).toEqual([0, 1].map(() => expected.slice(0, k).map(({ index }) => index)));
        expect(best.values.toArray()).toEqual([0, 1].map(() => expected.slice(0, k).map(({ value }) => value)));
      }),
    );
  });

  test("errors", () => {
    expect(() => topK([1, 2], 3)).toThrow("topK: k: expected a whole number in [0, 2]");
    expect(() => topK([1, 2], 0.5)).toThrow(ArgumentError);
    expect(() => topK(1, 1)).toThrow(AxisError);
    expect(() => sort([1], 1)).toThrow(AxisError);
    expect(
      reducePrimitives.topK.infer([{ dtype: "float32", shape: ["n"] }], { axis: 0, k: 3, largest: true })[1],
    ).toEqual({
      dtype: "int32",
      shape: [3],
    });
    const pair = tensor([1, 2]);
    const types = [0, 1].map(() => ({ dtype: "float32" as const, shape: [3] }));
    const tools = {} as never;
    expect(() => reducePrimitives.topK.kernel([pair], { axis: 0, k: 3, largest: true }, types, tools)).toThrow(
      ArgumentError,
    );
  });
});

describe("running sums", () => {
  test("in all four ways", () => {
    expect(cumsum([1, 2, 3]).toArray()).toEqual([1, 3, 6]);
    expect(cumsum([1, 2, 3], 0, { exclusive: true }).toArray()).toEqual([0, 1, 3]);
    expect(cumsum([1, 2, 3], 0, { reverse: true }).toArray()).toEqual([6, 5, 3]);
    expect(cumsum([1, 2, 3], 0, { reverse: true, exclusive: true }).toArray()).toEqual([5, 3, 0]);
    expect(
      cumsum(
        [
          [1, 2],
          [3, 4],
        ],
        0,
      ).toArray(),
    ).toEqual([
      [1, 2],
      [4, 6],
    ]);
    expect(cumsum(tensor(Uint8Array.of(200, 100))).toArray()).toEqual([200, 44]);
    expect(cumsum(tensor(Int32Array.of(2 ** 31 - 1, 1))).toArray()).toEqual([2 ** 31 - 1, -(2 ** 31)]);
    expectNear(cumsum(matrix, 1), golden["cumsum"]!);
  });

  test("int64 beyond 2^53 is refused", () => {
    expect(() => cumsum(tensor([2n ** 52n, 2n ** 52n]))).toThrow(RangeError);
  });
});

describe("softmax", () => {
  test("as SciPy's, on large, infinite and NaN values", () => {
    expectNear(softmax(matrix, 1), golden["softmax"]!);
    expectNear(logSoftmax(matrix, 1), golden["logSoftmax"]!);
  });

  test("adds up to 1, is unmoved by a constant, and its logarithm agrees", () => {
    const rows = fc.array(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(rows, fc.integer({ min: -8, max: 8 }), fc.constantFrom(0, 1), (data, shift, axis) => {
        const x = tensor(data, { dtype: "float64" });
        const p = softmax(x, axis).toArray() as number[][];
        const moved = softmax(
          tensor(
            data.map((line) => line.map((v) => v + shift)),
            { dtype: "float64" },
          ),
          axis,
        ).toArray() as number[][];
        const logs = logSoftmax(x, axis).toArray() as number[][];
        const totals =
          axis === 1
            ? p.map((line) => line.reduce((a, b) => a + b))
            : p[0]!.map((_, j) => p.reduce((a, line) => a + line[j]!, 0));
        for (const total of totals) expect(total).toBeCloseTo(1, 13);
        p.forEach((line, i) =>
          line.forEach((value, j) => {
            expect(Math.abs(moved[i]![j]! - value)).toBeLessThan(1e-13);
            expect(Math.abs(Math.exp(logs[i]![j]!) - value)).toBeLessThan(1e-13);
          }),
        );
      }),
    );
  });

  test("edge shapes", () => {
    expect(softmax(tensor([], { shape: [2, 0] })).shape).toEqual([2, 0]);
    expect(softmax([7]).toArray()).toEqual([1]);
    expect(() => softmax(1)).toThrow("no axis (the value is a scalar)");
    expect(() => reducePrimitives.softmax.infer([{ dtype: "float32", shape: [] }], { axis: 0 })).toThrow(AxisError);
    expect(() => reducePrimitives.softmax.infer([{ dtype: "float32", shape: [2] }], { axis: -1 })).toThrow(AxisError);
  });
});

test("dtypes", () => {
  const floats: readonly DType[] = ["float32", "float64", "float16", "bfloat16"];
  const numbers: readonly DType[] = [...floats, "int32", "int64", "uint8", "int8"];
  const attributes = {
    axis: 0,
    keepDims: false,
    k: 1,
    largest: true,
    descending: false,
    exclusive: false,
    reverse: false,
  };
  for (const name of ["argMax", "argMin", "topK", "sort", "cumsum", "softmax", "logSoftmax"] as const) {
    const allowed = name === "softmax" || name === "logSoftmax" ? floats : numbers;
    for (const dtype of [...numbers, "bool", "int4", "uint4", "int2"] as const) {
      const infer = (): unknown => reducePrimitives[name].infer([{ dtype, shape: [2] }], attributes);
      if (allowed.includes(dtype)) expect(infer).not.toThrow();
      else expect(infer, `${name} of ${dtype}`).toThrow(DTypeError);
    }
  }
});
