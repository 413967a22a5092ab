import fc from "fast-check";
import { expect, test } from "vitest";
import { uniformStream } from "../../src/base/random.ts";
import { streamingQuantile } from "../../src/online/streamingQuantile.ts";
import { conformalPValue } from "../../src/quantile/pValue.ts";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { codeOf } from "../codeOf.ts";

const score = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double({ noNaN: true }));

test("equals conformalQuantile of the held scores at every step", () => {
  fc.assert(
    fc.property(
      fc.array(score, { maxLength: 20 }),
      fc.array(score, { minLength: 1, maxLength: 60 }),
      fc.option(fc.integer({ min: 1, max: 15 }), { nil: undefined }),
      fc.constantFrom(0.05, 0.1, 0.25, 0.5, 0.9),
      (start, stream, window, alpha) => {
        const streaming = streamingQuantile({ alpha, scores: start, ...(window === undefined ? {} : { window }) });
        const all = [...start];
        for (const next of stream) {
          streaming.insert(next);
          all.push(next);
          const held = window === undefined ? all : all.slice(-window);
          expect(streaming.size).toBe(held.length);
          expect(streaming.quantile()).toEqual(conformalQuantile(held, alpha));
          expect(streaming.quantile(0.3)).toEqual(conformalQuantile(held, 0.3));
          expect(streaming.pValue(next)).toBe(conformalPValue(held, next));
          expect(streaming.countBelow(next)).toBe(held.filter((s) => s < next).length);
        }
        const held = window === undefined ? all.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)) : all.slice(-window);
        expect([...streaming.scores()].map((s) => s + 0)).toEqual(held.map((s) => s + 0));
      },
    ),
  );
});

test("a long window over many blocks", () => {
  const uniform = uniformStream(3);
  const stream = Array.from({ length: 6000 }, uniform);
  const streaming = streamingQuantile({ alpha: 0.1, window: 2500 });
  for (const [t, next] of stream.entries()) {
    streaming.insert(next);
    if (t % 400 === 0) {
      const held = stream.slice(Math.max(0, t + 1 - 2500), t + 1);
      expect(streaming.quantile()).toEqual(conformalQuantile(held, 0.1));
    }
  }
});

test("nothing held, nothing excluded", () => {
  const empty = streamingQuantile({ alpha: 0.1 });
  expect(empty.quantile()).toEqual({
    value: Infinity,
    rank: 1,
    n: 0,
    finite: false,
    level: 1,
    reason: "too-few-calibration",
  });
  expect(empty.pValue(3)).toBe(1);
});

test("bad input", () => {
  expect(codeOf(() => streamingQuantile({ alpha: 1 }))).toBe("E_ALPHA");
  expect(codeOf(() => streamingQuantile({ alpha: 0.1, window: 1.5 }))).toBe("E_RANGE");
  expect(codeOf(() => streamingQuantile({ alpha: 0.1, window: 1, scores: [Number.NaN, 2] }))).toBe("E_NAN at 0");
  const streaming = streamingQuantile({ alpha: 0.1, window: 1 });
  expect(codeOf(() => streaming.insert(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => streaming.quantile(0))).toBe("E_ALPHA");
  expect(codeOf(() => streaming.pValue(Number.NaN))).toBe("E_NAN");
  expect(streaming.size).toBe(0);
});
