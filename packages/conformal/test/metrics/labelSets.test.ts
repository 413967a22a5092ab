import { expect, test } from "vitest";
import {
  coverage,
  coverageByClass,
  meanSetSize,
  setSizes,
  sizeStratifiedCoverage,
} from "../../src/metrics/labelSets.ts";
import { codeOf } from "../codeOf.ts";

const sets = [[0], [0, 1], [2], [], [0, 1, 2], [1]].map((labels) => ({ labels }));
const labels = [0, 2, 2, 1, 1, 0];

test("by hand", () => {
  expect(coverage(sets, labels)).toBe(0.5);
  expect(coverageByClass(sets, labels, 4)).toEqual([
    { count: 2, covered: 1, coverage: 0.5 },
    { count: 2, covered: 1, coverage: 0.5 },
    { count: 2, covered: 1, coverage: 0.5 },
    { count: 0, covered: 0, coverage: Number.NaN },
  ]);
  expect(sizeStratifiedCoverage(sets, labels).map(({ count, covered }) => [count, covered])).toEqual([
    [1, 0],
    [3, 2],
    [1, 0],
    [1, 1],
  ]);
  expect(setSizes(sets)).toEqual([1, 3, 1, 1]);
  expect(setSizes(sets, 5)).toEqual([1, 3, 1, 1, 0, 0]);
  expect(setSizes([])).toEqual([0]);
  expect(meanSetSize(sets)).toBe(8 / 6);
});

test("bad input", () => {
  expect(codeOf(() => coverage(sets, [0]))).toBe("E_LENGTH");
  expect(codeOf(() => coverage([], []))).toBe("E_RANGE");
  expect(codeOf(() => coverageByClass(sets, labels, 2))).toBe("E_RANGE at 1");
  expect(codeOf(() => sizeStratifiedCoverage([], []))).toBe("E_RANGE");
  expect(codeOf(() => setSizes(sets, 2))).toBe("E_RANGE at 4");
  expect(codeOf(() => meanSetSize([]))).toBe("E_RANGE");
});
