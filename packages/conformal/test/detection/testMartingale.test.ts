import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Betting,
  histogramBetting,
  mixtureBetting,
  powerBetting,
  simpleJumperBetting,
  testMartingale,
  testMartingaleFromJSON,
} from "../../src/detection/index.ts";
import { binomialUpperTail } from "../../src/base/binomial.ts";
import { uniformStream } from "../../src/base/random.ts";
import { codeOf } from "../codeOf.ts";
import { permutations, wordsOf } from "../enumerate.ts";
import { reference } from "./reference.ts";

const bettings: Record<string, Betting> = {
  power: powerBetting(),
  mixture: mixtureBetting(),
  jumper: simpleJumperBetting(),
  histogram: histogramBetting(),
};

test("by hand: the power martingale on three scores", () => {
  const martingale = testMartingale({ betting: powerBetting(0.5) });
  expect(martingale.step(5, { u: 1 })).toMatchObject({ pValue: 1, logMartingale: Math.log(0.5), logMaximum: 0 });
  expect(martingale.step(7, { u: 0.5 }).pValue).toBe(0.25);
  expect(martingale.logMartingale).toBeCloseTo(Math.log(0.5 * 0.5 * 0.25 ** -0.5), 14);
  expect(martingale.step(7, { u: 0.25 }).pValue).toBeCloseTo(0.5 / 3, 15);
  expect(martingale.step(6, { u: 0.5 }).pValue).toBe(2.5 / 4);
  expect(martingale).toMatchObject({ size: 4, guarantee: "anytime" });
});

test.each(Object.keys(bettings))("%s: p-values and martingale equal numpy's", (name) => {
  const { scores, u, p, roberts } = reference.martingales;
  const expected = reference.martingales[name as "power"];
  const martingale = testMartingale({ betting: bettings[name] as Betting });
  scores.forEach((score, t) => {
    const step = martingale.step(score, { u: u[t] as number });
    expect(step.pValue).toBeCloseTo(p[t] as number, 14);
    expect(step.logMartingale).toBeCloseTo(Math.log(expected[t] as number), 11);
    if (name === "power") expect(step.logShiryaevRoberts).toBeCloseTo(Math.log(roberts[t] as number), 11);
    expect(step.logMaximum).toBeCloseTo(Math.log(Math.max(1, ...expected.slice(0, t + 1))), 11);
    expect(martingale.pValue).toBeCloseTo(Math.exp(-step.logMaximum), 14);
  });
});

/** The p-value cells [from, to] of a stream: ranks of each score among those so far, ties together. */
function cells(scores: readonly number[]): [number, number][] {
  return scores.map((score, t) => {
    const past = scores.slice(0, t + 1);
    const above = past.filter((other) => other > score).length;
    return [above / (t + 1), (above + past.filter((other) => other === score).length) / (t + 1)];
  });
}

const streams = permutations(4);

test("the simple jumper's expectation is 1, enumerated over all orders, with every u integrated", () => {
  // The martingale is linear in each p-value and these are independent given the order: u = 1/2 integrates it exactly.
  const mean = (orders: number[][], jump: number) => {
    let sum = 0;
    for (const order of orders) {
      const martingale = testMartingale({ betting: simpleJumperBetting({ jump }) });
      for (const score of order) martingale.step(score, { u: 0.5 });
      sum += Math.exp(martingale.logMartingale) / orders.length;
    }
    return sum;
  };
  for (const jump of [0.01, 0.3, 1]) {
    expect(mean(streams, jump)).toBeCloseTo(1, 12);
    expect(mean(permutations(5), jump)).toBeCloseTo(1, 12);
    // With ties: all orders of 0, 0, 1, 2.
    expect(
      mean(
        permutations(4).map((order) => order.map((k) => Math.max(0, k - 1))),
        jump,
      ),
    ).toBeCloseTo(1, 12);
  }
});

test("the histogram's expectation is 1, enumerated over all orders, with every u integrated", () => {
  const bins = 3;
  const betting = histogramBetting({ bins, prior: 0.5 });
  for (const orders of [streams, streams.map((order) => order.map((k) => Math.max(0, k - 1)))]) {
    let mean = 0;
    for (const order of orders) {
      const ranges = cells(order);
      // The density is constant within bins: go through the bins that each p-value can be in.
      for (const word of wordsOf(bins, order.length)) {
        let chance = 1;
        const us = ranges.map(([from, to], t) => {
          const bin = word[t] as number;
          const [a, b] = [Math.max(from, bin / bins), Math.min(to, (bin + 1) / bins)];
          chance *= Math.max(0, b - a) / (to - from);
          return ((a + b) / 2 - from) / (to - from);
        });
        if (chance < 1e-12) continue;
        const martingale = testMartingale({ betting });
        order.forEach((score, t) => martingale.step(score, { u: us[t] as number }));
        mean += (chance * Math.exp(martingale.logMartingale)) / orders.length;
      }
    }
    expect(mean).toBeCloseTo(1, 12);
  }
});

test("the power martingale's expectation is 1 over all orders, and the mixture's with it", () => {
  for (const epsilon of [0.1, 0.5, 0.9]) {
    let mean = 0;
    for (const order of streams) {
      // Of u the density takes the mean (to^e - from^e) / (to - from) over the cell; the product, as u are independent.
      mean += cells(order).reduce((product, [a, b]) => (product * (b ** epsilon - a ** epsilon)) / (b - a), 1);
    }
    expect(mean / streams.length).toBeCloseTo(1, 12);
    // And the density that is used is that of p^e.
    const [from, to] = [0.2, 0.7];
    let integral = 0;
    for (let k = 0; k < 10_000; k++) {
      const v = from ** epsilon + ((k + 0.5) / 10_000) * (to ** epsilon - from ** epsilon);
      const p = v ** (1 / epsilon);
      integral += (Math.exp(powerBetting(epsilon).start().step(p)) * (v ** (1 / epsilon - 1) / epsilon)) / 10_000;
    }
    expect(integral).toBeCloseTo(1, 10);
  }
  // The mixture is the mean of its martingales, whatever the p-values.
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { maxLength: 30 }), (p) => {
      const parts = [powerBetting(0.2), powerBetting(1), histogramBetting({ bins: 4 })];
      const total = (betting: Betting) => {
        const process = betting.start();
        return Math.exp(p.reduce((sum, value) => sum + process.step(value), 0));
      };
      const mean = parts.reduce((sum, part) => sum + total(part), 0) / 3;
      expect(total(mixtureBetting(parts)) / mean).toBeCloseTo(1, 10);
    }),
  );
});

test("every density integrates to 1 after any history", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-9, max: 1, noNaN: true }), { maxLength: 20 }), (history) => {
      for (const betting of [
        simpleJumperBetting(),
        simpleJumperBetting({ jump: 0.5 }),
        histogramBetting({ bins: 5 }),
      ]) {
        const process = betting.start();
        for (const p of history) process.step(p);
        let integral = 0;
        // Linear or constant on each fifth: the midpoint rule is exact.
        for (let k = 0; k < 5; k++) integral += Math.exp(betting.start(process.state()).step((k + 0.5) / 5)) / 5;
        expect(integral).toBeCloseTo(1, 12);
      }
    }),
  );
});

test("false alarms at level c are at most 1/c of streams, by the exact binomial tail", () => {
  const uniform = uniformStream(11);
  for (const betting of Object.values(bettings)) {
    const alarms = { 5: 0, 20: 0 };
    const streams = 500;
    for (let stream = 0; stream < streams; stream++) {
      const martingale = testMartingale({ betting, seed: stream });
      for (let t = 0; t < 40; t++) martingale.step(Math.floor(20 * uniform()));
      for (const c of [5, 20] as const) if (martingale.logMaximum >= Math.log(c)) alarms[c]++;
    }
    for (const c of [5, 20] as const) expect(binomialUpperTail(alarms[c], streams, 1 / c)).toBeGreaterThan(1e-6);
  }
});

test("a change is found by every betting, and sooner by Shiryaev and Roberts", () => {
  const uniform = uniformStream(2);
  const scores = Array.from({ length: 600 }, (_, t) => uniform() + (t < 400 ? 0 : 0.6));
  for (const betting of Object.values(bettings)) {
    const martingale = testMartingale({ betting });
    const steps = scores.map((score) => martingale.step(score));
    expect(Math.max(...steps.slice(0, 400).map((step) => step.logMartingale))).toBeLessThan(Math.log(100));
    expect(steps[599]?.logMaximum).toBeGreaterThan(Math.log(100));
  }
});

test("saved in the middle and resumed, it goes on bit for bit", () => {
  const { scores } = reference.martingales;
  for (const betting of Object.values(bettings)) {
    const whole = testMartingale({ betting, seed: 5 });
    const first = testMartingale({ betting, seed: 5 });
    for (const score of scores.slice(0, 25)) {
      whole.step(score);
      first.step(score);
    }
    const text = JSON.stringify(first);
    const second = testMartingaleFromJSON(JSON.parse(text), { betting });
    expect(JSON.stringify(second)).toBe(text);
    for (const score of scores.slice(25)) expect(second.step(score)).toEqual(whole.step(score));
    expect(JSON.stringify(second)).toBe(JSON.stringify(whole));
  }
  const fresh = JSON.stringify(testMartingale());
  expect(JSON.stringify(testMartingaleFromJSON(JSON.parse(fresh)))).toBe(fresh);
});

test("infinite scores and constant scores are ranked like others", () => {
  const martingale = testMartingale();
  expect(martingale.step(Infinity, { u: 1 }).pValue).toBe(1);
  expect(martingale.step(-Infinity, { u: 1 }).pValue).toBe(1);
  expect(martingale.step(Infinity, { u: 0.5 }).pValue).toBeCloseTo(1 / 3, 15);
  const constant = testMartingale();
  for (let t = 0; t < 1000; t++) constant.step(3);
  expect(constant.logMaximum).toBeLessThan(Math.log(100));
});

test("bad input", () => {
  const martingale = testMartingale();
  expect(codeOf(() => martingale.step(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => martingale.step(1, { u: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => martingale.step(1, { u: 2 }))).toBe("E_RANGE at 0");
  expect(codeOf(() => martingale.step(1, { u: Number.NaN }))).toBe("E_NAN at 0");
  expect(martingale.size).toBe(0);
  expect(codeOf(() => testMartingale({ seed: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => powerBetting(0))).toBe("E_RANGE");
  expect(codeOf(() => mixtureBetting([]))).toBe("E_RANGE");
  expect(codeOf(() => simpleJumperBetting({ jump: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => histogramBetting({ bins: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => histogramBetting({ prior: 0 }))).toBe("E_RANGE");
  const odd: Betting = { name: "odd", start: () => ({ step: () => Number.NaN, state: () => null }) };
  expect(codeOf(() => testMartingale({ betting: odd }).step(1))).toBe("E_NAN");
});

test("anything that toJSON did not write is refused", () => {
  const martingale = testMartingale();
  for (const score of [3, 1, 2]) martingale.step(score);
  const good = martingale.toJSON();
  expect(testMartingaleFromJSON(good).size).toBe(3);
  const changes: [object, string][] = [
    [{ kind: "other" }, "E_JSON"],
    [{ betting: "power(0.5)" }, "E_JSON"],
    [{ seed: 0.5 }, "E_RANGE"],
    [{ scores: [2, 1] }, "E_JSON at 1"],
    [{ scores: 3 }, "E_JSON"],
    [{ logMaximum: -1 }, "E_JSON"],
    [{ logMartingale: "NaN" }, "E_JSON"],
    [{ state: [1] }, "E_JSON"],
    [{ state: [1, 2, 3] }, "E_JSON"],
  ];
  for (const [change, code] of changes) expect(codeOf(() => testMartingaleFromJSON({ ...good, ...change }))).toBe(code);
  expect(codeOf(() => histogramBetting().start([1]))).toBe("E_JSON");
  expect(codeOf(() => mixtureBetting().start({ logs: [0], states: [null] }))).toBe("E_JSON");
  expect(codeOf(() => mixtureBetting().start(null))).toBe("E_JSON");
});
