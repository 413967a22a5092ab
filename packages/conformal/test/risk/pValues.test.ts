import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type RiskPValue,
  type UpperConfidenceBound,
  bettingPValue,
  binomialPValue,
  boundOf,
  clopperPearsonBound,
  empiricalBernsteinBound,
  hoeffdingBentkusBound,
  hoeffdingBentkusPValue,
  hoeffdingBound,
  hoeffdingPValue,
  waudbySmithRamdasBound,
} from "../../src/risk/index.ts";
import { bettor } from "../../src/risk/betting.ts";
import { binomialLaw } from "../binomialLaw.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";

interface Case {
  losses: number[];
  alpha: number;
  delta: number;
  hoeffdingPValue: number;
  hoeffdingBentkusPValue: number;
  bettingPValue: number;
  hoeffdingBound: number;
  empiricalBernsteinBound: number;
  hoeffdingBentkusBound: number;
  waudbySmithRamdasBound: number;
}

/** Values by scipy; `fixtures/risk/make.py` wrote them. */
const fixture = JSON.parse(readFileSync(new URL("../fixtures/risk/risk.json", import.meta.url), "utf8")) as {
  cases: Case[];
  zerosOnes: {
    n: number;
    k: number;
    alpha: number;
    delta: number;
    binomialPValue: number;
    clopperPearsonBound: number;
  }[];
};

const coins = (n: number, ones: number) => Float64Array.from({ length: n }, (_, i) => (i < ones ? 1 : 0));
const pValues: readonly (readonly [string, RiskPValue])[] = [
  ["hoeffding", hoeffdingPValue],
  ["hoeffdingBentkus", hoeffdingBentkusPValue],
  ["binomial", binomialPValue],
];
const bounds: readonly (readonly [string, UpperConfidenceBound])[] = [
  ["hoeffding", hoeffdingBound],
  ["empiricalBernstein", empiricalBernsteinBound],
  ["hoeffdingBentkus", hoeffdingBentkusBound],
  ["clopperPearson", clopperPearsonBound],
  ["hoeffding inverted", boundOf(hoeffdingPValue)],
];
const betting: readonly (readonly [string, RiskPValue])[] = [
  ["betting", bettingPValue()],
  ["betting tuned for 0.3", bettingPValue({ tunedFor: 0.3 })],
];

test("values by scipy", () => {
  for (const { losses, alpha, delta, ...expected } of fixture.cases) {
    const x = Float64Array.from(losses);
    const close = (found: number, wanted: number) => expect(Math.abs(found / wanted - 1)).toBeLessThan(1e-8);
    close(hoeffdingPValue(x, alpha), expected.hoeffdingPValue);
    close(hoeffdingBentkusPValue(x, alpha), expected.hoeffdingBentkusPValue);
    close(bettingPValue({ tunedFor: delta })(x, alpha), expected.bettingPValue);
    close(hoeffdingBound(x, delta), expected.hoeffdingBound);
    close(empiricalBernsteinBound(x, delta), expected.empiricalBernsteinBound);
    close(hoeffdingBentkusBound(x, delta), expected.hoeffdingBentkusBound);
    close(waudbySmithRamdasBound(x, delta), expected.waudbySmithRamdasBound);
  }
  for (const { n, k, alpha, delta, ...expected } of fixture.zerosOnes) {
    expect(binomialPValue(coins(n, k), alpha)).toBeCloseTo(expected.binomialPValue, 12);
    expect(clopperPearsonBound(coins(n, k), delta)).toBeCloseTo(expected.clopperPearsonBound, 9);
    expect(boundOf(binomialPValue)(coins(n, k), delta)).toBeCloseTo(expected.clopperPearsonBound, 9);
  }
});

test("Hoeffding-Bentkus by hand", () => {
  const filled = (mean: number, n: number) => Float64Array.from({ length: n }, () => mean);
  const cases = [
    [0.05, 100, 0.1, 0.15651020427695],
    [0.08, 500, 0.1, 0.20411385159207],
    [0, 50, 0.1, 0.00515377520732],
    [0.12, 500, 0.1, 1],
  ] as const;
  for (const [mean, n, alpha, p] of cases) {
    expect(hoeffdingBentkusPValue(filled(mean, n), alpha)).toBeCloseTo(p, 12);
  }
});

// A p-value is valid when P(p <= u) <= u for every u and every law with a mean of at least alpha. For losses 0 and 1
// the laws are the binomial ones, and only attained u matter.
test.each(pValues)("%s: P(p <= u) <= u exactly for coins", (_, pValue) => {
  for (const n of [1, 2, 5, 12, 40, 90]) {
    for (const alpha of [0.02, 0.1, 0.25, 0.5, 0.8]) {
      const byCount = Array.from({ length: n + 1 }, (_, k) => pValue(coins(n, k), alpha));
      for (const mean of [alpha, alpha + 0.01, alpha + 0.1].filter((m) => m < 1)) {
        const law = binomialLaw(n, mean);
        for (const u of byCount) {
          const probability = law.reduce((sum, p, k) => sum + ((byCount[k] as number) <= u ? p : 0), 0);
          expect(probability).toBeLessThanOrEqual(u + 1e-12);
        }
      }
    }
  }
});

test.each(bounds)("%s: the bound is below the mean with probability <= delta, exactly for coins", (_, bound) => {
  for (const n of [1, 2, 5, 12, 40]) {
    for (const delta of [0.01, 0.1, 0.4]) {
      const byCount = Array.from({ length: n + 1 }, (_, k) => bound(coins(n, k), delta));
      expect(byCount).toEqual(byCount.toSorted((a, b) => a - b));
      for (let mean = 0.01; mean < 1; mean += 0.007) {
        const law = binomialLaw(n, mean);
        const below = law.reduce((sum, p, k) => sum + ((byCount[k] as number) < mean ? p : 0), 0);
        expect(below).toBeLessThanOrEqual(delta + 1e-12);
      }
    }
  }
});

/** All sequences of `n` losses out of `values`, with their probabilities. */
function sequences(n: number, values: readonly number[], law: readonly number[]) {
  return wordsOf(values.length, n).map((word) => ({
    losses: Float64Array.from(word, (letter) => values[letter] as number),
    probability: word.reduce((product, letter) => product * (law[letter] as number), 1),
  }));
}

function checkSuperuniform(p: Float64Array, probabilities: readonly number[]): void {
  const order = Array.from(p.keys()).sort((a, b) => (p[a] as number) - (p[b] as number));
  let below = 0;
  order.forEach((i, k) => {
    below += probabilities[i] as number;
    const next = order[k + 1];
    if (next === undefined || p[next] !== p[i]) expect(below).toBeLessThanOrEqual((p[i] as number) + 1e-12);
  });
}

test.each(betting)("%s: P(p <= u) <= u exactly, over all sequences of coins", (_, pValue) => {
  for (const alpha of [0.1, 0.5, 0.8]) {
    for (const mean of [alpha, alpha + 0.1]) {
      const all = sequences(10, [0, 1], [1 - mean, mean]);
      const p = Float64Array.from(all, ({ losses }) => pValue(losses, alpha));
      checkSuperuniform(
        p,
        all.map(({ probability }) => probability),
      );
    }
  }
});

test.each([...pValues.filter(([name]) => name !== "binomial"), ...betting])(
  "%s: P(p <= u) <= u exactly, over all sequences of three-valued losses",
  (_, pValue) => {
    const values = [0, 0.3, 1];
    for (const law of [
      [0.7, 0.2, 0.1],
      [0.4, 0.6, 0],
      [0.1, 0.4, 0.5],
    ]) {
      const mean = law.reduce((sum, p, i) => sum + p * (values[i] as number), 0);
      const all = sequences(6, values, law);
      const p = Float64Array.from(all, ({ losses }) => pValue(losses, mean));
      checkSuperuniform(
        p,
        all.map(({ probability }) => probability),
      );
    }
  },
);

test("Waudby-Smith and Ramdas: the bound is below the mean with probability <= delta, over all sequences", () => {
  for (const delta of [0.05, 0.3]) {
    for (const mean of [0.1, 0.3, 0.6, 0.9]) {
      const all = sequences(9, [0, 1], [1 - mean, mean]);
      const bad = all.filter(({ losses }) => waudbySmithRamdasBound(losses, delta) < mean);
      expect(bad.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThanOrEqual(delta);
    }
  }
});

test("p-values fall with alpha and rise with the losses; bounds rise with the losses and with confidence", () => {
  const losses = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 });
  const unit = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(losses, unit, unit, (list, a, b) => {
      const x = Float64Array.from(list);
      const larger = x.map((loss) => Math.min(1, loss + 0.1));
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      for (const pValue of [hoeffdingPValue, hoeffdingBentkusPValue, bettingPValue()]) {
        expect(pValue(x, high)).toBeLessThanOrEqual(pValue(x, low) * (1 + 1e-9));
      }
      for (const pValue of [hoeffdingPValue, hoeffdingBentkusPValue]) {
        expect(pValue(larger, low)).toBeGreaterThanOrEqual(pValue(x, low) * (1 - 1e-9));
      }
      for (const bound of [hoeffdingBound, hoeffdingBentkusBound, empiricalBernsteinBound, waudbySmithRamdasBound]) {
        expect(bound(x, low)).toBeLessThanOrEqual(1);
        expect(bound(x, low)).toBeGreaterThanOrEqual(
          Math.min(1, list.reduce((s, l) => s + l, 0) / list.length) -
            1e-9 -
            (bound === waudbySmithRamdasBound ? 1 : 0),
        );
      }
      for (const bound of [hoeffdingBound, hoeffdingBentkusBound]) {
        expect(bound(x, low)).toBeGreaterThanOrEqual(bound(x, high) - 1e-12);
        expect(bound(larger, low)).toBeGreaterThanOrEqual(bound(x, low) - 1e-12);
      }
    }),
    { numRuns: 50 },
  );
});

test("extreme losses", () => {
  const zeros = new Float64Array(30);
  const ones = zeros.map(() => 1);
  for (const [, pValue] of [...pValues, ...betting]) {
    expect(pValue(zeros, 0.5)).toBeLessThan(1e-4);
    expect(pValue(ones, 0.5)).toBe(1);
  }
  for (const [, bound] of [...bounds, ["wsr", waudbySmithRamdasBound] as const]) {
    expect(bound(ones, 0.1)).toBe(1);
    expect(bound(new Float64Array(1), 0.1)).toBeGreaterThan(0.89);
  }
});

test("the capital of a bettor is right beyond the range of doubles", () => {
  // Against losses of 0 the best bet doubles the capital at most: log 2 each, and large losses later take it away.
  const n = 4000;
  const losses = Float64Array.from({ length: n }, (_, i) => (i < 2000 ? 0 : 1));
  const target = 2 * Math.log(10);
  let [total, squares, logCapital, largest] = [0.5, 0.25, 0, 0];
  for (const [i, loss] of losses.entries()) {
    const bet = Math.min(1, Math.sqrt(target / n / (squares / (i + 1))));
    logCapital += Math.log1p(bet * (0.9 - loss));
    largest = Math.max(largest, logCapital);
    total += loss;
    squares += (loss - total / (i + 2)) ** 2;
  }
  expect(largest).toBeGreaterThan(600);
  for (const order of [losses, losses.toReversed()]) {
    const found = bettor(order, 0.1)(0.9);
    if (order === losses) expect(found / largest).toBeCloseTo(1, 10);
    else expect(found).toBeGreaterThanOrEqual(0);
  }
});

test("bad input", () => {
  const mixed = Float64Array.of(0, 1, 0.5);
  expect(codeOf(() => binomialPValue(mixed, 0.1))).toBe("E_RANGE at 2");
  expect(codeOf(() => clopperPearsonBound(mixed, 0.1))).toBe("E_RANGE at 2");
  expect(codeOf(() => bettingPValue({ tunedFor: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => bettingPValue({ tunedFor: Number.NaN }))).toBe("E_ALPHA");
});
