import fc from "fast-check";
import { expect, test } from "vitest";
import { benjaminiHochberg, clippedScore, conformalSelection, residualScore } from "../../src/detection/index.ts";
import { uniformStream } from "../../src/base/random.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";
import { choose, COMMON } from "./choose.ts";
import { reference } from "./reference.ts";

test("by hand: only calibration points that should not be selected stand in the way", () => {
  const predictions = [9, 8, 7, 6, 5, 4, 3, 2, 1];
  const y = [12, 3, 11, 4, 2, 1, 1, 1, 1];
  const { selected, pValues, adjusted, guarantee } = conformalSelection(predictions, y, [9.5, 7.5, 3.5], {
    threshold: 10,
    q: 0.3,
  });
  // Of the points with y <= 10 none is predicted at least 9.5, one at least 7.5, four at least 3.5.
  expect([...pValues]).toEqual([0.1, 0.2, 0.5]);
  expect(selected).toEqual([0, 1]);
  expect([...adjusted].map((value) => Number(value.toFixed(12)))).toEqual([0.3, 0.3, 0.5]);
  expect(guarantee).toBe("fdr");
});

test("equal a plain computation for both scores and both kinds of ties", () => {
  for (const { predictions, y, test: tests, u, q, score, ties, p, selected } of reference.selection) {
    const found = conformalSelection(predictions, y, tests, {
      threshold: 0.5,
      q,
      score: score === "clipped" ? clippedScore : residualScore,
      ...(ties === "random" ? { u } : {}),
    });
    expect(found.selected).toEqual(selected);
    found.pValues.forEach((value, j) => {
      expect(value).toBeCloseTo(p[j] as number, 14);
    });
  }
});

test("the false discovery rate is at most q, enumerated over which points are calibration points, ties included", () => {
  const uniform = uniformStream(3);
  const digit = (size: number) => Math.floor(size * uniform());
  const pools: (readonly [number, number])[][] = [];
  for (const [n, m] of [
    [3, 2],
    [4, 2],
    [4, 3],
    [5, 2],
  ] as const) {
    for (let repeat = 0; repeat < 25; repeat++) {
      const points = Array.from({ length: n + m }, () => [digit(4), digit(5)] as const);
      pools.push(points);
      for (const score of [clippedScore, residualScore]) {
        for (const twentieths of [5, 8, 13, 17]) {
          let sum = 0;
          const ways = choose(n + m, m);
          for (const tests of ways) {
            const calibration = points.filter((_, i) => !tests.includes(i));
            const { selected } = conformalSelection(
              calibration.map(([prediction]) => prediction),
              calibration.map(([, y]) => y),
              tests.map((i) => points[i]?.[0] as number),
              { threshold: 2, q: twentieths / 20, score },
            );
            const wrong = selected.filter((j) => (points[tests[j] as number]?.[1] as number) <= 2).length;
            if (wrong > 0) sum += (COMMON / selected.length) * wrong;
          }
          expect(sum * 20).toBeLessThanOrEqual(twentieths * COMMON * ways.length);
        }
      }
    }
  }
  expect(pools.length).toBe(100);
});

test("random ties keep it too: enumerated, with every u integrated exactly", () => {
  const [n, m] = [4, 2];
  const uniform = uniformStream(4);
  for (let repeat = 0; repeat < 40; repeat++) {
    const points = Array.from({ length: n + m }, () => [Math.floor(3 * uniform()), Math.floor(4 * uniform())] as const);
    for (const q of [0.2, 0.5, 0.8]) {
      let mean = 0;
      const ways = choose(n + m, m);
      for (const tests of ways) {
        const calibration = points.filter((_, i) => !tests.includes(i));
        const at = (u: number[]) =>
          conformalSelection(
            calibration.map(([prediction]) => prediction),
            calibration.map(([, y]) => y),
            tests.map((i) => points[i]?.[0] as number),
            { threshold: 1, q, u },
          ).pValues;
        const [low, high] = [at([0, 0]), at([1, 1])];
        // Each p is uniform between its ends; what is selected depends on the step q k / m that it stays within.
        for (const word of wordsOf(m + 1, m)) {
          const p = word.map((step) => (step === m ? 1 : (q * (step + 0.5)) / m));
          let chance = 1;
          word.forEach((step, j) => {
            const [from, to] = [(q * step) / m, step === m ? 1 : (q * (step + 1)) / m];
            const [a, b] = [low[j] as number, high[j] as number];
            chance *= Math.max(0, Math.min(b, to) - Math.max(a, from)) / (b - a);
          });
          if (chance === 0) continue;
          const { selected } = benjaminiHochberg(p, q);
          const wrong = selected.filter((j) => (points[tests[j] as number]?.[1] as number) <= 1).length;
          mean += (chance * wrong) / Math.max(1, selected.length) / ways.length;
        }
      }
      expect(mean).toBeLessThanOrEqual(q + 1e-12);
    }
  }
});

test("nested in q; the order of the calibration points doesn't matter; test points are followed", () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 1, maxLength: 20 }),
      fc.array(fc.integer({ max: 12 })),
      (points, tests) => {
        const run = (list: typeof points, to: number[], q: number) =>
          conformalSelection(
            list.map(([prediction]) => prediction),
            list.map(([, y]) => y),
            to,
            { threshold: 4, q },
          );
        const narrow = run(points, tests, 0.2);
        const wide = run(points, tests, 0.6);
        expect(narrow.selected.every((j) => wide.selected.includes(j))).toBe(true);
        expect(run(points.toReversed(), tests, 0.6)).toEqual(wide);
        const back = run(points, tests.toReversed(), 0.6).selected.map((j) => tests.length - 1 - j);
        expect(back.sort((a, b) => a - b)).toEqual(wide.selected);
      },
    ),
  );
});

test("too few calibration points select nobody, and say so", () => {
  const few = conformalSelection([1, 2, 3], [9, 9, 9], [10, 10], { threshold: 5, q: 0.2 });
  expect(few).toMatchObject({ selected: [], reason: "too-few-calibration" });
  expect(conformalSelection([1, 2, 3, 4], [9, 9, 9, 9], [10, 10], { threshold: 5, q: 0.2 }).selected).toEqual([0, 1]);
});

test("seeded ties come from the stream", () => {
  const uniform = uniformStream(9);
  const u = [uniform(), uniform()];
  const run = (given: object) => conformalSelection([1, 2], [0, 9], [2, 1], { threshold: 5, q: 0.5, ...given }).pValues;
  expect(run({ ties: "random", seed: 9 })).toEqual(run({ u }));
});

test("bad input", () => {
  const select = (predictions: number[], y: number[], tests: number[], given = {}) =>
    codeOf(() => conformalSelection(predictions, y, tests, { threshold: 0, q: 0.1, ...given }));
  expect(select([], [], [1])).toBe("E_EMPTY_CALIBRATION");
  expect(select([1], [1, 2], [1])).toBe("E_LENGTH");
  expect(select([1, Number.NaN], [1, 2], [1])).toBe("E_NAN at 1");
  expect(select([1, 2], [1, Infinity], [1])).toBe("E_RANGE at 1");
  expect(select([1], [1], [1, Number.NaN])).toBe("E_NAN at 1");
  expect(select([1], [1], [1], { q: 1 })).toBe("E_ALPHA");
  expect(select([1], [1], [1], { threshold: Number.NaN })).toBe("E_NAN");
  expect(select([1], [1], [1], { ties: "no" })).toBe("E_RANGE");
  expect(select([1], [1], [1], { ties: "conservative", u: [1] })).toBe("E_RANGE");
  expect(select([1], [1], [1], { u: [1, 1] })).toBe("E_LENGTH");
  expect(select([1], [1], [1], { u: [2] })).toBe("E_RANGE at 0");
  expect(select([1], [1], [1], { ties: "random", seed: 0.5 })).toBe("E_RANGE");
  const odd = { name: "odd", score: () => Number.NaN };
  expect(select([1], [1], [1], { score: odd })).toBe("E_NAN at 0");
});
