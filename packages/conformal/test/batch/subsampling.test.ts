import { expect, test } from "vitest";
import { centralInterval } from "../../src/base/countLaw.ts";
import { orderStatisticBound, subsampleOnePerGroup, thinByWeights } from "../../src/batch/index.ts";
import { binomialLaw } from "../binomialLaw.ts";
import { codeOf } from "../codeOf.ts";

test("points are kept with probability weight / wMax: binomial at risk 1e-6", () => {
  const weights = Array.from({ length: 8000 }, (_, i) => (i % 4) / 2);
  const kept = thinByWeights(weights, { wMax: 2, seed: 3 });
  for (const residue of [0, 1, 2, 3]) {
    const count = kept.filter((i) => i % 4 === residue).length;
    if (residue === 0) expect(count).toBe(0);
    else {
      const { lower, upper } = centralInterval(binomialLaw(2000, residue / 4), 5e-7);
      expect(count).toBeGreaterThanOrEqual(lower);
      expect(count).toBeLessThanOrEqual(upper);
    }
  }
  expect(kept).toEqual(kept.toSorted((a, b) => a - b));
  expect(thinByWeights(weights, { wMax: 2, seed: 3 })).toEqual(kept);
  expect(thinByWeights(weights, { wMax: 2 })).not.toEqual(kept);
});

test("weights at the maximum keep everything, zero weights nothing, and nothing is a legal calibration set", () => {
  expect(thinByWeights([2, 2, 2], { wMax: 2 })).toEqual([0, 1, 2]);
  const kept = thinByWeights([0, 0], { wMax: 2 });
  expect(kept).toEqual([]);
  expect(orderStatisticBound({ calibration: kept, m: 3, zeta: 2, alpha: 0.1 }).reason).toBe("too-few-calibration");
});

test("one point of every group, each member equally often", () => {
  const groups = ["a", "b", "a", "c", "a", "b", 1, "1"];
  const seen = Array<number>(groups.length).fill(0);
  for (let seed = 0; seed < 3000; seed++) {
    const chosen = subsampleOnePerGroup(groups, { seed });
    expect(chosen.map((i) => groups[i])).toEqual(["a", "b", "c", 1, "1"]);
    for (const i of chosen) seen[i] = (seen[i] as number) + 1;
  }
  for (const [i, share] of [1 / 3, 1 / 2, 1 / 3, 1, 1 / 3, 1 / 2, 1, 1].entries()) {
    if (share === 1) expect(seen[i]).toBe(3000);
    else {
      const { lower, upper } = centralInterval(binomialLaw(3000, share), 5e-7);
      expect(seen[i]).toBeGreaterThanOrEqual(lower);
      expect(seen[i]).toBeLessThanOrEqual(upper);
    }
  }
  expect(subsampleOnePerGroup([])).toEqual([]);
});

test("errors", () => {
  expect(codeOf(() => thinByWeights([1, 3], { wMax: 2 }))).toBe("E_WEIGHTS at 1");
  expect(codeOf(() => thinByWeights([1, 1, -1], { wMax: 2 }))).toBe("E_WEIGHTS at 2");
  expect(codeOf(() => thinByWeights([NaN], { wMax: 2 }))).toBe("E_NAN at 0");
  for (const wMax of [0, -1, Infinity, NaN]) expect(codeOf(() => thinByWeights([0], { wMax }))).toBe("E_WEIGHTS");
  expect(codeOf(() => thinByWeights([1], { wMax: 2, seed: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => subsampleOnePerGroup(["a"], { seed: 0.5 }))).toBe("E_RANGE");
});
