import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clopperPearson } from "../../src/base/binomial.ts";
import { gaussianNoise } from "../../src/rules/gaussianNoise.ts";
import { smoothedBounds, smoothedMeanBounds } from "../../src/rules/smoothing.ts";
import { codeOf } from "../codeOf.ts";

/** By scipy: beta and normal quantiles; fixtures/rules/make_smoothing.py wrote them. */
const cases = JSON.parse(
  readFileSync(new URL("../fixtures/rules/smoothing.json", import.meta.url), "utf8"),
) as readonly {
  votes: number;
  samples: number;
  sigma: number;
  radius: number;
  failure: number;
  lower: number;
  upper: number;
  upperComplement: number;
}[];

test("a probability of 0.8 that is known exactly, radius 1/4, sigma 1/2", () => {
  const exact = { mean: 0.8, variance: 0, samples: 1e15, sigma: 0.5, radius: 0.25, failure: 0.01 };
  const { lower, upper } = smoothedMeanBounds(exact);
  expect(lower).toBeCloseTo(0.6336820222, 10);
  expect(upper).toBeCloseTo(0.9101405811, 10);
});

test("vote shares get Clopper-Pearson bounds, half of the failure on each side", () => {
  const found = smoothedBounds({ votes: 9800, samples: 10_000, sigma: 0.5, radius: 0, failure: 0.002 });
  expect(found.lowerAtInput).toBeCloseTo(0.9752917418, 10);
  expect(found.upperAtInput).toBeCloseTo(0.9840550925, 10);
  expect(found.lower).toBeLessThanOrEqual(found.lowerAtInput);
  expect(found.upper).toBeGreaterThanOrEqual(found.upperAtInput);
  expect(found.upper - found.upperAtInput).toBeLessThan(1e-11);
  expect(clopperPearson(9800, 10_000, 0.001).lower).toBe(found.lowerAtInput);
});

test("agrees with scipy, always on the safe side, also far out", () => {
  for (const { lower, upper, upperComplement, ...options } of cases) {
    const found = smoothedBounds(options);
    // Safe up to what scipy itself is off.
    expect(found.lower).toBeLessThanOrEqual(lower * (1 + 1e-13));
    expect(found.lower).toBeGreaterThanOrEqual(lower * (1 - 1e-10));
    expect(found.upper).toBeGreaterThanOrEqual(upper * (1 - 1e-15));
    expect(found.upper - upper).toBeLessThanOrEqual(1e-10 * upperComplement + 3e-16);
  }
});

test("certain votes stay certain on one side only", () => {
  const all = smoothedBounds({ votes: 100, samples: 100, sigma: 1, radius: 0.5, failure: 0.02 });
  expect(all.upper).toBe(1);
  expect(all.lower).toBeLessThan(0.01 ** (1 / 100));
  const none = smoothedBounds({ votes: 0, samples: 100, sigma: 1, radius: 0.5, failure: 0.02 });
  expect(none.lower).toBe(0);
  expect(none.upper).toBeCloseTo(1 - all.lower, 14);
});

test("bounds widen with the radius, and narrow with samples", () => {
  const at = (radius: number, samples: number) =>
    smoothedBounds({ votes: 0.7 * samples, samples, sigma: 0.5, radius, failure: 0.01 });
  for (const [narrow, wide] of [
    [at(0, 1000), at(0.1, 1000)],
    [at(0.1, 1000), at(0.5, 1000)],
    [at(0.1, 10_000), at(0.1, 1000)],
  ] as const) {
    expect(wide.lower).toBeLessThan(narrow.lower);
    expect(wide.upper).toBeGreaterThan(narrow.upper);
  }
});

test("means: Hoeffding and empirical Bernstein by their formulas", () => {
  const shared = { mean: 0.9, samples: 1000, sigma: 0.5, radius: 0, failure: 0.01 };
  const hoeffding = smoothedMeanBounds(shared);
  expect(hoeffding.lower).toBeCloseTo(0.9 - Math.sqrt(Math.log(200) / 2000), 11);
  const bernstein = smoothedMeanBounds({ ...shared, variance: 0.001 });
  const half = Math.sqrt((0.002 * Math.log(400)) / 1000) + (7 * Math.log(400)) / (3 * 999);
  expect(bernstein.lower).toBeCloseTo(0.9 - half, 11);
  expect(bernstein.upper).toBeCloseTo(0.9 + half, 11);
  expect(bernstein.lower).toBeGreaterThan(hoeffding.lower);
  expect(smoothedMeanBounds({ ...shared, mean: 1, radius: 1 }).upper).toBe(1);
});

test("the Clopper-Pearson bounds fail as seldom as they say, exactly", () => {
  const [samples, failure] = [12, 0.2];
  const bounds = Array.from({ length: samples + 1 }, (_, votes) =>
    smoothedBounds({ votes, samples, sigma: 1, radius: 0, failure }),
  );
  const choose = (k: number): number => (k === 0 ? 1 : (choose(k - 1) * (samples - k + 1)) / k);
  for (let i = 1; i < 100; i++) {
    const p = i / 100;
    let wrong = 0;
    bounds.forEach(({ lower, upper }, k) => {
      if (p < lower || p > upper) wrong += choose(k) * p ** k * (1 - p) ** (samples - k);
    });
    expect(wrong).toBeLessThanOrEqual(failure);
  }
});

test("a smoothed half-space moves by exactly what the bounds allow", () => {
  // f(x) = 1 when x > 0: smoothed, Phi(x / sigma). The bound is attained when the whole radius goes against it.
  const [sigma, radius, samples] = [0.5, 0.3, 200_000];
  const noise = gaussianNoise(5);
  let votes = 0;
  for (let i = 0; i < samples; i++) if (0.4 + sigma * noise() > 0) votes++;
  const { lower, upper } = smoothedBounds({ votes, samples, sigma, radius, failure: 1e-6 });
  // Phi(0.2) and Phi(1.4).
  expect(lower).toBeLessThan(0.579259709);
  expect(lower).toBeGreaterThan(0.57);
  expect(upper).toBeGreaterThan(0.919243341);
  expect(upper).toBeLessThan(0.924);
});

test("bad input", () => {
  const good = { votes: 5, samples: 10, sigma: 1, radius: 0.1, failure: 0.01 };
  const code = (change: Partial<typeof good>) => codeOf(() => smoothedBounds({ ...good, ...change }));
  expect(code({ votes: 11 })).toBe("E_RANGE");
  expect(code({ votes: 0.5 })).toBe("E_RANGE");
  expect(code({ samples: 0 })).toBe("E_RANGE");
  expect(code({ sigma: 0 })).toBe("E_SIGMA");
  expect(code({ radius: -1 })).toBe("E_RANGE");
  expect(code({ radius: Number.NaN })).toBe("E_NAN");
  expect(code({ failure: 0 })).toBe("E_ALPHA");
  const means = { mean: 0.5, samples: 10, sigma: 1, radius: 0.1, failure: 0.01 };
  expect(codeOf(() => smoothedMeanBounds({ ...means, mean: 1.5 }))).toBe("E_RANGE");
  expect(codeOf(() => smoothedMeanBounds({ ...means, mean: Number.NaN }))).toBe("E_NAN");
  expect(codeOf(() => smoothedMeanBounds({ ...means, variance: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => smoothedMeanBounds({ ...means, samples: 1, variance: 0 }))).toBe("E_RANGE");
});
