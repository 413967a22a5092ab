import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bfloat16ToNumber, numberToBfloat16 } from "../../../src/tensor/bfloat16.ts";
import { ArgumentError } from "../../../src/tensor/errors.ts";
import { float16ToNumber, numberToFloat16 } from "../../../src/tensor/float16.ts";
import { key } from "../../../src/tensor/random/key.ts";
import { type FloatDType, uniformValues } from "../../../src/tensor/random/uniform.ts";
import { distanceAtQuantiles, dkwBound, hexadecimal } from "../../support/statistics.ts";

const dtypes: readonly FloatDType[] = ["float64", "float32", "float16", "bfloat16"];
const round: Record<FloatDType, (x: number) => number> = {
  float64: (x) => x,
  float32: Math.fround,
  float16: (x) => float16ToNumber(numberToFloat16(x)),
  bfloat16: (x) => bfloat16ToNumber(numberToBfloat16(x)),
};

describe("uniformValues", () => {
  test("float32 takes the upper 24 bits of a word, as in a second implementation", () => {
    const golden = JSON.parse(readFileSync(new URL("./fixtures/bits.json", import.meta.url), "utf8")) as Record<
      string,
      { float32: string[]; unit: string[] }
    >;
    const float32 = uniformValues(key(42), 8, { dtype: "float32" });
    expect(Array.from(float32, hexadecimal)).toEqual(golden["42"]!.float32);
    expect(Array.from(uniformValues(key(42), 8), hexadecimal)).toEqual(golden["42"]!.unit);
  });

  test.each(dtypes)("%s: evenly spread", (dtype) => {
    const n = 20_000;
    const values = uniformValues(key(1), n, { dtype, min: -3, max: 5 });
    // Rounding moves values by half a spacing at most, and with them the distribution function.
    const rounding = dtype === "bfloat16" ? 2 ** -8 : dtype === "float16" ? 2 ** -11 : 0;
    const quantiles = Array.from({ length: 39 }, (_, i) => -3 + (8 * (i + 1)) / 40);
    expect(distanceAtQuantiles(values, quantiles)).toBeLessThan(dkwBound(n) + rounding);
  });

  test.each(dtypes)("%s: values are the dtype's, min may occur, max never", (dtype) => {
    const bound = fc.double({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.maxSafeInteger(), bound, bound, (seed, x, y) => {
        const [min, max] = [round[dtype](Math.min(x, y)), round[dtype](Math.max(x, y))];
        fc.pre(min < max);
        for (const value of uniformValues(key(seed), 20, { dtype, min, max })) {
          expect(round[dtype](value)).toBe(value);
          expect(value >= min && value < max).toBe(true);
        }
      }),
    );
  });

  test("an interval that holds one number gives that number", () => {
    expect([...new Set(uniformValues(key(0), 50, { min: 1, max: 1 + 2 ** -52 }))]).toEqual([1]);
    expect([...new Set(uniformValues(key(0), 50, { min: 1, max: 1 + 2 ** -23, dtype: "float32" }))]).toEqual([1]);
    expect([...new Set(uniformValues(key(0), 50, { min: -1, max: -1 + 2 ** -11, dtype: "float16" }))]).toEqual([-1]);
    expect([...new Set(uniformValues(key(0), 50, { min: -Number.MIN_VALUE, max: 0 }))]).toEqual([-Number.MIN_VALUE]);
  });

  test("bad arguments are refused", () => {
    expect(() => uniformValues(key(0), 1, { min: 1, max: 1 })).toThrow(/uniform: max: .*got min 1, max 1/);
    expect(() => uniformValues(key(0), 1, { min: 1, max: 1 + 1e-9, dtype: "float32" })).toThrow(ArgumentError);
    expect(() => uniformValues(key(0), 1, { min: -1.7e308, max: 1.7e308 })).toThrow(/finite distance/);
    expect(() => uniformValues(key(0), 1, { max: Infinity })).toThrow(/uniform: max: expected a finite number/);
    expect(() => uniformValues(key(0), 1, { min: NaN })).toThrow(/uniform: min/);
    expect(() => uniformValues(key(0), -1)).toThrow(/uniform: count/);
  });
});
