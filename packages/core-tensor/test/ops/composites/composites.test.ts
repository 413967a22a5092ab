import { describe, expect, test } from "vitest";
import { interpret } from "../../../src/graph/interpret.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import * as ops from "../../../src/ops/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { ArgumentError, ShapeError } from "../../../src/tensor/errors.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import { sizeOf } from "../../../src/tensor/shape.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { doubles, expectGradients, expectGradientsTwice } from "../../support/differences.ts";
import { readGolden } from "../../support/golden.ts";

interface Value {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Case {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly options: {
    readonly axes?: number[];
    readonly groups?: number;
    readonly eps?: number;
  } & ops.CrossEntropyOptions;
  readonly y: Value;
}
const read = ({ shape, data }: Value): HostTensor => doubles(data, shape);
const wavy = (shape: readonly number[]): HostTensor =>
  doubles(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * i + 1)),
    shape,
  );

type Run = (inputs: readonly Tensor[], options: Case["options"]) => Tensor;
/** Cases whose arguments are not simply `name(...inputs, options)`. */
const special: Readonly<Record<string, Run>> = {
  groupNorm: ([x, scale, bias], { groups, ...rest }) => ops.groupNorm(x!, groups!, scale, bias, rest),
  batchNormTraining: ([x, scale, bias], options) => {
    const { mean, variance } = ops.channelStatistics(x!);
    return ops.batchNorm(x!, mean, variance, scale, bias, options);
  },
  attentionMask: ([q, k, v, mask]) => ops.attention(q!, k!, v!, { mask: ops.cast(mask!, "bool") }),
  leakyRelu: ([x]) => ops.leakyRelu(x!),
  elu: ([x]) => ops.elu(x!),
  variance: ([x], { axes }) => ops.variance(x!, axes),
  varianceUnbiased: ([x], { axes }) => ops.variance(x!, axes, { correction: 1 }),
  logSumExp: ([x], { axes }) => ops.logSumExp(x!, axes),
  l2Norm: ([x], { axes }) => ops.l2Norm(x!, axes),
  l2Normalize: ([x]) => ops.l2Normalize(x!),
  crossEntropy: ([logits, labels], options) => ops.crossEntropy(logits!, ops.cast(labels!, "int64"), options),
  crossEntropyProbabilities: ([logits, labels], options) => ops.crossEntropy(logits!, labels!, options),
};
const byName: Readonly<Record<string, unknown>> = { ...ops };
const call = (name: string, args: readonly unknown[]): Tensor =>
  (byName[name] as (...args: readonly unknown[]) => Tensor)(...args);

describe("agrees with PyTorch", () => {
  const cases = readGolden<readonly Case[]>(new URL("../fixtures/composites.json", import.meta.url));
  for (const name of new Set(cases.map((one) => one.name))) {
    test(name, () => {
      for (const { inputs, options, y } of cases.filter((one) => one.name === name)) {
        const values = inputs.map(read);
        const found = special[name]?.(values, options) ?? call(name, [...values, options]);
        expect(found.shape).toEqual(y.shape);
        const data = found.dataSync() as Float64Array;
        // Fixtures hold 12 decimals of float64 results.
        data.forEach((value, i) =>
          expect(Math.abs(value - y.data[i]!), `${value} and ${y.data[i]}`).toBeLessThan(1e-10),
        );
      }
    });
  }
});

describe("gradients", () => {
  const x = wavy([2, 3]);

  test("of norms", () => {
    expectGradients((v, s, b) => ops.layerNorm(v!, s, b), [x, wavy([3]), wavy([3])], 1e-5);
    expectGradients((v, s) => ops.rmsNorm(v!, s), [x, wavy([3])]);
    expectGradients((v, s, b) => ops.groupNorm(v!, 2, s, b), [wavy([2, 4, 2]), wavy([4]), wavy([4])], 1e-5);
    expectGradients(
      (v) => {
        const { mean, variance } = ops.channelStatistics(v!);
        return ops.batchNorm(v!, mean, variance);
      },
      [wavy([4, 2])],
      1e-5,
    );
  });

  test("of activations, at 0 too", () => {
    const points = doubles([-3.7, -1.3, -0.2, 0.3, 1.7, 4]);
    for (const f of [
      ops.gelu,
      ops.silu,
      ops.softplus,
      ops.logSigmoid,
      ops.elu,
      ops.selu,
      ops.mish,
      ops.hardSwish,
      ops.leakyRelu,
      ops.relu6,
    ]) {
      expectGradientsTwice((v) => f(v!), [points]);
    }
    expectGradients((v) => ops.gelu(v!, { approximate: "tanh" }), [points]);
    for (const f of [ops.gelu, ops.silu, ops.softplus, ops.mish]) expectGradients((v) => f(v!), [doubles([0])]);
    expectGradients((v) => ops.elu(v!), [doubles([800])]);
  });

  test("of attention and losses", () => {
    const inputs = [wavy([2, 3, 4]), wavy([2, 5, 4]), wavy([2, 5, 2])];
    expectGradients((q, k, v) => ops.attention(q!, k!, v!, { causal: true }), inputs);
    expectGradients((logits) => ops.crossEntropy(logits!, [1, 2], { labelSmoothing: 0.1 }), [x]);
    expectGradients((logits, p) => ops.crossEntropy(logits!, ops.softmax(p!)), [x, wavy([2, 3])]);
    expectGradients((logits) => ops.binaryCrossEntropy(logits!, doubles([0, 1, 0.5, 1, 1, 0], [2, 3])), [x]);
    expectGradients((v) => ops.huberLoss(v!, 0.1, { delta: 0.5 }), [x]);
    expectGradients((v) => ops.squaredError(v!, 0.1), [x]);
  });

  test("of statistics, and of a length at 0", () => {
    expectGradientsTwice((v) => ops.logSumExp(v!, 1), [x]);
    expectGradients((v) => ops.std(v!, 0, { correction: 1 }), [x]);
    expectGradients((v) => ops.l2Normalize(v!), [x]);
    const atZero = ops.l2Norm(doubles([0, 0]));
    expect(atZero.item()).toBe(0);
  });
});

describe("attention", () => {
  test("queries see no later keys; with fewer queries than keys the last one sees all", () => {
    const v = [
      [1, 0],
      [0, 1],
    ];
    const zero = [[0], [0]];
    expect(ops.attention(zero, zero, v, { causal: true }).toArray()).toEqual([
      [1, 0],
      [0.5, 0.5],
    ]);
    expect(ops.attention([[0]], zero, v, { causal: true }).toArray()).toEqual([[0.5, 0.5]]);
  });

  test("adds float masks, and gives the mean for queries that see nothing", () => {
    const v = [
      [1, 0],
      [0, 1],
    ];
    const zero = [[0], [0]];
    expect(ops.attention([[0]], zero, v, { mask: [[0, -1e9]] }).toArray()).toEqual([[1, 0]]);
    expect(ops.attention([[0]], zero, v, { mask: tensor([[false, false]]) }).toArray()).toEqual([[0.5, 0.5]]);
  });

  test("takes symbolic lengths", () => {
    const q = spec(["batch", 2, "queries", 4], "float64");
    const k = spec(["batch", 2, "keys", 4], "float64");
    const graph = trace((a: Tensor, b: Tensor) => ops.attention(a, b, b, { causal: true }), q, k);
    const [a, b] = [wavy([2, 2, 3, 4]), wavy([2, 2, 5, 4])];
    expect(interpret(graph, { arg0: a, arg1: b })["output"]?.toArray()).toEqual(
      ops.attention(a, b, b, { causal: true }).toArray(),
    );
  });

  test("refuses values without axes", () => {
    expect(() => ops.attention([1], [[1]], [[1]])).toThrow(ShapeError);
    expect(() => ops.attention([[1, 2]], [[1]], [[1]])).toThrow(ShapeError);
  });
});

describe("symbolic batches", () => {
  const check = (fn: (x: Tensor) => Tensor, shape: readonly number[]): void => {
    const graph = trace((x: Tensor) => fn(x), spec(["batch", ...shape], "float64"));
    const x = wavy([3, ...shape]);
    expect(interpret(graph, { input: x })["output"]?.toArray()).toEqual(fn(x).toArray());
  };

  test("reach every composite", () => {
    check((x) => ops.layerNorm(x), [4]);
    check((x) => ops.groupNorm(x, 2), [4, 2]);
    check((x) => ops.variance(x, 0, { correction: 1 }), [2]);
    check((x) => ops.logSumExp(x, 0), [2]);
    check((x) => ops.flatten(x, 0), [2, 3]);
    check((x) => ops.flatten(x, 1), [2, 3]);
    check((x) => ops.expandDims(x, [0, -1]), [2]);
    check((x) => ops.stack([x, x], 1), [2]);
    check((x) => ops.tile(x, [2, 2]), [2]);
    check((x) => ops.concat(ops.split(x, 2, 1)), [4]);
    check((x) => ops.swapAxes(x, 0, 1), [2]);
    check((x) => ops.matmul(ops.eye(x.shape[0] as number, { dtype: "float64" }), x), [2]);
    check(
      (x) => ops.add(x, ops.cast(ops.expandDims(ops.arange(1, ops.addDims(x.shape[0] as number, 1)), 1), "float64")),
      [2],
    );
    check((x) => ops.tril(ops.matmul(x, ops.transpose(x))), [2]);
    check((x) => ops.einsum("bi,bj->ij", x, x), [2]);
    check((x) => ops.einsum("bi,ci->bc", x, x), [2]);
    check((x) => ops.einsum("ii->i", ops.matmul(x, ops.transpose(x))), [2]);
  });
});

describe("reshaping", () => {
  test("adds, drops and joins axes", () => {
    expect(ops.expandDims([1, 2], [0, -1]).shape).toEqual([1, 2, 1]);
    expect(ops.squeeze([[[1], [2]]]).toArray()).toEqual([1, 2]);
    expect(ops.squeeze([[[1], [2]]], -1).shape).toEqual([1, 2]);
    expect(() => ops.squeeze([[1, 2]], 1)).toThrow(ShapeError);
    expect(ops.flatten(wavy([2, 3, 4])).shape).toEqual([24]);
    expect(ops.flatten(wavy([2, 3, 4]), 1).shape).toEqual([2, 12]);
    expect(ops.flatten(wavy([2, 3, 4]), 0, 1).shape).toEqual([6, 4]);
    expect(ops.flatten(5).shape).toEqual([1]);
    expect(() => ops.flatten(wavy([2, 3]), 1, 0)).toThrow(ArgumentError);
    expect(ops.swapAxes(wavy([2, 3, 4]), 0, -1).shape).toEqual([4, 3, 2]);
  });

  test("stacks, splits and tiles", () => {
    expect(
      ops
        .stack(
          [
            [1, 2],
            [3, 4],
          ],
          1,
        )
        .toArray(),
    ).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(() => ops.stack([])).toThrow(ArgumentError);
    expect(() => ops.stack([[1], [1, 2]])).toThrow("value 1");
    expect(ops.split([1, 2, 3, 4], 2).map((part) => part.toArray())).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(ops.split([[1, 2, 3]], [1, 2], 1).map((part) => part.toArray())).toEqual([[[1]], [[2, 3]]]);
    expect(() => ops.split([1, 2, 3], 2)).toThrow(ArgumentError);
    expect(() => ops.split([1, 2, 3], 1.5)).toThrow("a whole number >= 1");
    expect(() => ops.split([1, 2, 3], [1, 1])).toThrow("lengths that sum to 3");
    expect(ops.tile([[1, 2]], [2, 2]).toArray()).toEqual([
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ]);
    expect(ops.tile([1], [2, 1, 3]).shape).toEqual([2, 1, 3]);
  });

  test("makes ranges, identities and triangles", () => {
    expect(ops.arange(0, 3).toArray()).toEqual([0, 1, 2]);
    expect(ops.arange(1, 0, -0.25).toArray()).toEqual([1, 0.75, 0.5, 0.25]);
    expect(ops.arange(1, 2, 0.25).dtype).toBe("float32");
    expect(ops.arange(3, 0).shape).toEqual([0]);
    expect(() => ops.arange(0, 1, 0)).toThrow(ArgumentError);
    expect(() => trace((x: Tensor) => ops.arange(0, x.shape[0]!, 2), spec(["batch"]))).toThrow("step 1");
    expect(ops.eye(2).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(ops.eye(2, { columns: 3, diagonal: 1, dtype: "int32" }).toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const x = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ];
    expect(ops.tril(x).toArray()).toEqual([
      [1, 0, 0],
      [4, 5, 0],
      [7, 8, 9],
    ]);
    expect(ops.triu(x, 1).toArray()).toEqual([
      [0, 2, 3],
      [0, 0, 6],
      [0, 0, 0],
    ]);
    expect(ops.add(ops.tril(x, -1), ops.triu(x)).toArray()).toEqual(x);
  });

  test("computes with dimensions", () => {
    expect(ops.addDims(1, 2, 3)).toBe(6);
    expect(ops.divideDims(6, 2)).toBe(3);
    expect(ops.sameDim(3, 3)).toBe(true);
    expect(() => ops.divideDims(5, 2)).toThrow(ArgumentError);
    expect(() => ops.divideDims(5, 0)).toThrow(ArgumentError);
  });
});

describe("the rest", () => {
  test("clips", () => {
    expect(ops.clip([-2, 0.5, 3], 0, 1).toArray()).toEqual([0, 0.5, 1]);
    expect(ops.clip([-2, 3], undefined, 1).toArray()).toEqual([-2, 1]);
    expect(ops.clip(tensor([-2, 3], { dtype: "int32" }), 0).toArray()).toEqual([0, 3]);
  });

  test("multiplies vectors and dense layers", () => {
    expect(ops.dot([1, 2], [3, 4]).item()).toBe(11);
    expect(ops.outer([1, 2], [3, 4]).toArray()).toEqual([
      [3, 4],
      [6, 8],
    ]);
    expect(() => ops.dot([[1]], [1])).toThrow(ShapeError);
    expect(() => ops.outer([[1]], [1])).toThrow(ShapeError);
    expect(
      ops
        .linear(
          [[1, 2]],
          [
            [1, 0],
            [0, 1],
          ],
          [10, 20],
        )
        .toArray(),
    ).toEqual([[11, 22]]);
  });

  test("drops what the mask says and scales the rest", () => {
    expect(ops.dropout([1, 2], tensor([true, false]), 0.5).toArray()).toEqual([2, 0]);
    expect(() => ops.dropout([1], tensor([true]), 1)).toThrow(ArgumentError);
  });

  test("logSumExp of nothing but -Infinity is -Infinity, not NaN", () => {
    const low = Number.NEGATIVE_INFINITY;
    expect(ops.logSumExp([low, low]).item()).toBe(low);
    expect(ops.logSumExp([Infinity, 1]).item()).toBe(Infinity);
    expect(ops.logSumExp([[1], [1]], 0, { keepDims: true }).shape).toEqual([1, 1]);
  });

  test("refuses unfit norms and losses", () => {
    expect(() => ops.layerNorm(wavy([2, 3]), undefined, undefined, { axes: 0 })).toThrow(ArgumentError);
    expect(() => ops.groupNorm(wavy([2, 3]), 2)).toThrow(ArgumentError);
    expect(() => ops.groupNorm(wavy([3]), 1)).toThrow(ShapeError);
    expect(() => ops.batchNorm(wavy([2, 3]), wavy([2]), wavy([3]))).toThrow("channelMean");
    expect(() => ops.channelStatistics(wavy([3]))).toThrow(ShapeError);
    expect(() => ops.squaredError([1, 2], [[1], [2]])).toThrow(ShapeError);
    expect(() => ops.huberLoss([1], [1], { delta: 0 })).toThrow(ArgumentError);
    expect(() => ops.crossEntropy([[1, 2]], [0], { labelSmoothing: 2 })).toThrow(ArgumentError);
    expect(() => ops.crossEntropy([[1, 2]], [2])).toThrow("expected an index in [0, 2), got 2");
    expect(() => ops.crossEntropy([[1, 2]], [0, 1])).toThrow(ShapeError);
    expect(
      ops.crossEntropy(
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        [[0, 1]],
        { axis: 1, reduction: "none" },
      ).shape,
    ).toEqual([1, 2]);
  });
});
