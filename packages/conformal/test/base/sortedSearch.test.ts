import fc from "fast-check";
import { expect, test } from "vitest";
import { countBelow, countUpTo } from "../../src/base/sortedSearch.ts";

test("counts equal those of a scan", () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(-Infinity, Infinity));
  fc.assert(
    fc.property(fc.array(value), value, (values, x) => {
      const sorted = Float64Array.from(values).sort();
      expect(countBelow(sorted, x)).toBe(values.filter((v) => v < x).length);
      expect(countUpTo(sorted, x)).toBe(values.filter((v) => v <= x).length);
      const half = sorted.subarray(0, values.length >> 1);
      expect(countBelow(sorted, x, half.length)).toBe(countBelow(half, x));
      expect(countUpTo(sorted, x, half.length)).toBe(countUpTo(half, x));
    }),
  );
});
