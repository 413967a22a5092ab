import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldIn, key } from "../../../src/tensor/random/key.ts";
import { choiceIndices, permutationIndices } from "../../../src/tensor/random/permutation.ts";
import { frequencies, hoeffdingBound } from "../../support/statistics.ts";

describe("permutationIndices and choiceIndices", () => {
  test("every index once", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(200), (seed, size) => {
        const sorted = permutationIndices(key(seed), size).sort();
        expect([...sorted]).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
  });

  test("a choice is the beginning of the permutation", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(50), fc.nat(50), (seed, count, more) => {
        const all = permutationIndices(key(seed), count + more);
        expect([...choiceIndices(key(seed), count + more, count)]).toEqual([...all.subarray(0, count)]);
      }),
    );
  });

  test("all 24 orders of four things equally often", () => {
    const n = 20_000;
    const numbers = Array.from({ length: n }, (_, i) => {
      const order = permutationIndices(foldIn(key(1), i), 4);
      return order.reduce((code, place) => 4 * code + place, 0);
    });
    const shares = frequencies(numbers, 256).filter((share) => share > 0);
    expect(shares).toHaveLength(24);
    for (const share of shares) expect(Math.abs(share - 1 / 24)).toBeLessThan(hoeffdingBound(n));
  });

  test("bad arguments are refused", () => {
    expect(() => permutationIndices(key(0), -1)).toThrow(/choice: size/);
    expect(() => permutationIndices(key(0), 2 ** 31 + 1)).toThrow(/choice: size: expected at most 2\^31/);
    expect(() => choiceIndices(key(0), 3, 4)).toThrow(/choice: count: expected a whole number in \[0, 3\].* got 4/);
    expect(() => choiceIndices(key(0), 3, -1)).toThrow(/choice: count/);
    expect(() => choiceIndices(key(0), 3, 0.5)).toThrow(/choice: count/);
  });
});
