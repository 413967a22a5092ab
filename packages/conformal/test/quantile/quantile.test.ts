import fc from "fast-check";
import { expect, test } from "vitest";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { conformalRank } from "../../src/quantile/rank.ts";
import { codeOf } from "../codeOf.ts";
import { permutations, wordsOf } from "../enumerate.ts";
import { reference } from "../reference.ts";

const nine = [0.42, 0.11, 0.73, 0.28, 0.95, 0.05, 0.61, 0.37, 0.54];
const weights = [1, 2, 1, 0.5, 1, 3, 1, 1, 0.5];
const alphas = [0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.8, 0.95];
const score = fc.double({ noNaN: true });

test("nine scores by hand", () => {
  const values = [0.05, 0.1, 0.2, 0.3, 0.5].map((alpha) => conformalQuantile(nine, alpha).value);
  expect(values).toEqual([Infinity, 0.95, 0.73, 0.61, 0.42]);
  expect(conformalQuantile(nine, 0.2)).toEqual({ value: 0.73, rank: 8, n: 9, finite: true, level: 0.8 });
  expect(conformalQuantile(nine, 0.05)).toEqual({
    value: Infinity,
    rank: 10,
    n: 9,
    finite: false,
    level: 1,
    reason: "too-few-calibration",
  });
  expect(conformalQuantile(nine, 0.05, { sMax: 1 })).toMatchObject({ value: 1, rank: 10, finite: true, level: 1 });
});

test("nine weighted scores by hand", () => {
  const at = (alpha: number) => conformalQuantile(nine, alpha, { weights, testWeight: 1.5 });
  expect(at(0.1)).toMatchObject({ value: Infinity, rank: 10, level: 1, reason: "too-few-calibration" });
  expect(at(0.2)).toMatchObject({ value: 0.73, rank: 8, level: 0.8 });
  expect(at(0.3).value).toBe(0.61);
});

test("weighted quantiles equal exact rational ones", () => {
  for (const { scores, weights, testWeight, alpha, value } of reference.weightedQuantiles) {
    expect(conformalQuantile(scores, alpha, { weights, testWeight }).value).toBe(value ?? Infinity);
  }
});

test("over all orders of distinct scores, a new score is covered in exactly k / (n + 1) of them", () => {
  for (let n = 1; n <= 6; n++) {
    const orders = permutations(n + 1);
    for (const alpha of alphas) {
      let covered = 0;
      for (const order of orders) {
        if ((order[n] as number) <= conformalQuantile(order.slice(0, n), alpha).value) covered++;
      }
      expect(covered * (n + 1)).toBe(conformalRank(n, alpha) * orders.length);
      expect(covered / orders.length).toBeGreaterThanOrEqual(1 - alpha - 1e-12);
    }
  }
});

test("over all orders of scores with ties, a new score is covered in at least k / (n + 1) of them", () => {
  for (let n = 1; n <= 5; n++) {
    for (const values of wordsOf(3, n + 1)) {
      for (const alpha of alphas) {
        const covered = values.filter((value, i) => value <= conformalQuantile(values.toSpliced(i, 1), alpha).value);
        expect(covered.length).toBeGreaterThanOrEqual(conformalRank(n, alpha));
      }
    }
  }
});

test("is an entry of the sorted scores", () => {
  fc.assert(
    fc.property(fc.array(score, { minLength: 1, maxLength: 200 }), fc.constantFrom(...alphas), (scores, alpha) => {
      const quantile = conformalQuantile(scores, alpha);
      const sorted = [...Float64Array.from(scores, (s) => s + 0).sort(), Infinity];
      expect(quantile.value).toBe(sorted[quantile.rank - 1]);
      expect(quantile.level).toBe(quantile.rank / (scores.length + 1));
      expect(quantile.level).toBeGreaterThanOrEqual(1 - alpha - 1e-9);
    }),
  );
});

test("is the same in every order and leaves the scores alone", () => {
  const shuffledPair = fc
    .array(fc.tuple(score, fc.integer({ min: 0, max: 3 })), { minLength: 1 })
    .chain((points) => fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })));
  fc.assert(
    fc.property(shuffledPair, fc.constantFrom(...alphas), ([points, reordered], alpha) => {
      const run = (of: [number, number][]) => {
        const scores = Float64Array.from(of, (point) => point[0]);
        const copy = scores.slice();
        const plain = conformalQuantile(scores, alpha);
        // One more than drawn, because weights that are all zero are an error.
        const weighted = conformalQuantile(scores, alpha, { weights: of.map((point) => point[1] + 1) });
        expect(scores).toEqual(copy);
        return [plain, weighted];
      };
      expect(run(points)).toEqual(run(reordered));
    }),
  );
});

test("falls as alpha grows", () => {
  fc.assert(
    fc.property(fc.array(score, { minLength: 1 }), (scores) => {
      const values = alphas.map((alpha) => conformalQuantile(scores, alpha).value);
      expect(values).toEqual(values.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
    }),
  );
});

test("equal weights of any size change nothing, a zero weight removes a point", () => {
  const finite = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 60 });
  const weight = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(finite, weight, fc.constantFrom(...alphas), (scores, w, alpha) => {
      const { value, rank } = conformalQuantile(scores, alpha);
      const same = conformalQuantile(scores, alpha, { weights: scores.map(() => w), testWeight: w });
      expect([same.value, same.rank]).toEqual([value, rank]);
      const padded = conformalQuantile([...scores, -1, 7], alpha, { weights: [...scores.map(() => 1), 0, 0] });
      expect(padded.value).toBe(value);
    }),
  );
});

test("a large test weight leaves no finite threshold", () => {
  expect(conformalQuantile(nine, 0.5, { weights, testWeight: 1e6 }).value).toBe(Infinity);
});

test("a hundred thousand equal decimal weights still count as whole points", () => {
  const scores = Float64Array.from({ length: 99_999 }, (_, i) => i + 1);
  const quantile = conformalQuantile(scores, 0.1, { weights: scores.map(() => 0.1), testWeight: 0.1 });
  expect(quantile.rank).toBe(90_000);
});

test("Float32Array scores and infinite scores", () => {
  expect(conformalQuantile(Float32Array.of(0.5, 0.25, 0.75), 0.5).value).toBe(0.5);
  expect(conformalQuantile([1, Infinity, -Infinity], 0.25)).toMatchObject({ value: Infinity, rank: 3, finite: false });
  expect(Object.is(conformalQuantile([-0, 0, -0], 0.5).value, 0)).toBe(true);
});

test("bad input", () => {
  expect(codeOf(() => conformalQuantile(nine, 1))).toBe("E_ALPHA");
  expect(codeOf(() => conformalQuantile([], 0.1))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => conformalQuantile([1, Number.NaN], 0.1))).toBe("E_NAN at 1");
  expect(codeOf(() => conformalQuantile([1], 0.1, { sMax: Number.NaN }))).toBe("E_NAN");
  expect(codeOf(() => conformalQuantile([0.5, 2], 0.1, { sMax: 1 }))).toBe("E_RANGE at 1");
  expect(codeOf(() => conformalQuantile([1, 2], 0.1, { weights: [1] }))).toBe("E_LENGTH");
  expect(codeOf(() => conformalQuantile([1, 2], 0.1, { weights: [1, -1] }))).toBe("E_WEIGHTS at 1");
  expect(codeOf(() => conformalQuantile([1, 2], 0.1, { weights: [1, Infinity] }))).toBe("E_WEIGHTS at 1");
  expect(codeOf(() => conformalQuantile([1, 2], 0.1, { weights: [Number.NaN, 1] }))).toBe("E_NAN at 0");
  expect(codeOf(() => conformalQuantile([1, 2], 0.1, { weights: [0, 0] }))).toBe("E_WEIGHTS");
  expect(codeOf(() => conformalQuantile([1], 0.1, { weights: [1], testWeight: -1 }))).toBe("E_WEIGHTS");
  expect(codeOf(() => conformalQuantile([1], 0.1, { weights: [1], testWeight: Number.NaN }))).toBe("E_NAN");
  expect(codeOf(() => conformalQuantile([1], 0.1, { testWeight: 1 }))).toBe("E_WEIGHTS");
});
