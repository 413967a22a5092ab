import { expect, test } from "vitest";
import { normalCdf, normalQuantile } from "../../src/base/normal.ts";

/** mpmath, 40 digits. */
const reference: [number, number][] = [
  [-8, 6.220960574271784e-16],
  [-5, 2.866515718791939e-7],
  [-3.0000001, 0.0013498975884453205],
  [-2.9, 0.0018658133003840384],
  [-1, 0.15865525393145705],
  [0, 0.5],
  [0.3, 0.6179114221889527],
  [2.5, 0.9937903346742238],
  [6, 0.9999999990134123],
];

test("agrees with mpmath in the middle and in the tails", () => {
  for (const [x, p] of reference) expect(Math.abs(normalCdf(x) / p - 1), `at ${x}`).toBeLessThan(1e-12);
});

test("the quantile is its inverse", () => {
  for (const p of [1e-300, 1e-20, 1e-9, 0.001, 0.2, 0.4999, 0.5, 0.7, 0.999, 1 - 1e-12]) {
    expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1), `at ${p}`).toBeLessThan(1e-11);
  }
  expect([normalQuantile(0), normalQuantile(1), normalQuantile(0.5)]).toEqual([-Infinity, Infinity, 0]);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
});
