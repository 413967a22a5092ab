import { describe, expect, test } from "vitest";
import { tensor } from "../../../src/tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../../src/tensor/errors.ts";
import { HostTensor } from "../../../src/tensor/host.ts";
import * as random from "../../../src/tensor/random/index.ts";
import { normalValues } from "../../../src/tensor/random/normal.ts";
import { uniformValues } from "../../../src/tensor/random/uniform.ts";

const key = random.key(42);

describe("random tensors", () => {
  test("shape and dtype", () => {
    const a = tensor([[1], [2]]);
    const logits = tensor([
      [0, 1, 2],
      [2, 1, 0],
    ]);
    const drawn: readonly (readonly [HostTensor, string, readonly number[]])[] = [
      [random.uniform(key, [2, 3]), "float32", [2, 3]],
      [random.uniform(key, [], { dtype: "float64" }), "float64", []],
      [random.normal(key, [0, 3], { dtype: "float16" }), "float16", [0, 3]],
      [random.truncatedNormal(key, [4], { dtype: "bfloat16" }), "bfloat16", [4]],
      [random.exponential(key, [2, 3], { rate: a }), "float32", [2, 3]],
      [random.gamma(key, [2, 2], { concentration: a }), "float32", [2, 2]],
      [random.logGamma(key, [1], { concentration: 0.1 }), "float32", [1]],
      [random.beta(key, [2, 1], { a, b: 3, dtype: "float64" }), "float64", [2, 1]],
      [random.dirichlet(key, [5], { concentration: [1, 2, 3] }), "float32", [5, 3]],
      [random.dirichlet(key, [], { concentration: tensor([1, 2]) }), "float32", [2]],
      [random.bernoulli(key, [3]), "bool", [3]],
      [random.bernoulli(key, [3], { dtype: "float32" }), "float32", [3]],
      [random.randint(key, [3], { max: 9 }), "int32", [3]],
      [random.randint(key, [3], { max: 2 ** 40, dtype: "int64" }), "int64", [3]],
      [random.randint(key, [5], { min: -8, max: 8, dtype: "int4" }), "int4", [5]],
      [random.categorical(key, logits), "int32", [2]],
      [random.categorical(key, logits, { draws: 4 }), "int32", [2, 4]],
      [random.permutation(key, 6), "int32", [6]],
      [random.choice(key, 6, 2), "int32", [2]],
    ];
    for (const [made, dtype, shape] of drawn) {
      expect(made).toBeInstanceOf(HostTensor);
      expect([made.dtype, made.shape]).toEqual([dtype, shape]);
      expect(made.dataSync()).toHaveLength(made.size);
    }
  });

  test("values are those of the number-level functions, rounded to the dtype", () => {
    expect(random.normal(key, [5], { dtype: "float64" }).dataSync()).toEqual(normalValues(key, 5));
    expect(random.normal(key, [5]).dataSync()).toEqual(Float32Array.from(normalValues(key, 5)));
    expect(random.uniform(key, [5]).dataSync()).toEqual(Float32Array.from(uniformValues(key, 5, { dtype: "float32" })));
  });

  test("the maximum of a uniform draw does not occur in narrow dtypes either", () => {
    for (const dtype of ["float32", "float16", "bfloat16"] as const) {
      const values = random.uniform(key, [5000], { dtype, min: 1, max: 1.5 }).dataSync() as Float32Array;
      expect(values.every((x) => x >= 1 && x < 1.5)).toBe(true);
    }
  });

  test("parameters broadcast along leading and inner axes", () => {
    const mean = tensor([[10], [20]]);
    const std = tensor([0, 1, 2]);
    const standard = normalValues(key, 6);
    const expected = Array.from(standard, (z, i) => 10 * (1 + Math.floor(i / 3)) + (i % 3) * z);
    expect([...(random.normal(key, [2, 3], { mean, std, dtype: "float64" }).dataSync() as Float64Array)]).toEqual(
      expected,
    );
    const scalar = random.normal(key, [2], { mean: tensor(5), std: tensor([0]) });
    expect([...(scalar.dataSync() as Float32Array)]).toEqual([5, 5]);
    const half = tensor([0, 1], { dtype: "float16" });
    expect(random.bernoulli(key, [2, 2], { probability: half }).toArray()).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  test("categorical draws from each row", () => {
    const rows = tensor([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(random.categorical(key, rows, { from: "probabilities" }).toArray()).toEqual([1, 2]);
    const one = tensor([0, 2]);
    expect(random.categorical(key, one, { from: "probabilities", draws: 3 }).toArray()).toEqual([1, 1, 1]);
    expect(random.categorical(key, one, { from: "probabilities" }).toArray()).toBe(1);
  });

  test("bad arguments are refused", () => {
    expect(() => random.uniform(key, [-1])).toThrow(ShapeError);
    expect(() => random.uniform(key, [1.5])).toThrow(/uniform: shape/);
    expect(() => random.uniform(key, [{} as never])).toThrow(/known dimensions/);
    expect(() => random.normal(key, [2], { dtype: "int32" as never })).toThrow(DTypeError);
    expect(() => random.bernoulli(key, [2], { dtype: "float" as never })).toThrow(/bernoulli: dtype/);
    expect(() => random.normal(key, [2], { mean: tensor([1, 2, 3]) })).toThrow(ShapeError);
    expect(() => random.normal(key, [2], { mean: tensor([[1], [2]]) })).toThrow(
      /mean: .*broadcasts to \[2\], got \[2, 1\]/,
    );
    expect(() => random.normal(key, [2], { mean: "0" as never })).toThrow(ArgumentError);
    expect(() => random.randint(key, [2], { max: 300, dtype: "uint8" })).toThrow(/uint8's \[0, 255\], got \[0, 300\)/);
    expect(() => random.randint(key, [2], { min: -1, max: 2, dtype: "uint4" })).toThrow(ArgumentError);
    expect(() => random.randint(key, [2], { max: 2, dtype: "float32" })).toThrow(DTypeError);
    expect(() => random.categorical(key, tensor(1))).toThrow(/categorical: weights: expected \[\.\.\., classes\]/);
    expect(() => random.categorical(key, tensor([], { shape: [2, 0] }))).toThrow(ShapeError);
    expect(() => random.dirichlet(key, [1], { concentration: tensor([[1]]) })).toThrow(/rank 1, got \[1, 1\]/);
    expect(() => random.uniform({ hi: 0, lo: -1 }, [1])).toThrow(/uniform: key/);
  });
});
