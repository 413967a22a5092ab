import fc from "fast-check";
import { expect, test } from "vitest";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { conformalRiskControl, lossMatrix } from "../../src/risk/index.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";

const lambdas = [0, 0.25, 0.5, 0.75, 1];
/** Nine curves with means 1, 0.644444, 0.333333, 0.111111, 0. */
const nine = [
  [1, 1, 1, 0.5, 0],
  [1, 1, 1, 0.5, 0],
  [1, 1, 0.5, 0, 0],
  [1, 0.8, 0.5, 0, 0],
  [1, 0.5, 0, 0, 0],
  [1, 0.5, 0, 0, 0],
  [1, 0.5, 0, 0, 0],
  [1, 0.3, 0, 0, 0],
  [1, 0.2, 0, 0, 0],
];

test("nine curves by hand", () => {
  const at = (alpha: number) => conformalRiskControl(nine, lambdas, { alpha });
  expect([0.5, 0.3, 0.2].map((alpha) => at(alpha).lambda)).toEqual([0.5, 0.75, 0.75]);
  expect(at(0.5)).toMatchObject({ index: 2, n: 9, alpha: 0.5, guarantee: "marginal" });
  expect(at(0.5).risk).toBeCloseTo(1 / 3, 12);
  expect(at(0.5).adjustedRisk).toBeCloseTo(0.4, 12);
  expect(at(0.7).adjustedRisk).toBeCloseTo(0.68, 12);
  expect(at(0.1)).toMatchObject({ lambda: 1, adjustedRisk: 0.1 });
  expect(at(0.1).reason).toBeUndefined();
  expect(at(0.05)).toMatchObject({ lambda: 1, index: 4, adjustedRisk: 0.1, reason: "only-lambda-max" });
});

test("with the 0/1 loss of a threshold it is split conformal prediction", () => {
  const scores = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double({ min: 0, max: 9, noNaN: true })), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 99 }), (list, percent) => {
      const alpha = percent / 100;
      const grid = [...new Set(list.map((s) => s + 0))].sort((a, b) => a - b);
      const settings = [...grid, Infinity];
      const losses = lossMatrix(list.length, settings, (i, lambda) => ((list[i] as number) <= lambda ? 0 : 1));
      const { lambda, reason } = conformalRiskControl(losses, settings, { alpha });
      const quantile = conformalQuantile(list, alpha);
      expect(lambda).toBe(quantile.value);
      expect(reason === undefined).toBe(quantile.reason === undefined);
    }),
  );
});

test("for decimal alphas the comparison is exact, where doubles would miss", () => {
  for (let n = 1; n <= 400; n++) {
    for (const alpha of [0.05, 0.059, 0.1, 0.172, 0.3]) {
      const scores = Float64Array.from({ length: n }, (_, i) => i);
      const { value, rank } = conformalQuantile(scores, alpha);
      if (rank > n || n % 7 !== 0) continue;
      const settings = [rank - 2, rank - 1, n];
      const losses = lossMatrix(n, settings, (i, lambda) => (i <= lambda ? 0 : 1));
      expect(conformalRiskControl(losses, settings, { alpha }).lambda).toBe(value);
    }
  }
});

// Proof by enumeration: for every multiset of n + 1 loss curves, each curve in turn is the test point.
test("the mean loss of the point left out is at most alpha, for all sets of curves", () => {
  // Curves over three lambdas with losses in sixths; the last one is at most 1/6.
  const curves = [
    [6, 6, 1],
    [6, 3, 0],
    [6, 0, 0],
    [3, 3, 1],
    [3, 1, 0],
    [0, 0, 0],
  ];
  for (const sixths of [1, 2, 3, 5]) {
    for (const size of [2, 3, 4, 5]) {
      let largest = 0;
      for (const word of wordsOf(curves.length, size)) {
        if (word.some((letter, i) => i > 0 && letter < (word[i - 1] as number))) continue;
        const rows = word.map((letter) => curves[letter] as number[]);
        let total = 0;
        for (let i = 0; i < size; i++) {
          const { index } = conformalRiskControl(rows.toSpliced(i, 1), [1, 2, 3], { alpha: sixths, bound: 6 });
          total += rows[i]![index] as number;
        }
        largest = Math.max(largest, total);
      }
      expect(largest).toBeLessThanOrEqual(sixths * size);
      // And not for nothing: some set comes close.
      if (sixths === 3) expect(largest).toBeGreaterThan((sixths * size) / 2);
    }
  }
});

test("losses that rise are refused, or replaced by the largest later one", () => {
  const rising = [
    [1, 0.5, 0],
    [0.6, 0.2, 0.1],
    [0.3, 0.4, 0],
  ];
  expect(codeOf(() => conformalRiskControl(rising, [1, 2, 3], { alpha: 0.5 }))).toBe("E_MONOTONE at 2");
  const flat = [rising[0]!, rising[1]!, [0.4, 0.4, 0]];
  for (const alpha of [0.3, 0.5, 0.6, 0.75]) {
    const made = conformalRiskControl(rising, [1, 2, 3], { alpha, monotonize: true });
    expect(made).toEqual(conformalRiskControl(flat, [1, 2, 3], { alpha }));
  }
  expect(rising[2]).toEqual([0.3, 0.4, 0]);
});

test("the same answer in every order, for every form of the matrix, and on every scale", () => {
  const curve = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
  const rows = fc.array(curve, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(rows, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (list, alpha) => {
      // Losses in 1/64ths, so that sums are exact in every order.
      const made = list.map((row) =>
        row
          .map((x) => Math.round(64 * x) / 64)
          .sort((a, b) => b - a)
          .concat(0),
      );
      const found = conformalRiskControl(made, [1, 2, 3, 4], { alpha });
      expect(conformalRiskControl(made.toReversed(), [1, 2, 3, 4], { alpha })).toEqual(found);
      const data = Float64Array.from(made.flat());
      expect(conformalRiskControl({ data, shape: [made.length, 4] }, [1, 2, 3, 4], { alpha })).toEqual(found);
      const doubled = made.map((row) => row.map((x) => 2 * x));
      const scaled = conformalRiskControl(doubled, [1, 2, 3, 4], { alpha: 2 * alpha, bound: 2 });
      expect(scaled.index).toBe(found.index);
    }),
  );
});

test("bad input", () => {
  const run = (losses: unknown, grid: number[], options: object) =>
    codeOf(() => conformalRiskControl(losses as number[][], grid, options as { alpha: number }));
  expect(run(nine, lambdas, { alpha: 0 })).toBe("E_ALPHA");
  expect(run(nine, lambdas, { alpha: 1 })).toBe("E_ALPHA");
  expect(run(nine, lambdas, { alpha: 0.1, bound: 0 })).toBe("E_RANGE");
  expect(run(nine, lambdas, { alpha: 0.1, bound: Number.NaN })).toBe("E_NAN");
  expect(run([], lambdas, { alpha: 0.1 })).toBe("E_EMPTY_CALIBRATION");
  expect(run(nine, [], { alpha: 0.1 })).toBe("E_RANGE");
  expect(run(nine, [1, 2], { alpha: 0.1 })).toBe("E_LENGTH");
  expect(run([[1, 0], [1]], [1, 2], { alpha: 0.1 })).toBe("E_LENGTH");
  expect(run(nine, [0, 1, 1, 2, 3], { alpha: 0.1 })).toBe("E_RANGE at 2");
  expect(run(nine, [0, Number.NaN, 1, 2, 3], { alpha: 0.1 })).toBe("E_NAN at 1");
  expect(
    run(
      [
        [1, 0],
        [2, 0],
      ],
      [1, 2],
      { alpha: 0.1 },
    ),
  ).toBe("E_RANGE at 1");
  expect(
    run(
      [
        [1, 0],
        [Number.NaN, 0],
      ],
      [1, 2],
      { alpha: 0.1 },
    ),
  ).toBe("E_NAN at 1");
  expect(
    run(
      [
        [1, 0],
        [1, 0.2],
      ],
      [1, 2],
      { alpha: 0.1 },
    ),
  ).toBe("E_RANGE at 1");
  expect(run({ data: [1, 0, 1], shape: [2, 2] }, [1, 2], { alpha: 0.1 })).toBe("E_LENGTH");
  expect(codeOf(() => lossMatrix(-1, [1], () => 0))).toBe("E_RANGE");
});
