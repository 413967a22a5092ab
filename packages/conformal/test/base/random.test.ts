import { expect, test } from "vitest";
import { rowUniform, uniformStream } from "../../src/base/random.ts";
import { codeOf } from "../codeOf.ts";
import { reference } from "../reference.ts";

test("the bits of an independent MurmurHash3", () => {
  for (const { seed, row, u } of reference.uniforms) expect(rowUniform(seed, row)).toBe(u);
});

test("depends on the values of the row alone", () => {
  expect(rowUniform(3, Float32Array.of(0.5, 0.25))).toBe(rowUniform(3, [0.5, 0.25]));
  expect(rowUniform(3, [0, 1])).toBe(rowUniform(3, [-0, 1]));
  const others = [
    rowUniform(4, [0, 1]),
    rowUniform(3, [1, 0]),
    rowUniform(3, [0, 1, 0]),
    rowUniform(2 ** 32 + 3, [0, 1]),
  ];
  expect(new Set([rowUniform(3, [0, 1]), ...others]).size).toBe(5);
});

test("a stream is uniform: chi-square over 64 cells, by the top and by the low bits", () => {
  const draw = uniformStream(5);
  const cells = [new Float64Array(64), new Float64Array(64)];
  const perCell = 1000;
  for (let i = 0; i < 64 * perCell; i++) {
    const u = draw();
    for (const [which, cell] of [Math.floor(u * 64), (u * 2 ** 53) % 64].entries()) {
      const counts = cells[which] as Float64Array;
      counts[cell] = (counts[cell] as number) + 1;
    }
  }
  for (const counts of cells) {
    const chiSquare = counts.reduce((sum, count) => sum + (count - perCell) ** 2 / perCell, 0);
    // 1e-6 and 1 - 1e-6 quantiles of chi-square with 63 degrees of freedom (scipy.stats.chi2.ppf).
    expect(chiSquare).toBeGreaterThan(23.1);
    expect(chiSquare).toBeLessThan(131.4);
  }
});

test("the same seed gives the same stream", () => {
  const take = (seed: number) => Array.from({ length: 5 }, uniformStream(seed));
  expect(take(1)).toEqual(take(1));
  expect(take(1)).not.toEqual(take(2));
});

test("bad seeds", () => {
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
    expect(codeOf(() => rowUniform(seed, [1]))).toBe("E_RANGE");
    expect(codeOf(() => uniformStream(seed))).toBe("E_RANGE");
  }
});
