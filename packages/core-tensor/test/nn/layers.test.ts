import { expect, test } from "vitest";
import {
  ArgumentError,
  AxisError,
  ShapeError,
  type Tensor,
  interpret,
  ones,
  random,
  spec,
  tensor,
  trace,
} from "../../src/index.ts";
import {
  type ConvParams,
  type ConvTransposeParams,
  type DenseParams,
  type EmbeddingParams,
  type NormParams,
  constantInitializer,
  conv,
  convTranspose,
  dense,
  embedding,
  groupNorm,
  initConv,
  initConvTranspose,
  initDense,
  initEmbedding,
  initNorm,
  layerNorm,
  rmsNorm,
} from "../../src/nn/index.ts";
import { moments } from "../support/statistics.ts";
import { expectLayer, float64, goldens } from "./goldens.ts";

const key = random.key(1);

test("layers compute what torch's compute, and have its gradients", () => {
  expectLayer((p: DenseParams) => dense(p, float64(goldens.dense.x)), goldens.dense);
  const options = { strides: [2, 1], pads: [1, 2, 1, 2], dilations: [1, 2], groups: 2 } as const;
  expectLayer((p: ConvParams) => conv(p, float64(goldens.conv.x), options), goldens.conv);
  const transposed = { strides: 2, pads: 1, outputPadding: 1, groups: 2 } as const;
  expectLayer(
    (p: ConvTransposeParams) => convTranspose(p, float64(goldens.convTranspose.x), transposed),
    goldens.convTranspose,
  );
  expectLayer((p: NormParams) => layerNorm(p, float64(goldens.layerNorm.x)), goldens.layerNorm);
  expectLayer((p: NormParams) => rmsNorm(p, float64(goldens.rmsNorm.x)), goldens.rmsNorm);
  expectLayer((p: NormParams) => groupNorm(p, float64(goldens.groupNorm.x), 2), goldens.groupNorm);
  const { indices } = goldens.embedding;
  expectLayer(
    (p: EmbeddingParams) => embedding(p, tensor(indices as number[][], { dtype: "int32" })),
    goldens.embedding,
  );
});

test("a layer without a bias has no such parameter", () => {
  const options = { bias: false, weight: constantInitializer(1) } as const;
  const params = initDense(key, 2, 1, options);
  expect(Object.keys(params)).toEqual(["weight"]);
  expect(dense(params, tensor([3, 4])).toArray()).toEqual([7]);
  const kernels = initConv(key, 1, 1, 2, options);
  expect(Object.keys(kernels)).toEqual(["weight"]);
  expect(conv(kernels, ones([1, 1, 2, 2])).toArray()).toEqual([[[[4]]]]);
  const stamps = initConvTranspose(key, 1, 1, 2, options);
  expect(convTranspose(stamps, tensor([[[[3]]]])).toArray()).toEqual([
    [
      [
        [3, 3],
        [3, 3],
      ],
    ],
  ]);
  expect(Object.keys(initNorm(3, { bias: false }))).toEqual(["scale"]);
});

test("parameters have the shapes, the dtype and the first values that were asked for", () => {
  const { weight, bias } = initDense(key, 3, 4, { dtype: "float64" });
  expect([weight.shape, weight.dtype, bias?.shape, bias?.dtype]).toEqual([[3, 4], "float64", [4], "float64"]);
  expect(bias?.toArray()).toEqual([0, 0, 0, 0]);
  expect(initDense(key, 1, 2, { bias: constantInitializer(5) }).bias?.toArray()).toEqual([5, 5]);
  expect(initConv(key, 4, 6, [3, 2], { groups: 2 }).weight.shape).toEqual([6, 2, 3, 2]);
  expect(initConvTranspose(key, 4, 6, [3, 2], { groups: 2 }).weight.shape).toEqual([4, 3, 3, 2]);
  expect(initNorm(2)).toEqual({ scale: tensor([1, 1]), bias: tensor([0, 0]) });
  expect(initNorm(2, { dtype: "float16" }).scale.dtype).toBe("float16");
  const { table } = initEmbedding(key, 500, 40);
  expect(table.shape).toEqual([500, 40]);
  expect(Math.sqrt(moments(Float64Array.from(table.dataSync() as Float32Array)).variance)).toBeCloseTo(0.02, 3);
  expect(initEmbedding(key, 1, 2, { table: constantInitializer(3) }).table.toArray()).toEqual([[3, 3]]);
});

test("the same key gives the same parameters; weight and bias draw from keys of their own", () => {
  const draw = (k: random.Key): DenseParams => initDense(k, 4, 4, { bias: (own, shape) => random.normal(own, shape) });
  expect(draw(key)).toEqual(draw(key));
  expect(draw(key)).not.toEqual(draw(random.key(2)));
  const same = initDense(key, 1, 1, {
    weight: (own) => random.uniform(own, []),
    bias: (own) => random.uniform(own, []),
  });
  expect(same.weight.item()).not.toBe(same.bias?.item());
});

test("the groups of a convolution start as convolutions of their own", () => {
  const variance = (weight: Tensor): number => moments(Float64Array.from(weight.dataSync() as Float32Array)).variance;
  // He's rule: 2 / (inputs per group * 9 cells).
  expect(variance(initConv(key, 400, 400, 3, { groups: 400 }).weight) * 9).toBeCloseTo(2, 0);
  expect(variance(initConvTranspose(key, 64, 20, 3).weight) * 64 * 9).toBeCloseTo(2, 1);
  expect(variance(initConvTranspose(key, 64, 20, 3, { groups: 4 }).weight) * 16 * 9).toBeCloseTo(2, 0);
});

test("norms over more axes, and with another eps", () => {
  const x = tensor([
    [
      [1, 2],
      [3, 4],
    ],
  ]);
  const all = layerNorm({ scale: ones([2, 2]) }, x, { axes: [-2, -1], eps: 0 });
  expect(all.shape).toEqual([1, 2, 2]);
  all.dataSync().forEach((value, i) => expect(value).toBeCloseTo((2 * i - 3) / Math.sqrt(5), 6));
  expect(rmsNorm({ scale: ones([2]) }, tensor([3, 4]), { eps: 12.5 }).toArray()).toEqual([
    Math.fround(3 / 5),
    Math.fround(4 / 5),
  ]);
  expect(groupNorm({ scale: ones([2]) }, tensor([[1, 3]]), 1, { eps: 3 }).toArray()).toEqual([[-0.5, 0.5]]);
});

test("layers are traced for every batch size", () => {
  const params = initDense(key, 3, 2);
  const graph = trace((x: Tensor) => dense(params, x), spec(["batch", 3]));
  for (const batch of [0, 2]) {
    const x = tensor(new Float32Array(3 * batch).fill(0.5), { shape: [batch, 3] });
    expect(interpret(graph, { input: x })["output"]).toEqual(dense(params, x));
  }
});

test("sizes and groups that cannot be are refused", () => {
  expect(() => initDense(key, -1, 2)).toThrow(ShapeError);
  expect(() => initDense(key, 1.5, 2)).toThrow(ShapeError);
  expect(() => initConv(key, 4, 6, 3, { groups: 3 })).toThrow(
    /initConv: groups: expected a divisor of 4 inputs and 6 outputs, got 3/,
  );
  expect(() => initConv(key, 6, 4, 3, { groups: 3 })).toThrow(ArgumentError);
  expect(() => initConvTranspose(key, 4, 4, 3, { groups: 0 })).toThrow(/initConvTranspose: groups/);
  expect(() => initNorm(-1)).toThrow(ShapeError);
  expect(() => initEmbedding(key, 0.5, 2)).toThrow(ShapeError);
  expect(() => dense(initDense(key, 3, 2), tensor([1, 2]))).toThrow(ShapeError);
  expect(() => embedding(initEmbedding(key, 3, 2), tensor([3], { dtype: "int32" }))).toThrow(ArgumentError);
  expect(() => layerNorm(initNorm(2), tensor(1))).toThrow(AxisError);
});
