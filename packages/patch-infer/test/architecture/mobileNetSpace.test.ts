import { random } from "@parsimony/core-tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evolve } from "../../src/architecture/evolve.ts";
import { initMobileNet, mobileNetGraph } from "../../src/architecture/mobileNet.ts";
import { type MobileNetSpaceOptions, mobileNetSpace } from "../../src/architecture/mobileNetSpace.ts";
import { activationPatternScore, activationVolumeScore, weightedMacs } from "../../src/architecture/proxies.ts";
import { flashBytesOf, shapeNetwork } from "../../src/architecture/shapeNetwork.ts";
import { candidateKey, randomGenes, uniforms } from "../../src/architecture/space.ts";
import { networkOf } from "../../src/lower/networkOf.ts";
import type { Layer } from "../../src/network/layer.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import { planLayers, planPatches } from "../../src/plan/planStages.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";
import { small } from "./mobileNets.ts";

const options: MobileNetSpaceOptions = {
  channels: 1,
  classes: 4,
  resolutions: [16, 24],
  widths: [0.5, 1],
  stem: { outputs: [8] },
  stages: [
    { outputs: [8], stride: 1, depths: [0, 1] },
    { outputs: [12, 16], stride: 2, depths: [1, 2] },
  ],
  kernels: [3, 5],
  expansions: [1, 2],
  heads: [0, 16],
  plan: (network) => planLayers(network),
};
const space = mobileNetSpace(options);

describe("mobileNetSpace", () => {
  it("names a gene for every choice", () => {
    expect(Object.keys(space.choices)).toEqual([
      "resolution",
      "width",
      "stem.outputs",
      "stem.stride",
      "stem.kernel",
      "stage0.outputs",
      "stage0.depth",
      "stage0.block0.kernel",
      "stage0.block0.expansion",
      "stage1.outputs",
      "stage1.depth",
      "stage1.block0.kernel",
      "stage1.block0.expansion",
      "stage1.block1.kernel",
      "stage1.block1.expansion",
      "head",
    ]);
  });

  it("makes the network that the genes say", () => {
    const genes = Object.fromEntries(
      Object.entries(space.choices).map(([name, values]) => [name, values.at(-1) as number]),
    );
    expect(space.netOf(genes)).toEqual({
      resolution: 24,
      channels: 1,
      stem: { kernel: 3, stride: 2, outputs: 8 },
      blocks: [
        { kernel: 5, stride: 1, inputs: 8, hidden: 16, outputs: 8 },
        { kernel: 5, stride: 2, inputs: 8, hidden: 16, outputs: 16 },
        { kernel: 5, stride: 1, inputs: 16, hidden: 32, outputs: 16 },
      ],
      head: 16,
      classes: 4,
    });
    const half = space.netOf({ ...genes, width: 0.5, "stage0.depth": 0, "stage1.depth": 1, head: 0 });
    expect(half).toMatchObject({
      stem: { outputs: 4 },
      blocks: [{ stride: 2, inputs: 4, hidden: 8, outputs: 8 }],
      head: 0,
    });
  });

  it("counts genes of blocks that are not there once, and costs what its network costs", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const genes = randomGenes(space, uniforms(random.key(seed)));
        const net = space.netOf(genes);
        expect(space.netOf(space.canonical(genes))).toEqual(net);
        const other = { ...genes, "stage1.block1.kernel": genes["stage1.block1.kernel"] === 3 ? 5 : 3 };
        expect(candidateKey(space, other) === candidateKey(space, genes)).toBe(genes["stage1.depth"] === 1);
        const plan = planLayers(shapeNetwork(net));
        expect(space.costs(genes)).toEqual({
          memoryBytes: plan.arenaBytes,
          macs: plan.macs.plan,
          flashBytes: flashBytesOf(net),
        });
        expect(space.planOf(genes)).toEqual(plan);
      }),
      { numRuns: 30 },
    );
  });

  it("leaves out what has no plan", async () => {
    const none = mobileNetSpace({ ...options, plan: () => null });
    const run = evolve({
      space: none,
      evaluate: () => 0,
      constraints: { memoryBytes: 1e9 },
      seed: 1,
      population: 2,
      tries: 20,
    });
    await expect(run).rejects.toMatchObject({ code: "BUDGET_INFEASIBLE" });
  });

  it("is searched together with its schedule: patches fit where layers don't", async () => {
    const large: MobileNetSpaceOptions = { ...options, resolutions: [32, 64], kernels: [3] };
    const layered = mobileNetSpace(large);
    const patched = mobileNetSpace({
      ...large,
      plan: (network) => {
        const end = network.layers.findIndex(({ kind }) => kind === "globalPool");
        const last = network.layers[end - 1] as Layer;
        const { height } = network.maps[last.output] as FeatureMap;
        const strips = planPatches(network, { split: end, grid: { rows: height, columns: 1 }, overlap: "cacheRows" });
        const plans = [planLayers(network), strips];
        return plans.reduce((a, b) => (b.arenaBytes < a.arenaBytes ? b : a));
      },
    });
    const largest = Object.fromEntries(
      Object.entries(layered.choices).map(([name, values]) => [name, values.at(-1) as number]),
    );
    const budget = patched.costs(largest)?.["memoryBytes"] as number;
    expect(budget).toBeLessThan(layered.costs(largest)?.["memoryBytes"] as number);
    const run = (own: typeof space): Promise<number> =>
      evolve({
        space: own,
        evaluate: ({ genes, costs }) => {
          expect(costs["memoryBytes"]).toBeLessThanOrEqual(budget);
          return weightedMacs(shapeNetwork(own.netOf(genes)));
        },
        constraints: { memoryBytes: budget },
        seed: 1,
        population: 20,
        parents: 5,
        generations: 5,
      }).then(({ best }) => best.score);
    expect(await run(patched)).toBeGreaterThan(await run(layered));
  });

  it("refuses spaces that make no networks", () => {
    const refused = (change: Partial<MobileNetSpaceOptions>, text: RegExp): void => {
      const error = { name: "PatchInferError", code: "OPTION", message: expect.stringMatching(text) as string };
      expect(() => mobileNetSpace({ ...options, ...change })).toThrow(expect.objectContaining(error));
    };
    refused({ resolutions: [] }, /resolutions has no value/);
    refused({ kernels: [4] }, /kernel of 4/);
    refused({ stages: [{ outputs: [8], stride: 2, depths: [0, 1] }] }, /stage 0 halves the image/);
    refused({ stages: [{ outputs: [], stride: 1, depths: [1] }] }, /stage 0 has no value/);
  });
});

describe("scores without training", () => {
  const network = networkOf(mobileNetGraph(small, initMobileNet(small, random.key(1))));

  it("count multiply-accumulates by the kind of layer", () => {
    const whole = weightedMacs(network);
    expect(whole).toBe(planLayers(network).macs.network);
    const depthwise = weightedMacs(network, { conv2d: 0 });
    expect(weightedMacs(network, { depthwiseConv2d: 3 })).toBe(whole + 2 * depthwise);
  });

  it("count states of ReLUs: log |det K| by hand", () => {
    // Two inputs, two channels: y = relu(x), relu(-x).
    const net = new NetworkBuilder("two", "float32");
    const out = net.conv(net.input(1, 1, 1), 2);
    const built = net.build([out]);
    const layers = built.layers.map((layer) => ({
      ...layer,
      weights: Float32Array.of(1, -1),
      bias: new Float32Array(2),
      clamp: { min: 0, max: Infinity },
    }));
    const two = { ...built, layers } as typeof built;
    const inputs = [Float32Array.of(3), Float32Array.of(-2), Float32Array.of(4)];
    // The first two differ in both ReLUs: K = [[2, 0], [0, 2]].
    expect(activationPatternScore(two, { seed: 1, inputs: inputs.slice(0, 2) })).toBeCloseTo(Math.log(4), 10);
    // The first and third are alike: K is singular.
    expect(activationPatternScore(two, { seed: 1, inputs })).toBe(Number.NEGATIVE_INFINITY);
    // Activations (3, 0) and (0, 2) stand at right angles.
    expect(activationVolumeScore(two, { seed: 1, inputs: inputs.slice(0, 2) })).toBeCloseTo(2 * Math.log(1.001), 6);
    expect(activationVolumeScore(two, { seed: 1, inputs })).toBeCloseTo(Math.log(1.001) + Math.log(1.001 ** 2 - 1), 4);
  });

  it("depend on the seed alone", () => {
    for (const score of [activationPatternScore, activationVolumeScore]) {
      const first = score(network, { seed: 1, batch: 6 });
      expect(Number.isFinite(first)).toBe(true);
      expect(score(network, { seed: 1, batch: 6 })).toBe(first);
      expect(score(network, { seed: 2, batch: 6 })).not.toBe(first);
    }
  });

  it("refuse networks that have nothing to look at", () => {
    const net = new NetworkBuilder("linear", "float32");
    const linear = net.build([net.conv(net.input(1, 1, 1), 2)]);
    expect(() => activationPatternScore(linear, { seed: 1 })).toThrow(/no ReLU/);
    expect(() => activationPatternScore(linear, { seed: 1, batch: 0 })).toThrow(/batch is 0/);
  });
});
