import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digamma, erf, erfc, erfinv, lgamma, normalCdf, normalQuantile } from "../../src/tensor/special.ts";
import { ulpsBetween } from "../support/neighbours.ts";

type Rows = readonly (readonly [number, number])[];
const golden = JSON.parse(readFileSync(new URL("./fixtures/special.json", import.meta.url), "utf8")) as Record<
  string,
  Rows
>;

function worstUlps(name: string, f: (x: number) => number): number {
  return Math.max(...golden[name]!.map(([x, y]) => ulpsBetween(f(x), y)));
}

/** Largest error, relative to max(1, |value|). */
function worstError(name: string, f: (x: number) => number): number {
  return Math.max(...golden[name]!.map(([x, y]) => Math.abs(f(x) - y) / Math.max(1, Math.abs(y))));
}

describe("special functions against 60-digit arithmetic", () => {
  test("erf and erfc", () => {
    expect(worstUlps("erf", erf)).toBeLessThanOrEqual(2);
    expect(worstUlps("erfc", erfc)).toBeLessThanOrEqual(8);
    expect(worstError("normalCdf", normalCdf)).toBeLessThan(3e-16);
  });

  test("erfinv and the normal quantile", () => {
    expect(worstUlps("erfinv", erfinv)).toBeLessThanOrEqual(8);
    expect(worstUlps("normalQuantile", normalQuantile)).toBeLessThanOrEqual(8);
  });

  test("lgamma and digamma", () => {
    // 45 ulp are 1e-14 relative.
    expect(worstUlps("lgamma", lgamma)).toBeLessThanOrEqual(45);
    expect(worstError("lgammaNegative", lgamma)).toBeLessThan(1e-14);
    expect(worstError("digamma", digamma)).toBeLessThan(2e-15);
  });
});

describe("special values", () => {
  test("erf, erfc", () => {
    expect([erf(0), erf(-0), erf(Infinity), erf(-Infinity), erf(NaN)]).toEqual([0, -0, 1, -1, NaN]);
    expect([erfc(0), erfc(Infinity), erfc(-Infinity), erfc(NaN), erfc(30)]).toEqual([1, 0, 2, NaN, 0]);
  });

  test("erfinv, normalQuantile", () => {
    expect([erfinv(0), erfinv(1), erfinv(-1), erfinv(1.5), erfinv(NaN)]).toEqual([0, Infinity, -Infinity, NaN, NaN]);
    expect([0.5, 0, 1, -1, NaN].map(normalQuantile)).toEqual([0, -Infinity, Infinity, NaN, NaN]);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
  });

  test("lgamma", () => {
    expect([lgamma(1), lgamma(2)].map(Math.abs)).toEqual([0, 0]);
    expect([0, -0, -1, -7, Infinity, -Infinity, -1e300].map(lgamma)).toEqual(new Array(7).fill(Infinity));
    expect(lgamma(NaN)).toBeNaN();
    expect(lgamma(-1e-20)).toBeCloseTo(20 * Math.LN10, 12);
    expect(lgamma(11)).toBeCloseTo(Math.log(3628800), 13);
  });

  test("digamma", () => {
    expect([digamma(0), digamma(-0), digamma(Infinity)]).toEqual([-Infinity, Infinity, Infinity]);
    expect([-1, -2, -Infinity, NaN].map(digamma)).toEqual([NaN, NaN, NaN, NaN]);
    expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 14);
  });
});

describe("identities", () => {
  const anywhere = fc.double({ min: -5, max: 5, noNaN: true });

  test("erf is odd and complements erfc", () => {
    fc.assert(
      fc.property(anywhere, (x) => {
        expect(erf(-x)).toBe(-erf(x));
        expect(Math.abs(erf(x) + erfc(x) - 1)).toBeLessThan(4e-16);
      }),
    );
  });

  test("erfinv undoes erf, the quantile undoes the distribution function", () => {
    fc.assert(
      fc.property(fc.double({ min: -0.999, max: 0.999, noNaN: true }), (y) => {
        expect(Math.abs(erf(erfinv(y)) - y)).toBeLessThan(1e-15);
        const p = 0.5 + y / 2;
        expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(1e-15);
        expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 10);
      }),
    );
  });

  test("recurrences of lgamma and digamma", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 100, noNaN: true }), (x) => {
        expect(Math.abs(lgamma(x + 1) - lgamma(x) - Math.log(x))).toBeLessThan(2e-13);
        expect(Math.abs((digamma(x + 1) - digamma(x)) * x - 1)).toBeLessThan(1e-12);
      }),
    );
  });
});
