import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Clamp, Layer } from "../../src/network/layer.ts";
import type { FeatureMap, Network } from "../../src/network/network.ts";
import { quantizeCells } from "../../src/quantize/compare.ts";
import { mapRunner } from "../../src/quantize/mapValues.ts";
import { quantizeInt8 } from "../../src/quantize/quantizeInt8.ts";

interface Fixture {
  readonly layers: Readonly<
    Record<string, { weights: number[]; bias: number[]; codes: number[]; scales: number[]; biasCodes: number[] }>
  >;
  readonly maps: Readonly<Record<string, { scale: number; zeroPoint: number }>>;
  readonly samples: readonly number[][];
  readonly codes: readonly Readonly<Record<string, number[]>>[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/quantize/small.json", import.meta.url), "utf8"),
) as Fixture;

const free: Clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
const map = (name: string, height: number, channels: number): FeatureMap => ({
  name,
  height,
  width: height,
  channels,
  type: "float32",
});
const window = (kernel: number, stride: number) =>
  ({
    kernel: [kernel, kernel],
    strides: [stride, stride],
    dilations: [1, 1],
    padBefore: [(kernel - 1) / 2, (kernel - 1) / 2],
    padAfter: [(kernel - 1) / 2, (kernel - 1) / 2],
  }) as const;
const numbers = (name: string) => ({
  weights: Float32Array.from(fixture.layers[name]?.weights as number[]),
  bias: Float32Array.from(fixture.layers[name]?.bias as number[]),
});
const layers: Layer[] = [
  {
    kind: "conv2d",
    name: "first",
    inputs: ["image"],
    output: "first",
    groups: 1,
    clamp: { min: 0, max: Infinity },
    ...window(3, 2),
    ...numbers("first"),
  },
  {
    kind: "depthwiseConv2d",
    name: "depthwise",
    inputs: ["first"],
    output: "depthwise",
    depthMultiplier: 1,
    clamp: free,
    ...window(3, 1),
    ...numbers("depthwise"),
  },
  { kind: "binary", name: "add", fn: "add", inputs: ["first", "depthwise"], output: "add", clamp: free },
  { kind: "globalPool", name: "mean", fn: "mean", inputs: ["add"], output: "mean", clamp: free },
  {
    kind: "conv2d",
    name: "dense",
    inputs: ["mean"],
    output: "dense",
    groups: 1,
    clamp: free,
    ...window(1, 1),
    ...numbers("dense"),
  },
];
const maps = [
  map("image", 8, 2),
  map("first", 4, 4),
  map("depthwise", 4, 4),
  map("add", 4, 4),
  map("mean", 1, 4),
  map("dense", 1, 3),
];
const network: Network = {
  name: "small",
  inputs: [{ name: "image", map: "image", shape: [1, 2, 8, 8], layout: "nchw", dtype: "float32" }],
  outputs: [{ name: "dense", map: "dense", shape: [1, 3], layout: "rowMajor", dtype: "float32" }],
  layers,
  maps: Object.fromEntries(maps.map((each) => [each.name, each])),
};

describe("quantizeInt8 against numpy", () => {
  const samples = fixture.samples.map((sample) => Float32Array.from(sample));
  const quantized = quantizeInt8(network, samples, { ports: "int8" });

  it("finds the same scales and zero points", () => {
    for (const [name, { scale, zeroPoint }] of Object.entries(fixture.maps)) {
      expect((quantized.maps[name]?.scale as number) / scale).toBeCloseTo(1, 5);
      expect(quantized.maps[name]?.zeroPoint).toBe(zeroPoint);
    }
  });

  it("finds the same codes of weights and biases", () => {
    for (const layer of quantized.layers) {
      if (layer.kind !== "conv2d" && layer.kind !== "depthwiseConv2d") continue;
      expect(Array.from(layer.weights)).toEqual(fixture.layers[layer.name]?.codes);
      // A bias is as large as its scale is small: the last bit of a scale moves it.
      fixture.layers[layer.name]?.biasCodes.forEach((code, i) =>
        expect(Math.abs((layer.bias[i] as number) - code)).toBeLessThanOrEqual(1),
      );
    }
  });

  it("computes the same codes in every feature map", () => {
    const run = mapRunner(quantized);
    fixture.samples.forEach((_, i) => {
      const image = quantizeCells(
        samples[i] as Float32Array,
        quantized.maps["image"] as { scale: number; zeroPoint: number },
      );
      const values = run(image);
      for (const [name, codes] of Object.entries(fixture.codes[i] as Record<string, number[]>))
        expect([name, Array.from(values.get(name) as Int8Array)]).toEqual([name, codes]);
    });
  });
});
