import fc from "fast-check";
import { expect, test } from "vitest";
import { uniformStream } from "../../src/base/random.ts";
import { type OrderStatistics, orderStatistics } from "../../src/quantile/orderStatistics.ts";
import { codeOf } from "../codeOf.ts";

const ascending = (values: readonly number[]) => [...Float64Array.from(values, (v) => v + 0).sort()];

function expectSame(multiset: OrderStatistics, values: readonly number[], probes: readonly number[]): void {
  const sorted = ascending(values);
  expect(multiset.size).toBe(sorted.length);
  expect([...multiset.values()]).toEqual(sorted);
  for (const probe of probes) {
    expect(multiset.countBelow(probe)).toBe(sorted.filter((v) => v < probe).length);
    expect(multiset.countAtMost(probe)).toBe(sorted.filter((v) => v <= probe).length);
  }
  const step = Math.max(1, Math.floor(sorted.length / 20));
  for (let k = 1; k <= sorted.length; k += step) expect(multiset.select(k)).toBe(sorted[k - 1]);
  if (sorted.length > 0) expect(multiset.select(sorted.length)).toBe(sorted.at(-1));
}

test("a multiset by hand", () => {
  const multiset = orderStatistics([3, 1, 2]);
  multiset.insert(2);
  multiset.insert(Infinity);
  multiset.insert(-Infinity);
  expectSame(multiset, [3, 1, 2, 2, Infinity, -Infinity], [-Infinity, 0, 1, 2, 2.5, Infinity]);
  expect(multiset.delete(2)).toBe(true);
  expect(multiset.delete(7)).toBe(false);
  expectSame(multiset, [3, 1, 2, Infinity, -Infinity], [2]);
  for (const value of [3, 1, 2, Infinity, -Infinity]) expect(multiset.delete(value)).toBe(true);
  expect(multiset.delete(2)).toBe(false);
  expectSame(multiset, [], [0]);
  multiset.insert(-0);
  expect(Object.is(multiset.select(1), 0)).toBe(true);
});

test("equals a sorted array after any inserts and deletes", () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }));
  const change = fc.record({ value, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(value), fc.array(change, { maxLength: 60 }), (initial, changes) => {
      const multiset = orderStatistics(initial);
      const plain = [...initial];
      for (const { value, remove } of changes) {
        const at = plain.indexOf(value);
        if (remove) {
          expect(multiset.delete(value)).toBe(at >= 0);
          if (at >= 0) plain.splice(at, 1);
        } else {
          multiset.insert(value);
          plain.push(value);
        }
      }
      expectSame(multiset, plain, [-1, 0, 1, ...changes.map((c) => c.value)]);
    }),
  );
});

// Enough numbers for many blocks: splits while growing, joins while shrinking, with and without ties.
test.each([
  ["distinct", (u: number) => u],
  ["tied", (u: number) => Math.floor(40 * u)],
  ["rising", (_: number, i: number) => i],
  ["falling", (_: number, i: number) => -i],
])("thousands of %s numbers, grown, slid and emptied", (_, shape) => {
  const uniform = uniformStream(7);
  const stream = Array.from({ length: 9000 }, (_, i) => shape(uniform(), i));
  const multiset = orderStatistics();
  const window = 4000;
  for (const [i, value] of stream.entries()) {
    multiset.insert(value);
    if (i >= window) expect(multiset.delete(stream[i - window] as number)).toBe(true);
    if (i % 1500 === 1499) expectSame(multiset, stream.slice(Math.max(0, i - window + 1), i + 1), [value, 20, 0.5]);
  }
  const last = stream.slice(-window);
  expectSame(orderStatistics(last), last, [0.25]);
  while (last.length > 0) {
    expect(multiset.delete(last.pop() as number)).toBe(true);
    if (last.length % 500 === 3) expectSame(multiset, last, [20]);
  }
  expect(multiset.size).toBe(0);
});

test("bad input", () => {
  expect(codeOf(() => orderStatistics([1, Number.NaN]))).toBe("E_NAN at 1");
  expect(codeOf(() => orderStatistics(["1"] as never))).toBe("E_NAN at 0");
  const multiset = orderStatistics([1, 2]);
  expect(codeOf(() => multiset.insert(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => multiset.delete(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => multiset.countBelow(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => multiset.countAtMost(Number.NaN))).toBe("E_NAN");
  for (const rank of [0, 3, 1.5, Number.NaN]) expect(codeOf(() => multiset.select(rank))).toBe("E_RANGE");
});
