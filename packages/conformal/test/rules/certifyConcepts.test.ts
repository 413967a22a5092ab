import { expect, test } from "vitest";
import { ConformalError } from "../../src/base/errors.ts";
import { type ConceptModel, certifyConcepts } from "../../src/rules/certifyConcepts.ts";
import { gaussianNoise } from "../../src/rules/gaussianNoise.ts";
import { smoothedBounds, smoothedMeanBounds } from "../../src/rules/smoothing.ts";

const options = { samples: 1000, sigma: 0.5, radius: 0.2, failure: 0.01 };
const x = [0.3, -0.2];

/** Two concepts: the signs of the coordinates. */
const signs: ConceptModel = (inputs) => inputs.map((value) => (value > 0 ? 1 : 0));
/** One concept: a logistic probability. */
const logistic: ConceptModel = async (inputs, count) =>
  Float64Array.from({ length: count }, (_, i) => 1 / (1 + Math.exp(-(inputs[2 * i] ?? 0) - (inputs[2 * i + 1] ?? 0))));

/** The copies that the noise gives, one after the other. */
function copies(seed = 0): number[][] {
  const noise = gaussianNoise(seed, x);
  return Array.from({ length: options.samples }, () => x.map((value) => value + options.sigma * noise()));
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (error: unknown) => {
      if (!(error instanceof ConformalError)) throw error;
      return error.index === undefined ? error.code : `${error.code} at ${error.index}`;
    },
  );
}

test("votes of several models, in batches that do not matter", async () => {
  const found = await certifyConcepts([signs, logistic], x, options);
  const votes = [0, 1].map((k) => copies().filter((copy) => (copy[k] as number) > 0).length);
  votes.push(copies().filter((copy) => (copy[0] as number) + (copy[1] as number) >= 0).length);
  expect([...found.estimate]).toEqual(votes.map((count) => count / options.samples));
  const each = { ...options, failure: options.failure / 3 };
  expect([...found.lower]).toEqual(votes.map((count) => smoothedBounds({ ...each, votes: count }).lower));
  expect([...found.upper]).toEqual(votes.map((count) => smoothedBounds({ ...each, votes: count }).upper));
  const again = await certifyConcepts([signs, logistic], x, { ...options, batch: 7 });
  expect([again.lower, again.upper]).toEqual([found.lower, found.upper]);
  const input = found.atRadius(0);
  expect([...input.lower]).toEqual(votes.map((count) => smoothedBounds({ ...each, votes: count, radius: 0 }).lower));
  expect(await certifyConcepts([signs], x, { ...options, seed: 1 })).not.toMatchObject({
    estimate: found.estimate.slice(0, 2),
  });
});

test("means of probabilities", async () => {
  const values = copies().map(([a = 0, b = 0]) => 1 / (1 + Math.exp(-a - b)));
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const plain = await certifyConcepts([logistic], x, { ...options, smoothing: "mean" });
  const sharp = await certifyConcepts([logistic], x, { ...options, smoothing: "mean-bernstein" });
  expect(plain.estimate[0]).toBeCloseTo(mean, 13);
  expect(plain.lower[0]).toBeCloseTo(smoothedMeanBounds({ ...options, mean }).lower, 12);
  expect(sharp.upper[0]).toBeCloseTo(smoothedMeanBounds({ ...options, mean, variance }).upper, 12);
});

test("the bounds hold at perturbed inputs", async () => {
  // The smoothed signs are Phi(x_k / sigma), known exactly: Phi(0.6 -+ 0.4) and Phi(-0.4 -+ 0.4).
  const { lower, upper } = await certifyConcepts([signs], x, { ...options, failure: 1e-6 });
  const shifted: [number, number][] = [
    [0.579259709, 0.841344746],
    [0.211855399, 0.5],
  ];
  shifted.forEach(([low, high], k) => {
    expect(lower[k]).toBeLessThan(low);
    expect(upper[k]).toBeGreaterThan(high);
  });
});

test("progress and abort", async () => {
  const seen: number[] = [];
  await certifyConcepts([signs], x, { ...options, onProgress: (done, total) => seen.push(done, total) });
  expect(seen).toEqual([250, 1000, 500, 1000, 750, 1000, 1000, 1000]);
  const controller = new AbortController();
  let calls = 0;
  const slow: ConceptModel = (inputs, count) => {
    calls++;
    if (calls === 2) controller.abort(new Error("enough"));
    return signs(inputs, count);
  };
  await expect(certifyConcepts([slow], x, { ...options, signal: controller.signal })).rejects.toThrow("enough");
  expect(calls).toBe(2);
});

test("bad input and bad models", async () => {
  const run = (models: ConceptModel[], change: Partial<Parameters<typeof certifyConcepts>[2]> = {}, input = x) =>
    codeOf(certifyConcepts(models, input, { ...options, ...change }));
  expect(await run([])).toBe("E_RANGE");
  expect(await run([signs], { samples: 0 })).toBe("E_RANGE");
  expect(await run([signs], { sigma: -1 })).toBe("E_SIGMA");
  expect(await run([signs], { failure: 2 })).toBe("E_ALPHA");
  expect(await run([signs], { batch: 0 })).toBe("E_RANGE");
  expect(await run([signs], { smoothing: "median" as "mean" })).toBe("E_RANGE");
  expect(await run([signs], {}, [0, Number.NaN])).toBe("E_NAN at 1");
  expect(await run([signs, () => [0.5]])).toBe("E_LENGTH at 1");
  expect(await run([signs, (_, count) => new Array<number>(count).fill(1.5)])).toBe("E_PROBS at 1");
  expect(await run([(_, count) => new Array<number>(count).fill(Number.NaN)])).toBe("E_NAN at 0");
  let calls = 0;
  expect(await run([(_, count) => new Array<number>(calls++ === 0 ? count : 2 * count).fill(0)])).toBe("E_LENGTH");
});

test("the noise is standard normal, and a function of seed and row", () => {
  const draws = (seed: number, row: number[], count = 5) => {
    const noise = gaussianNoise(seed, row);
    return Array.from({ length: count }, noise);
  };
  expect(draws(3, [1, 2])).toEqual(draws(3, [1, 2]));
  expect(draws(3, [1, 2])).not.toEqual(draws(4, [1, 2]));
  expect(draws(3, [1, 2])).not.toEqual(draws(3, [1, 2.5]));
  const many = draws(1, [], 40_000);
  const moment = (power: number) => many.reduce((sum, value) => sum + value ** power, 0) / many.length;
  // Six standard deviations: 1/200, sqrt(2)/200, sqrt(15)/200, sqrt(96)/200.
  expect(Math.abs(moment(1))).toBeLessThan(6 / 200);
  expect(Math.abs(moment(2) - 1)).toBeLessThan((6 * Math.SQRT2) / 200);
  expect(Math.abs(moment(3))).toBeLessThan((6 * Math.sqrt(15)) / 200);
  expect(Math.abs(moment(4) - 3)).toBeLessThan((6 * Math.sqrt(96)) / 200);
});
