import fc from "fast-check";
import { expect, test } from "vitest";
import { coverage, coverageByClass, observedCoverage } from "../../src/metrics/coverage.ts";
import { coverageByGroup, coverageGap } from "../../src/metrics/groups.ts";
import { covers, regionSize } from "../../src/metrics/region.ts";
import { codeOf } from "../codeOf.ts";
import { intervals, reference } from "./reference.ts";

const sets = [[0], [0, 1], [2], [], [0, 1, 2], [1]].map((labels) => ({ labels }));
const labels = [0, 2, 2, 1, 1, 0];

test("sets by hand", () => {
  expect(coverage(sets, labels)).toBe(0.5);
  expect(coverageByClass(sets, labels, 4)).toMatchObject([
    { count: 2, covered: 1, coverage: 0.5 },
    { count: 2, covered: 1, coverage: 0.5 },
    { count: 2, covered: 1, coverage: 0.5 },
    { count: 0, covered: 0, coverage: Number.NaN, lower: 0, upper: 1 },
  ]);
});

test("intervals: both ends belong to them, and an empty one covers nothing", () => {
  expect(covers({ lower: 1, upper: 2 }, 1)).toBe(true);
  expect(covers({ lower: 1, upper: 2 }, 2)).toBe(true);
  expect(covers({ lower: 2, upper: 1 }, 1.5)).toBe(false);
  expect(covers({ lower: -Infinity, upper: Infinity }, 1e300)).toBe(true);
  expect(regionSize({ lower: 2, upper: 1 })).toBe(0);
  expect(regionSize({ lower: -Infinity, upper: 0 })).toBe(Infinity);
});

test("equals scipy's Clopper-Pearson interval", () => {
  const observed = observedCoverage(intervals, reference.truth, { confidence: 0.9 });
  expect(observed.coverage).toBe(reference.coverage);
  expect(observed.coverage).toBe(coverage(intervals, reference.truth));
  expect(observed.lower).toBeCloseTo(reference.clopperPearson[0], 12);
  expect(observed.upper).toBeCloseTo(reference.clopperPearson[1], 12);
});

test("groups by any name, sorted", () => {
  const groups = ["b", 10, "a", 2, "b", 2];
  expect(coverageByGroup(sets, labels, groups).map(({ group, count, covered }) => [group, count, covered])).toEqual([
    [2, 2, 0],
    [10, 1, 0],
    ["a", 1, 1],
    ["b", 2, 2],
  ]);
});

test("groups add up to the whole, in any order of the examples", () => {
  const example = fc.record({ set: fc.subarray([0, 1, 2]), label: fc.nat(2), group: fc.constantFrom("x", "y", 3) });
  fc.assert(
    fc.property(fc.array(example, { minLength: 1, maxLength: 30 }), (examples) => {
      const of = (list: typeof examples) =>
        coverageByGroup(
          list.map(({ set }) => ({ labels: set })),
          list.map(({ label }) => label),
          list.map(({ group }) => group),
        );
      const found = of(examples);
      expect(found).toEqual(of(examples.toReversed()));
      const covered = examples.filter(({ set, label }) => set.includes(label)).length;
      expect(found.reduce((sum, group) => sum + group.count, 0)).toBe(examples.length);
      expect(found.reduce((sum, group) => sum + group.covered, 0)).toBe(covered);
      for (const { coverage: share, lower, upper } of found) {
        expect(lower).toBeLessThanOrEqual(share);
        expect(upper).toBeGreaterThanOrEqual(share);
      }
    }),
  );
});

test("the gap by hand", () => {
  const group = (count: number, covered: number, upper = 1) => ({
    count,
    covered,
    coverage: covered / count,
    lower: 0,
    upper,
  });
  const gap = coverageGap([group(10, 10), group(0, 0), group(4, 2, 0.6), group(10, 9)], 0.1);
  expect(gap.mean).toBeCloseTo((0.1 + 0.4 + 0) / 3, 15);
  expect(gap.shortfall).toBeCloseTo(0.4, 15);
  expect(gap).toMatchObject({ worst: 2, below: [2] });
});

test("bad input", () => {
  expect(codeOf(() => coverage(sets, [0]))).toBe("E_LENGTH");
  expect(codeOf(() => coverage([], []))).toBe("E_RANGE");
  expect(codeOf(() => coverage([{ lower: 0, upper: Number.NaN }], [0]))).toBe("E_NAN at 0");
  expect(codeOf(() => coverage([{ lower: 0, upper: 1 }], [Number.NaN]))).toBe("E_NAN at 0");
  expect(codeOf(() => coverageByClass(sets, labels, 2))).toBe("E_RANGE at 1");
  expect(codeOf(() => observedCoverage(sets, labels, { confidence: 1 }))).toBe("E_ALPHA");
  expect(codeOf(() => coverageByGroup(sets, labels, ["a"]))).toBe("E_LENGTH");
  expect(codeOf(() => coverageByGroup(sets, labels, [1, 2, Number.NaN, 1, 1, 1]))).toBe("E_NAN at 2");
  expect(codeOf(() => coverageGap([], 0.1))).toBe("E_RANGE");
});
