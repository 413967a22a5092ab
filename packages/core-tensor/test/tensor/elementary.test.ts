import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exp, expm1, ln, ln1p } from "../../src/tensor/elementary.ts";
import { ulpsBetween } from "../support/neighbours.ts";

type Rows = readonly (readonly [number, number])[];
const golden = JSON.parse(readFileSync(new URL("./fixtures/special.json", import.meta.url), "utf8")) as Record<
  string,
  Rows
>;

function worst(name: string, f: (x: number) => number): number {
  return Math.max(...golden[name]!.map(([x, y]) => ulpsBetween(f(x), y)));
}

describe("elementary functions", () => {
  test("values of 60-digit arithmetic", () => {
    expect(worst("ln", ln)).toBeLessThanOrEqual(1);
    expect(worst("exp", exp)).toBeLessThanOrEqual(1);
    expect(worst("ln1p", ln1p)).toBeLessThanOrEqual(3);
    expect(worst("expm1", expm1)).toBeLessThanOrEqual(3);
  });

  test("the engine's own functions, within the two errors together", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), (x) => {
        expect(ulpsBetween(ln(x), Math.log(x))).toBeLessThan(3);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -745, max: 710, noNaN: true }), (x) => {
        expect(ulpsBetween(exp(x), Math.exp(x))).toBeLessThan(3);
      }),
    );
  });

  test("exact and special values", () => {
    expect([ln(1), ln(0), ln(-0), ln(Infinity), ln(-1), ln(NaN)]).toEqual([
      0,
      -Infinity,
      -Infinity,
      Infinity,
      NaN,
      NaN,
    ]);
    expect([exp(0), exp(-0), exp(-Infinity), exp(Infinity), exp(NaN)]).toEqual([1, 1, 0, Infinity, NaN]);
    expect([exp(710), exp(-746)]).toEqual([Infinity, 0]);
    expect([ln1p(0), ln1p(-1), ln1p(Infinity), ln1p(-2), ln1p(NaN)]).toEqual([0, -Infinity, Infinity, NaN, NaN]);
    expect([expm1(0), expm1(-Infinity), expm1(Infinity), expm1(NaN)]).toEqual([0, -1, Infinity, NaN]);
  });

  test("subnormal numbers", () => {
    expect(ln(Number.MIN_VALUE)).toBe(-744.4400719213812);
    expect(exp(-745)).toBe(Number.MIN_VALUE);
  });
});
