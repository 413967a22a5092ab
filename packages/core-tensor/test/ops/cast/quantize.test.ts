import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { castPrimitives, dequantize, quantize } from "../../../src/ops/cast/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { type DType, dtypes } from "../../../src/tensor/dtype.ts";
import { ArgumentError, AxisError, DTypeError, ShapeError } from "../../../src/tensor/errors.ts";
import { readGolden } from "../../support/golden.ts";

interface Case {
  readonly dtype: "int8" | "uint8";
  readonly scale: number;
  readonly zero: number;
  readonly x: readonly number[];
  readonly q: readonly number[];
  readonly back: readonly number[];
}
const { quantized } = readGolden<{ readonly quantized: readonly Case[] }>(
  new URL("../fixtures/cast.json", import.meta.url),
);

test("hand-sized examples", () => {
  expect(quantize([0.24, 10], 0.1, 3).toArray()).toEqual([5, 103]);
  expect(quantize([0.5, 1.5, 2.5, -0.5, 300, -300], 1, 0).toArray()).toEqual([0, 2, 2, 0, 127, -128]);
  expect(quantize([1, -1], 0.5, 128, { dtype: "uint8" }).toArray()).toEqual([130, 126]);
  expect(quantize([NaN, Infinity, -Infinity], 1, 5).toArray()).toEqual([5, 127, -128]);
  expect(quantize([-9, 3.2], 1, 0, { dtype: "int4" }).toArray()).toEqual([-8, 3]);
  expect(quantize([-9, 3.2], 1, 2, { dtype: "uint4" }).toArray()).toEqual([0, 5]);
  expect(quantize([-9, 0.6], 1, 0, { dtype: "int2" }).toArray()).toEqual([-2, 1]);
  expect(dequantize(tensor(Int8Array.of(5, 103)), 0.5, 3).toArray()).toEqual([1, 50]);
  expect(dequantize(tensor(Int32Array.of(-70000)), tensor(Float64Array.of(0.5), { shape: [] })).dtype).toBe("float64");
  expect(dequantize(tensor([7, -8], { dtype: "int4" }), tensor(0.5, { dtype: "float16" })).toArray()).toEqual([
    3.5, -4,
  ]);
});

test.each(quantized)("$dtype with scale $scale as NumPy does it in float32", ({ dtype, scale, zero, x, q, back }) => {
  const codes = quantize(tensor(Float32Array.from(x)), scale, zero, { dtype });
  expect(codes.toArray()).toEqual(q);
  expect(dequantize(codes, scale, zero).dataSync()).toEqual(Float32Array.from(back));
});

describe("one scale per index or block of an axis", () => {
  const x = tensor([
    [1, 2, 3, 4],
    [10, 20, 30, 40],
  ]);
  test("per axis", () => {
    const scale = tensor([1, 10]);
    const zero = tensor(Int8Array.of(0, 100));
    const codes = quantize(x, scale, zero, { axis: 0 });
    expect(codes.toArray()).toEqual([
      [1, 2, 3, 4],
      [101, 102, 103, 104],
    ]);
    expect(dequantize(codes, scale, zero, { axis: -2 }).toArray()).toEqual(x.toArray());
    expect(quantize(x, [1, 2, 3, 4], 0, { axis: -1 }).toArray()).toEqual([
      [1, 1, 1, 1],
      [10, 10, 10, 10],
    ]);
  });

  test("per block", () => {
    const scale = tensor([
      [1, 2],
      [10, 5],
    ]);
    const codes = quantize(x, scale, 0, { axis: 1, blockSize: 2 });
    expect(codes.toArray()).toEqual([
      [1, 2, 2, 2],
      [1, 2, 6, 8],
    ]);
    expect(dequantize(codes, scale, 0, { axis: 1, blockSize: 2 }).toArray()).toEqual([
      [1, 2, 4, 4],
      [10, 20, 30, 40],
    ]);
    expect(quantize(x, [[1, 1, 1, 2]], 0, { axis: 0, blockSize: 2 }).toArray()).toEqual([
      [1, 2, 3, 2],
      [10, 20, 30, 20],
    ]);
  });

  test("agrees with quantising every part with its own scale", () => {
    const value = fc.double({ min: -100, max: 100, noNaN: true });
    const scales = fc.array(fc.double({ min: 0.01, max: 4, noNaN: true }), { minLength: 6, maxLength: 6 });
    const kinds = fc.constantFrom<DType>("int8", "uint8", "int4", "uint4", "int2");
    fc.assert(
      fc.property(fc.array(value, { minLength: 24, maxLength: 24 }), scales, kinds, (data, steps, dtype) => {
        const y = tensor(Float64Array.from(data), { shape: [2, 6, 2] });
        const scale = tensor(Float64Array.from([...steps, ...steps]), { shape: [2, 3, 2] });
        const codes = quantize(y, scale, 1, { axis: 1, blockSize: 2, dtype }).toArray() as number[][][];
        const perAxis = quantize(y, tensor(Float64Array.from(steps)), 1, { axis: 1, dtype }).toArray() as number[][][];
        const single = (x: number, s: number): unknown =>
          quantize(tensor(Float64Array.of(x)), tensor(s, { dtype: "float64" }), 1, { dtype }).item();
        (y.toArray() as number[][][]).forEach((plane, i) =>
          plane.forEach((line, j) =>
            line.forEach((x, k) => {
              expect(codes[i]![j]![k]).toBe(single(x, steps[(i * 6 + Math.floor(j / 2) * 2 + k) % 6]!));
              expect(perAxis[i]![j]![k]).toBe(single(x, steps[j]!));
            }),
          ),
        );
      }),
      { numRuns: 30 },
    );
  });
});

test("what is inside the range comes back within half a step", () => {
  const value = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(value, fc.double({ min: 0.1, max: 1, noNaN: true }), (data, scale) => {
      const step = tensor(scale, { dtype: "float64" });
      const back = dequantize(quantize(tensor(Float64Array.from(data)), step, 0), step).dataSync() as Float64Array;
      back.forEach((found, i) => expect(Math.abs(found - data[i]!)).toBeLessThanOrEqual(scale / 2 + 1e-12));
    }),
  );
});

test("every code comes back exactly, in every stored dtype", () => {
  for (const dtype of ["int8", "uint8", "int4", "uint4", "int2"] as const) {
    const { min, max } = dtypes[dtype];
    const codes = tensor(
      Array.from({ length: max - min + 1 }, (_, i) => min + i),
      { dtype },
    );
    expect(quantize(dequantize(codes, 0.3, 1), 0.3, 1, { dtype }).toArray()).toEqual(codes.toArray());
  }
});

describe("errors", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  test("shapes", () => {
    expect(() => quantize(x, [1, 2], 0)).toThrow("quantize: scale: expected [], got [2]");
    expect(() => quantize(x, [1, 2, 3], 0, { axis: 0 })).toThrow(ShapeError);
    expect(() => quantize(x, [1, 2], tensor(Int8Array.of(1)), { axis: 0 })).toThrow("zeroPoint");
    expect(() => dequantize(tensor(Int8Array.of(1)), [1, 2], 0, { axis: 0 })).toThrow(ShapeError);
  });

  test("axis and blocks", () => {
    expect(() => quantize(x, [1, 2], 0, { axis: 2 })).toThrow(AxisError);
    expect(() => quantize(x, 1, 0, { blockSize: 2 })).toThrow(ArgumentError);
    expect(() => quantize(x, [[1, 2]], 0, { axis: 0, blockSize: 1.5 })).toThrow("blockSize");
    expect(() => quantize(x, [[1, 2]], 0, { axis: 0, blockSize: 4 })).toThrow("a divisor of 2");
  });

  test("dtypes", () => {
    expect(() => quantize(tensor(Int32Array.of(1)), 1, 0)).toThrow(DTypeError);
    expect(() => quantize(x, tensor(1, { dtype: "float64" }), 0)).toThrow("scale");
    expect(() => quantize(x, 1, 0, { dtype: "int32" })).toThrow("expected int8, uint8, int4, uint4, int2");
    expect(() => quantize(x, 1, tensor(Uint8Array.of(0), { shape: [] }), { dtype: "int8" })).toThrow("zeroPoint");
    expect(() => quantize(x, 1, 300)).toThrow("zeroPoint: expected a whole number in [-128, 127] for int8, got 300");
    expect(() => quantize(x, 1, 0.5)).toThrow(ArgumentError);
    expect(() => dequantize(x, 1)).toThrow(DTypeError);
    expect(() => dequantize(tensor(Int8Array.of(1)), 1, tensor(0, { dtype: "uint8" }))).toThrow("zeroPoint");
    expect(() => dequantize(tensor(Int8Array.of(1)), tensor(1, { dtype: "int32" }))).toThrow("scale");
    const types = [
      { dtype: "int8" as const, shape: [] },
      { dtype: "float32" as const, shape: [] },
      { dtype: "int8" as const, shape: [] },
    ];
    expect(() => castPrimitives.dequantize.infer(types, { axis: null, blockSize: 0, dtype: "float64" })).toThrow(
      DTypeError,
    );
  });
});
