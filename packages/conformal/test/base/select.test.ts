import fc from "fast-check";
import { expect, test } from "vitest";
import { selectInPlace } from "../../src/base/select.ts";

test("every rank of every small array equals the sorted entry", () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(Infinity, -Infinity)), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(values, (list) => {
      const sorted = Float64Array.from(list).sort();
      sorted.forEach((value, i) => {
        expect(selectInPlace(Float64Array.from(list), i + 1)).toBe(value);
      });
    }),
  );
});

test.each<[string, (i: number, n: number) => number]>([
  ["ascending", (i) => i],
  ["descending", (i, n) => n - i],
  ["all equal", () => 1],
  ["organ pipe", (i, n) => Math.min(i, n - i)],
  ["saw", (i) => i % 1000],
  ["two values", (i) => (i * 2654435761) & 1],
])("a long array, %s", (_name, valueAt) => {
  const n = 100_000;
  const values = Float64Array.from({ length: n }, (_, i) => valueAt(i, n));
  const sorted = values.toSorted();
  for (const rank of [1, 17, n / 2, n - 1, n]) {
    expect(selectInPlace(values.slice(), rank)).toBe(sorted[rank - 1]);
  }
});
