import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cast, castPrimitives, stopGradient } from "../../../src/ops/cast/index.ts";
import { transpose } from "../../../src/ops/movement/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { type DType, dtypeNames, dtypes } from "../../../src/tensor/dtype.ts";
import { DTypeError } from "../../../src/tensor/errors.ts";
import { readGolden } from "../../support/golden.ts";

interface Golden extends Readonly<Record<string, readonly number[]>> {}
const url = new URL("../fixtures/cast.json", import.meta.url);
const golden = readGolden<Golden>(url);
const longs = tensor(BigInt64Array.from(readGolden<{ readonly int64: readonly string[] }>(url).int64, BigInt));

test("hand-sized examples", () => {
  expect(cast([1.9, -300, NaN, Infinity, -0.9], "int8").toArray()).toEqual([1, -128, 0, 127, 0]);
  expect(cast([1.9, -300, 300], "uint8").toArray()).toEqual([1, 0, 255]);
  expect(cast([9.5, -9.5, NaN], "int4").toArray()).toEqual([7, -8, 0]);
  expect(cast([3e9, -3e9], "int32").toArray()).toEqual([2 ** 31 - 1, -(2 ** 31)]);
  expect(cast([0, -0, 0.5, NaN], "bool").toArray()).toEqual([false, false, true, true]);
  expect(cast([true, false], "float16").toArray()).toEqual([1, 0]);
  expect(cast([true], "int64").dataSync()).toEqual(BigInt64Array.of(1n));
  expect(cast(tensor(Int32Array.of(300, -1, 8)), "uint8").toArray()).toEqual([44, 255, 8]);
  expect(cast(tensor(Int32Array.of(300, -1, 8)), "int4").toArray()).toEqual([-4, -1, -8]);
  expect(cast(tensor(Int32Array.of(300, -1, 7)), "int2").toArray()).toEqual([0, -1, -1]);
  expect(cast(tensor([7, -8, 3], { dtype: "int4" }), "float32").toArray()).toEqual([7, -8, 3]);
  expect(cast(tensor([1, 15], { dtype: "uint4" }), "int4").toArray()).toEqual([1, -1]);
  expect(cast(tensor(0.1, { dtype: "float64" }), "float32").item()).toBe(Math.fround(0.1));
});

test("float64 to float16 rounds once", () => {
  const x = tensor(Float64Array.from(golden["float64"]!));
  expect(Array.from(cast(x, "float16").dataSync() as Float32Array)).toEqual(golden["float16"]);
});

describe("int64", () => {
  test("to floats rounds once, to narrower whole numbers wraps", () => {
    expect(Array.from(cast(longs, "float32").dataSync() as Float32Array)).toEqual(golden["int64ToFloat32"]);
    expect(Array.from(cast(longs, "float64").dataSync() as Float64Array)).toEqual(golden["int64ToFloat64"]);
    expect(Array.from(cast(longs, "int32").dataSync() as Int32Array)).toEqual(golden["int64ToInt32"]);
    expect(Array.from(cast(longs, "int8").dataSync() as Int8Array)).toEqual(golden["int64ToInt8"]);
    expect(Array.from(cast(longs, "uint8").dataSync() as Uint8Array)).toEqual(golden["int64ToUint8"]);
    expect(cast(tensor([0n, 2n ** 32n]), "bool").toArray()).toEqual([false, true]);
    expect(cast(tensor([17n, -9n]), "int4").toArray()).toEqual([1, 7]);
  });

  test("from floats saturates at its own ends", () => {
    const x = tensor(Float64Array.of(2 ** 63, -(2 ** 63), 1e300, -1e300, NaN, Infinity, 2 ** 62, -1.9));
    expect(cast(x, "int64").dataSync()).toEqual(
      BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n - 1n, -(2n ** 63n), 0n, 2n ** 63n - 1n, 2n ** 62n, -1n),
    );
  });

  test("of int32 comes back", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        const x = tensor(Int32Array.from(values));
        expect(cast(cast(x, "int64"), "int32").dataSync()).toEqual(x.dataSync());
      }),
    );
  });
});

test("values that the target holds survive the way there and back, between any two dtypes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...dtypeNames),
      fc.constantFrom(...dtypeNames),
      fc.array(fc.integer({ min: -2, max: 1 })),
      (from, to, values) => {
        const low = Math.max(dtypes[from].min, dtypes[to].min);
        const kept = values.filter((value) => value >= low);
        const x = cast(tensor(kept), from);
        const there = cast(x, to);
        expect(there.dtype).toBe(to);
        expect(cast(there, from).dataSync()).toEqual(x.dataSync());
      },
    ),
  );
});

test("a value that has the dtype already is handed on; views are read through their strides", () => {
  const x = tensor([
    [1.5, 2.5],
    [3.5, 4.5],
  ]);
  expect(cast(x, "float32")).toBe(x);
  expect(
    castPrimitives.cast.kernel([x], { dtype: "float32" }, [{ dtype: "float32", shape: [2, 2] }], {} as never)[0],
  ).toBe(x);
  expect(cast(transpose(x), "int32").toArray()).toEqual([
    [1, 3],
    [2, 4],
  ]);
  expect(cast(tensor([], { shape: [0, 2] }), "int4").shape).toEqual([0, 2]);
  expect(stopGradient(x).toArray()).toEqual(x.toArray());
});

test("errors", () => {
  expect(() => cast([1], "int16" as DType)).toThrow(DTypeError);
});
