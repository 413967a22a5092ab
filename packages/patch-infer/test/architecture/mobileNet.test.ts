import { type Tensor, checkGraph, grad, interpret, mul, random, sum, tensor } from "@parsimony/core-tensor";
import { trainBatchNorm, initBatchNormState } from "@parsimony/core-tensor/nn";
import { describe, expect, it } from "vitest";
import {
  batchNormalize,
  foldBatchNorm,
  initMobileNetTraining,
  mobileNetTrainingLogits,
} from "../../src/architecture/batchNorm.ts";
import { initMobileNet, mobileNetGraph, mobileNetLayers, mobileNetLogits } from "../../src/architecture/mobileNet.ts";
import { flashBytesOf, shapeNetwork } from "../../src/architecture/shapeNetwork.ts";
import { networkOf } from "../../src/lower/networkOf.ts";
import { planLayers, planPatches } from "../../src/plan/planStages.ts";
import { quantizeWithRanges } from "../../src/quantize/quantizeInt8.ts";
import { mobileNetV2, small } from "./mobileNets.ts";

const key = random.key(11);
const values = (x: Tensor): number[] => Array.from(x.dataSync() as Float32Array);
const near = (a: Tensor, b: Tensor, digits: number): void => {
  expect(a.shape).toEqual(b.shape);
  values(a).forEach((value, i) => expect(value).toBeCloseTo(values(b)[i] as number, digits));
};

describe("a MobileNet", () => {
  it("has the layers of MobileNetV2 for its numbers", () => {
    const net = mobileNetV2(224);
    const layers = mobileNetLayers(net);
    expect(layers).toHaveLength(53);
    expect(layers[1]).toMatchObject({ name: "block0.depthwise", groups: 32, kernel: 3 });
    expect(layers.at(-1)).toMatchObject({ name: "classifier", inputs: 1280, outputs: 1000, relu: false });
    // 300.77 M multiply-accumulates, 3.4 M weights.
    expect(planLayers(shapeNetwork(net)).macs.network).toBe(300_774_272);
    const weights = layers.reduce(
      (all, { kernel, inputs, outputs, groups }) => all + (kernel ** 2 * inputs * outputs) / groups,
      0,
    );
    expect(weights).toBe(3_469_760);
    expect(flashBytesOf(net)).toBe(3_469_760 + 4 * layers.reduce((all, { outputs }) => all + outputs, 0));
  });

  it("is the same as a program and as a function", () => {
    const params = initMobileNet(small, key);
    const graph = mobileNetGraph(small, params);
    checkGraph(graph);
    expect(graph.inputs).toEqual(["image"]);
    const image = random.normal(key, [1, 2, 24, 24]);
    near(Object.values(interpret(graph, { image }))[0] as Tensor, mobileNetLogits(small, params, image), 5);
    const batch = random.normal(key, [3, 2, 24, 24]);
    expect(mobileNetLogits(small, params, batch).shape).toEqual([3, 3]);
  });

  it("plans without weights exactly as it plans when it is quantised", () => {
    const graph = mobileNetGraph(small, initMobileNet(small, key));
    const lowered = networkOf(graph);
    const ranges = Object.fromEntries(Object.keys(lowered.maps).map((name) => [name, { min: -1, max: 1 }]));
    const quantized = quantizeWithRanges(lowered, ranges, { ports: "int8" });
    const shape = shapeNetwork(small);
    expect(shape.layers.map(({ kind }) => kind)).toEqual(quantized.layers.map(({ kind }) => kind));
    const grid = { rows: 3, columns: 2 };
    for (const [a, b] of [
      [planLayers(shape), planLayers(quantized)],
      [planPatches(shape, { split: 8, grid }), planPatches(quantized, { split: 8, grid })],
    ] as const) {
      expect(a.arenaBytes).toBe(b.arenaBytes);
      expect(a.macs).toEqual(b.macs);
      expect(a.moments.map(({ liveBytes }) => liveBytes)).toEqual(b.moments.map(({ liveBytes }) => liveBytes));
    }
  });

  it("names the layer whose parameters are missing", () => {
    const { head: _, ...params } = initMobileNet(small, key);
    const code = { name: "PatchInferError", code: "OPTION", layer: "head" };
    expect(() => mobileNetGraph(small, params)).toThrow(expect.objectContaining(code));
  });
});

describe("batch norm in training", () => {
  const x = random.normal(key, [4, 3, 5, 6], { mean: 1, std: 2 });
  const scale = tensor([0.5, 1, 2]);
  const shift = tensor([1, 0, -1]);

  it("has the values of core-tensor's and the statistics of the batch", () => {
    const [y, mean, variance] = batchNormalize(x, scale, shift);
    const [expected, state] = trainBatchNorm({ scale, bias: shift }, initBatchNormState(3), x, { momentum: 1 });
    near(y, expected, 4);
    near(mean, state.mean, 5);
    // The running variance there is unbiased.
    const count = 4 * 5 * 6;
    values(variance).forEach((value, i) =>
      expect(value).toBeCloseTo(((values(state.variance)[i] as number) * (count - 1)) / count, 4),
    );
  });

  it("has the derivative of core-tensor's", () => {
    const weights = random.normal(random.key(2), x.shape);
    type Params = { x: Tensor; scale: Tensor; shift: Tensor };
    const own = grad((p: Params) => sum(mul(weights, batchNormalize(p.x, p.scale, p.shift)[0])))({
      x,
      scale,
      shift,
    }) as Params;
    const theirs = grad((p: Params) =>
      sum(mul(weights, trainBatchNorm({ scale: p.scale, bias: p.shift }, initBatchNormState(3), p.x)[0])),
    )({ x, scale, shift }) as Params;
    near(own.x, theirs.x, 4);
    near(own.scale, theirs.scale, 3);
    near(own.shift, theirs.shift, 3);
  });

  it("folds into weights and biases without changing what is computed", () => {
    const training = initMobileNetTraining(small, key);
    const layers = Object.fromEntries(
      Object.entries(training.layers).map(([name, layer], i) => {
        const shape = layer.scale.shape;
        const drawn = random.split(random.key(50 + i), 2) as [random.Key, random.Key];
        return [
          name,
          {
            ...layer,
            scale: random.uniform(drawn[0], shape, { min: 0.5, max: 2 }),
            shift: random.normal(drawn[1], shape),
          },
        ];
      }),
    );
    const trained = { layers, classifier: training.classifier };
    const images = random.normal(key, [5, 2, 24, 24]);
    const [logits, statistics] = mobileNetTrainingLogits(small, trained, images);
    expect(Object.keys(statistics)).toEqual(
      mobileNetLayers(small)
        .slice(0, -1)
        .map(({ name }) => name),
    );
    near(mobileNetLogits(small, foldBatchNorm(small, trained, statistics), images), logits, 3);
  });
});
