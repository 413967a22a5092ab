import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, ShapeError, type Tensor, random } from "../../src/index.ts";
import {
  type Initializer,
  constantInitializer,
  fans,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  normalInitializer,
  varianceScaling,
} from "../../src/nn/index.ts";
import { moments } from "../support/statistics.ts";

const key = random.key(42);
const numbers = (x: Tensor): Float64Array => Float64Array.from(x.dataSync() as Float64Array);

/** Values that the rule promises: variance, and the largest size that can occur. */
interface Rule {
  readonly initializer: Initializer;
  variance(fanIn: number, fanOut: number): number;
  readonly shape: "uniform" | "cut" | "normal";
}

const rules: Readonly<Record<string, Rule>> = {
  glorotUniform: { initializer: glorotUniform, variance: (i, o) => 2 / (i + o), shape: "uniform" },
  glorotNormal: { initializer: glorotNormal, variance: (i, o) => 2 / (i + o), shape: "cut" },
  heUniform: { initializer: heUniform, variance: (i) => 2 / i, shape: "uniform" },
  heNormal: { initializer: heNormal, variance: (i) => 2 / i, shape: "cut" },
  lecunUniform: { initializer: lecunUniform, variance: (i) => 1 / i, shape: "uniform" },
  lecunNormal: { initializer: lecunNormal, variance: (i) => 1 / i, shape: "cut" },
  "3 / fanOut, normal": {
    initializer: varianceScaling(3, { mode: "fanOut", distribution: "normal" }),
    variance: (_, o) => 3 / o,
    shape: "normal",
  },
};

/** Kurtosis of the distributions: sets how well a variance can be measured. */
const kurtosis = { uniform: 1.8, cut: 2.37, normal: 3 };
/** Largest value in standard deviations. */
const largest = { uniform: Math.sqrt(3), cut: 2 / 0.8796256610342398, normal: Infinity };

for (const [name, { initializer, variance, shape: kind }] of Object.entries(rules)) {
  test(`${name}: mean 0, the variance of the rule, and its bound`, () => {
    for (const shape of [
      [200, 300],
      [50, 20, 5, 3],
    ]) {
      const { fanIn, fanOut } = fans(shape);
      const values = numbers(initializer(key, shape, "float64"));
      const { mean, variance: found } = moments(values);
      const expected = variance(fanIn, fanOut);
      // Six standard errors of a sample mean and a sample variance.
      expect(Math.abs(mean)).toBeLessThan(6 * Math.sqrt(expected / values.length));
      expect(Math.abs(found / expected - 1)).toBeLessThan(6 * Math.sqrt((kurtosis[kind] - 1) / values.length));
      const bound = largest[kind] * Math.sqrt(expected);
      const worst = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(worst).toBeLessThanOrEqual(bound);
      if (bound < Infinity) expect(worst).toBeGreaterThan(0.999 * bound);
    }
  });
}

test("fans count the values that meet in one output", () => {
  expect(fans([7])).toEqual({ fanIn: 1, fanOut: 7 });
  expect(fans([3, 5])).toEqual({ fanIn: 3, fanOut: 5 });
  expect(fans([8, 4, 3, 2])).toEqual({ fanIn: 24, fanOut: 48 });
  expect(fans([8, 4, 3])).toEqual({ fanIn: 12, fanOut: 24 });
  expect(fans([0, 5])).toEqual({ fanIn: 0, fanOut: 5 });
});

test("the same key gives the same numbers in every dtype's shape", () => {
  const dims = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });
  const dtypes = fc.constantFrom("float32", "float64", "float16", "bfloat16");
  fc.assert(
    fc.property(dims, dtypes, fc.constantFrom(...Object.keys(rules)), fc.integer(), (shape, dtype, name, seed) => {
      const { initializer } = rules[name]!;
      const x = initializer(random.key(seed), shape, dtype);
      expect([x.shape, x.dtype]).toEqual([shape, dtype]);
      expect(x).toEqual(initializer(random.key(seed), shape, dtype));
      expect(numbers(x).every(Number.isFinite)).toBe(true);
    }),
    { numRuns: 60 },
  );
  expect(heNormal(key, [4, 4])).not.toEqual(heNormal(random.key(43), [4, 4]));
  expect(heNormal(key, [4, 4]).dtype).toBe("float32");
});

test("fixed values and fixed spread", () => {
  expect(constantInitializer(2.5)(key, [2, 1], "float16").toArray()).toEqual([[2.5], [2.5]]);
  expect(constantInitializer(1)(key, []).item()).toBe(1);
  const { variance } = moments(numbers(normalInitializer(0.1)(key, [20_000], "float64")));
  expect(Math.abs(variance / 0.01 - 1)).toBeLessThan(6 * Math.sqrt(2 / 20_000));
});

test("refuses what is no shape, and scales that give no variance", () => {
  expect(() => fans([])).toThrow(ArgumentError);
  expect(() => fans([])).toThrow(/fans: shape: expected at least one axis, got \[\]/);
  expect(() => fans([2, -1])).toThrow(ShapeError);
  expect(() => glorotUniform(key, [])).toThrow(ArgumentError);
  expect(() => heNormal(key, [2, 0.5])).toThrow(ShapeError);
  expect(() => constantInitializer(1)(key, [-1])).toThrow(ShapeError);
  for (const scale of [0, -1, NaN, Infinity]) {
    expect(() => varianceScaling(scale, { mode: "fanIn", distribution: "normal" })).toThrow(/varianceScaling: scale/);
  }
  expect(() => normalInitializer(-1)(key, [2])).toThrow(ArgumentError);
});
