import {
  type Tensor,
  add,
  avgPool2d,
  concat,
  conv2d,
  globalAvgPool2d,
  maxPool2d,
  mean,
  mul,
  pad,
  random,
  relu,
  sigmoid,
  softmax,
  spec,
  trace,
} from "@parsimony/core-tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PatchExecutor } from "../../src/execute/patchExecutor.ts";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import { networkOf } from "../../src/lower/networkOf.ts";
import type { FeatureMap, Network } from "../../src/network/network.ts";
import { planLayers, planStages } from "../../src/plan/planStages.ts";
import { compareMaps, quantizeCells } from "../../src/quantize/compare.ts";
import { mapRunner } from "../../src/quantize/mapValues.ts";
import { quantizeInt8, quantizeWithRanges } from "../../src/quantize/quantizeInt8.ts";
import { observeRanges } from "../../src/quantize/ranges.ts";
import { networks } from "../../src/testing/arbitraries.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";

const key = random.key(3);
const weight = (i: number, shape: readonly number[]): Tensor =>
  random.normal(random.foldIn(key, i), shape, { std: 0.4 });
const images = (count: number, cells: number): Float32Array[] =>
  Array.from(
    { length: count },
    (_, i) => random.normal(random.foldIn(key, 100 + i), [cells]).dataSync() as Float32Array,
  );

/** A bit of everything that int8 programs are made of. */
const graph = trace(
  (x: Tensor) => {
    const a = relu(conv2d(x, weight(1, [6, 3, 3, 3]), { pads: 1, bias: weight(2, [6]) }));
    const b = conv2d(a, weight(3, [6, 1, 3, 3]), { pads: 1, groups: 6 });
    const c = add(a, b);
    const d = concat([maxPool2d(c, { kernel: 2 }), avgPool2d(b, { kernel: 2 })], 1);
    const e = mul(d, sigmoid(conv2d(mean(d, [2, 3], { keepDims: true }), weight(4, [12, 12, 1, 1]))));
    const f = relu(
      conv2d(
        pad(e, [
          [0, 0],
          [0, 0],
          [1, 0],
          [0, 1],
        ]),
        weight(5, [8, 12, 3, 3]),
        { strides: 2 },
      ),
    );
    return softmax(conv2d(mean(f, [2, 3], { keepDims: true }), weight(6, [5, 8, 1, 1])), 1);
  },
  spec([1, 3, 12, 12], "float32", "image"),
);
const network = networkOf(graph);
const samples = images(8, 12 * 12 * 3);

function output(of: Network, input: Float32Array | Int8Array): number[] {
  const port = of.outputs[0]?.map as string;
  return Array.from(mapRunner(of)(input).get(of.maps[port]?.viewOf ?? port) as Float32Array);
}

describe("quantizeInt8", () => {
  it("gives what the float network gives, up to the rounding of codes", () => {
    const quantized = quantizeInt8(graph, samples);
    for (const image of images(12, 432).slice(8)) {
      const [exact, rounded] = [output(network, image), output(quantized, image)];
      exact.forEach((value, i) => expect(Math.abs(value - (rounded[i] as number))).toBeLessThan(0.05));
    }
    const noise = compareMaps(network, quantized, samples);
    expect(noise.map(({ map }) => map)).toEqual(
      Object.keys(network.maps).filter((name) => network.maps[name]?.viewOf === undefined),
    );
    for (const { signalToNoise } of noise) expect(signalToNoise).toBeGreaterThan(24);
  });

  it("keeps float ports with conversions behind and before them, or takes and gives codes", () => {
    const kindsOf = (of: Network): string[] => of.layers.map(({ kind }) => kind);
    const floats = quantizeInt8(network, samples);
    expect(kindsOf(floats)[0]).toBe("convert");
    // Softmax has no int8 form: it stays float32 behind a conversion.
    expect(kindsOf(floats).slice(-2)).toEqual(["convert", "softmax"]);
    expect(floats.inputs).toEqual(network.inputs);
    expect(floats.outputs).toEqual(network.outputs);
    const codes = quantizeInt8(network, samples, { ports: "int8" });
    expect(kindsOf(codes)[0]).toBe("conv2d");
    expect(kindsOf(codes).slice(-3)).toEqual(["convert", "softmax", "convert"]);
    expect(codes.inputs[0]).toEqual({ ...network.inputs[0], dtype: "int8" });
    const { scale, zeroPoint, type } = codes.maps["image"] as FeatureMap;
    expect(type).toBe("int8");
    // The same numbers come out of both.
    const image = samples[0] as Float32Array;
    const port = codes.maps[codes.outputs[0]?.map as string] as FeatureMap;
    const real = output(codes, quantizeCells(image, { scale, zeroPoint } as { scale: number; zeroPoint: number })).map(
      (code) => (port.scale as number) * (code - (port.zeroPoint as number)),
    );
    output(floats, image).forEach((value, i) =>
      expect(Math.abs(value - (real[i] as number))).toBeLessThan(0.5001 * (port.scale as number) + 1e-7),
    );
  });

  it("gives one quantisation to what is only moved or compared", () => {
    const { maps, layers } = quantizeInt8(network, samples);
    const of = (name: string): readonly unknown[] => [maps[name]?.scale, maps[name]?.zeroPoint];
    const tied = layers.filter(({ kind }) => ["maxPool2d", "averagePool2d", "concat", "pad"].includes(kind));
    expect(tied.length).toBeGreaterThanOrEqual(3);
    for (const { inputs, output: made } of tied) for (const input of inputs) expect(of(input)).toEqual(of(made));
    // An addition needs none of that. (Its other operand and its sum are tied here: both are pooled into one concatenation.)
    const sum = layers.find((layer) => layer.kind === "binary" && layer.fn === "add");
    expect(of(sum?.inputs[0] as string)).not.toEqual(of(sum?.output as string));
  });

  it("puts activations into the clamp of codes", () => {
    const { layers, maps } = quantizeInt8(network, samples);
    const first = layers.find(({ kind }) => kind === "conv2d");
    expect(first?.kind === "conv2d" && first.clamp).toEqual({ min: -128, max: 127 });
    expect(maps[first?.output as string]?.zeroPoint).toBe(-128);
    const wide = quantizeWithRanges(
      network,
      Object.fromEntries(Object.keys(network.maps).map((name) => [name, { min: -1, max: 1.55 }])),
    );
    const clamped = wide.layers.find(({ kind }) => kind === "conv2d");
    // ReLU above a zero point of -28.
    expect(clamped?.kind === "conv2d" && clamped.clamp).toEqual({ min: -28, max: 127 });
  });

  it("changes nothing of what it was given", () => {
    const before = structuredClone(network);
    quantizeInt8(network, samples);
    expect(network).toEqual(before);
  });

  it("plans and runs in patches with the same bits, in both engines", () => {
    const quantized = quantizeInt8(network, samples, { ports: "int8" });
    const codes = quantizeCells(
      samples[1] as Float32Array,
      quantized.maps["image"] as { scale: number; zeroPoint: number },
    );
    const whole = new PatchExecutor(quantized, planLayers(quantized)).runSingle(codes).dataSync();
    const end = quantized.layers.findIndex(({ kind }) => kind === "concat") + 1;
    const plan = planStages(quantized, { stages: [{ first: 0, end, grid: { rows: 3, columns: 2 } }] });
    for (const kernels of [typescriptKernels, wasmKernels])
      expect(new PatchExecutor(quantized, plan, { kernels }).runSingle(codes).dataSync()).toEqual(whole);
  });

  it("keeps views as views", () => {
    const flat = trace(
      (x: Tensor) => {
        const y = relu(conv2d(x, weight(1, [4, 3, 3, 3]), { pads: 1 }));
        return globalAvgPool2d(y);
      },
      spec([1, 3, 6, 6], "float32", "image"),
    );
    for (const ports of ["float32", "int8"] as const) {
      const quantized = quantizeInt8(flat, images(2, 108), { ports });
      for (const { name, viewOf, type, scale } of Object.values(quantized.maps)) {
        if (viewOf === undefined) continue;
        expect(name).not.toBe(viewOf);
        expect([type, scale]).toEqual([quantized.maps[viewOf]?.type, quantized.maps[viewOf]?.scale]);
      }
    }
  });

  it("works for any network: near the float one, the same in both engines", () => {
    fc.assert(
      fc.property(
        networks({ types: ["float32"], maxSize: 16 }),
        fc.constantFrom("float32" as const, "int8" as const),
        (random, ports) => {
          const inputs = [1, 2, 3].map((seed) => randomInputs(random, seed));
          const quantized = quantizeInt8(random, inputs, { ports });
          expect(Object.values(quantized.maps).filter(({ type }) => type === "int8").length).toBeGreaterThan(0);
          const worst = compareMaps(random, quantized, inputs).at(-1);
          const byTypescript = compareMaps(random, quantized, inputs, { kernels: typescriptKernels }).at(-1);
          expect(byTypescript).toEqual(worst);
          // Errors add up over layers; what is left must still be the signal, unless it is smaller than a step.
          if (worst !== undefined && worst.maxAbsoluteError > 4 * (worst.scale ?? 0))
            expect(worst.signalToNoise).toBeGreaterThan(6);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("takes no name of the network for a converted map", () => {
    const named = networkOf(
      trace((x: Tensor) => softmax(mul(softmax(x, 1), x), 1), spec([1, 3, 4, 4], "float32", "x")),
    );
    const rename = (name: string): string => ({ x: "a", [named.layers[1]?.output ?? ""]: "a@int8" })[name] ?? name;
    const twisted: Network = {
      ...named,
      inputs: named.inputs.map((port) => ({ ...port, map: rename(port.map) })),
      layers: named.layers.map((layer) => ({
        ...layer,
        inputs: layer.inputs.map(rename),
        output: rename(layer.output),
      })),
      maps: Object.fromEntries(
        Object.values(named.maps).map((map) => [rename(map.name), { ...map, name: rename(map.name) }]),
      ),
    };
    expect(twisted.maps["a@int8"]).toBeDefined();
    const samples = images(2, 48);
    const quantized = quantizeInt8(twisted, samples);
    const outputs = quantized.layers.map(({ output }) => output);
    expect(new Set(outputs).size).toBe(outputs.length);
    for (const { signalToNoise } of compareMaps(twisted, quantized, samples)) expect(signalToNoise).toBeGreaterThan(20);
  });

  it.each([
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
    [2, 1],
  ])("refuses a range from %d to %d", (min, max) => {
    const network = networkOf(graph);
    const ranges = Object.fromEntries(Object.keys(network.maps).map((name) => [name, { min, max }]));
    expect(() => quantizeWithRanges(network, ranges)).toThrow(expect.objectContaining({ code: "OPTION" }));
  });

  it("refuses what it cannot work with", () => {
    const refused = (run: () => unknown, code: string, text: RegExp): void => {
      expect(run).toThrow(
        expect.objectContaining({ name: "PatchInferError", code, message: expect.stringMatching(text) as string }),
      );
    };
    const quantized = quantizeInt8(network, samples);
    refused(() => quantizeInt8(quantized, samples), "DTYPE_MISMATCH", /is int8 already/);
    refused(() => quantizeInt8(network, []), "OPTION", /at least one sample/);
    refused(() => quantizeInt8(network, [new Float32Array(5)]), "SHAPE_MISMATCH", /432 cells/);
    refused(() => quantizeInt8(network, [new Float32Array(432).fill(Number.NaN)]), "BAD_MODEL", /NaN/);
    refused(() => quantizeInt8(network, [() => {}]), "OPTION", /not functions/);
    refused(() => quantizeInt8(network, samples, { ports: "uint8" as never }), "OPTION", /"uint8"/);
    refused(() => quantizeWithRanges(network, {}), "OPTION", /no range for map "image"/);
    refused(() => compareMaps(network, quantized, []), "OPTION", /at least one sample/);
    const other = new NetworkBuilder("other", "float32");
    other.conv(other.input(3, 3, 1, "somewhere"), 1);
    refused(() => compareMaps(other.build(["conv0"]), quantized, samples), "OPTION", /in common/);
  });
});

describe("observeRanges", () => {
  it("notes the smallest and largest value of every map over all samples, 0 included", () => {
    const net = new NetworkBuilder("pass", "float32");
    const x = net.input(1, 2, 1);
    const y = net.pool(x, "maxPool2d", { kernel: [1, 2] });
    const ranges = observeRanges(net.build([y]), [Float32Array.of(3, 5), Float32Array.of(-2, 1)]);
    expect(ranges).toEqual({ image: { min: -2, max: 5 }, [y]: { min: 0, max: 5 } });
  });
});

function randomInputs(of: Network, seed: number): Record<string, Float32Array> {
  return Object.fromEntries(
    of.inputs.map(({ name, map }, i) => {
      const { height, width, channels } = of.maps[map] as FeatureMap;
      const cells = height * width * channels;
      return [name, random.normal(random.foldIn(random.key(seed), i), [cells]).dataSync() as Float32Array];
    }),
  );
}
