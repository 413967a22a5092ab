import { type Graph, interpret, random } from "@parsimony/core-tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MobileNet, initMobileNet, mobileNetGraph } from "../../src/architecture/mobileNet.ts";
import { fieldOf, lastLocalLayer } from "../../src/architecture/receptiveField.ts";
import { redistribute } from "../../src/architecture/redistribute.ts";
import { shapeNetwork } from "../../src/architecture/shapeNetwork.ts";
import { networkOf } from "../../src/lower/networkOf.ts";
import type { DepthwiseConv2d } from "../../src/network/layer.ts";
import type { Network } from "../../src/network/network.ts";
import { planPatches } from "../../src/plan/planStages.ts";
import { mapRunner } from "../../src/quantize/mapValues.ts";
import { mobileNetV2, small } from "./mobileNets.ts";

/** A float network of the shapes alone: weights are zeros. */
function floatShape(net: MobileNet): Network {
  const network = shapeNetwork(net);
  const layers = network.layers.map((layer) => {
    if (layer.kind !== "depthwiseConv2d") return layer;
    const channels = network.maps[layer.output]?.channels as number;
    return { ...layer, weights: new Float32Array(channels * layer.kernel[0] * layer.kernel[1]).fill(1) };
  });
  return { ...network, layers };
}

function output(network: Network, image: Float32Array): number[] {
  const port = network.outputs[0]?.map as string;
  const root = network.maps[port]?.viewOf ?? port;
  return Array.from(mapRunner(network)(image).get(root) as Float32Array);
}

const endOf = (network: Network, layer: string): number => network.layers.findIndex(({ name }) => name === layer) + 1;
const depthwise = (network: Network): DepthwiseConv2d[] =>
  network.layers.filter((layer) => layer.kind === "depthwiseConv2d");
const kernels = (network: Network): number[] => depthwise(network).map(({ kernel }) => kernel[0]);

describe("redistribute on MobileNetV2 at 224 x 224", () => {
  const network = floatShape(mobileNetV2(224));
  // First convolution and four blocks: 28 x 28 x 32.
  const split = endOf(network, "block3.project");

  it("gives the row of MobileNetV2-RD: patches of 63 x 63, 294.0 M multiply-accumulates, 17.4 % and 12.9 % more", () => {
    const { model, report } = redistribute(network, { split, targetOverhead: 0.18, keepReceptiveField: false });
    expect(report.before.patchInput).toEqual({ rows: 75, columns: 75 });
    expect(report.before.overhead.virtual).toBeCloseTo(0.419, 3);
    expect(report.before.overhead.clipped).toBeCloseTo(0.306, 3);
    expect(report.before.macs / 1e6).toBeCloseTo(300.77, 2);
    expect(report.after.patchInput).toEqual({ rows: 63, columns: 63 });
    expect(report.after.overhead.virtual).toBeCloseTo(0.174, 3);
    expect(report.after.overhead.clipped).toBeCloseTo(0.129, 3);
    expect(report.after.macs / 1e6).toBeCloseTo(294.0, 1);
    expect(report.shrunk.map(({ layer, to }) => [layer, to])).toEqual([
      ["block0.depthwise", [1, 1]],
      ["block2.depthwise", [1, 1]],
    ]);
    // Weights of ones: eight of nine taps are gone.
    for (const { weightsLost } of report.shrunk) expect(weightsLost).toBeCloseTo(8 / 9, 6);
    expect(report.grown).toEqual([]);
    const plan = planPatches(model, { split, grid: { rows: 4, columns: 4 } });
    expect(plan.macs.network).toBe(report.after.macs);
    // 9.3 % of the whole network before; the paper's total is about 3 %.
    expect(plan.macs.plan / plan.macs.network - 1).toBeCloseTo(0.037, 3);
  });

  it("gives the receptive field back by one kernel at the smallest resolution", () => {
    const { report } = redistribute(network, { split, targetOverhead: 0.18 });
    expect(report.before.receptiveField).toEqual({ rows: 491, columns: 491 });
    expect(report.grown).toEqual([{ layer: "block16.depthwise", from: [3, 3], to: [5, 5], weightsLost: 0 }]);
    // The stage took 2 * 2 + 2 * 4 cells, the kernel gives 2 * 32.
    expect(report.after.receptiveField).toEqual({ rows: 491 - 12 + 64, columns: 491 - 12 + 64 });
    expect([report.reachedOverhead, report.reachedReceptiveField]).toEqual([true, true]);
  });

  it("says so when strides stand in the way of the target", () => {
    const { report } = redistribute(network, { split, targetOverhead: 0.01 });
    // Kernels of stride 2 stay at 3: with 1 they would skip cells.
    expect(report.shrunk).toHaveLength(2);
    expect(report.reachedOverhead).toBe(false);
    expect(report.after.overhead.virtual).toBeCloseTo(0.174, 3);
  });
});

describe("redistribute", () => {
  const key = random.key(5);
  const graph = mobileNetGraph(small, initMobileNet(small, key));
  const network = networkOf(graph);
  const image = random.normal(random.key(6), [24 * 24 * 2]).dataSync() as Float32Array;
  /** The end of the layers that make images of this height. */
  const lastAt = (height: number): number =>
    network.layers.findLastIndex(({ output }) => network.maps[output]?.height === height) + 1;

  it("changes no output bit by kernels that grow", () => {
    // A split after the first convolution: nothing to shrink; a field that is asked to be larger is made by zero taps.
    const first = redistribute(network, { split: 1, targetOverhead: 9, keepReceptiveField: true });
    expect(first.model).toEqual(network);
    const split = lastAt(12);
    const { model, report } = redistribute(network, { split, targetOverhead: 0, grid: { rows: 3, columns: 3 } });
    expect(report.grown.length).toBeGreaterThan(0);
    // Undo the shrinking: what is left are the zero taps.
    const grown = {
      ...model,
      layers: model.layers.map((layer, i) => (i < split ? network.layers[i] : layer)),
    } as Network;
    expect(kernels(grown)).not.toEqual(kernels(network));
    expect(output(grown, image)).toEqual(output(network, image));
  });

  it("keeps the centre taps of kernels that shrink and says what is lost", () => {
    const split = lastAt(12);
    const { model, report } = redistribute(network, { split, targetOverhead: 0, keepReceptiveField: false });
    expect(kernels(network)).toEqual([3, 5, 5, 3, 3]);
    expect(kernels(model)).toEqual([1, 1, 5, 3, 3]);
    const [before, after] = [network, model].map((of) => depthwise(of)[1]) as [DepthwiseConv2d, DepthwiseConv2d];
    const centre = Array.from(before.weights).slice(12 * 8, 13 * 8);
    expect(Array.from(after.weights)).toEqual(centre);
    expect([after.padBefore, after.padAfter]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const energy = (values: Iterable<number>): number =>
      Array.from(values).reduce((sum, value) => sum + value * value, 0);
    expect(report.shrunk[1]?.weightsLost).toBeCloseTo(1 - energy(centre) / energy(before.weights), 6);
    expect(output(model, image)).not.toEqual(output(network, image));
    // Maps stay where they were: the new network can be planned with the same split.
    expect(planPatches(model, { split, grid: { rows: 4, columns: 4 } }).stages[0]?.end).toBe(split);
  });

  it("gives a graph for a graph, which is what its network is", () => {
    const options = { split: lastAt(6), targetOverhead: 0.1 } as const;
    const changed: Graph = redistribute(graph, options).model;
    const lowered = networkOf(changed);
    const expected = redistribute(network, options).model;
    expect(kernels(lowered)).toEqual(kernels(expected));
    expect(kernels(lowered)).not.toEqual(kernels(network));
    expect(output(lowered, image)).toEqual(output(expected, image));
    // The reference of core-tensor agrees, so the graph is right by itself.
    const nchw = random.normal(random.key(7), [1, 2, 24, 24]);
    const byGraph = Object.values(interpret(changed, { image: nchw }))[0]?.dataSync() as Float32Array;
    const cells = new Float32Array(24 * 24 * 2);
    const planes = nchw.dataSync() as Float32Array;
    cells.forEach((_, i) => (cells[i] = planes[(i % 2) * 576 + Math.floor(i / 2)] as number));
    output(expected, cells).forEach((value, i) => expect(value).toBeCloseTo(byGraph[i] as number, 4));
    // The original is untouched.
    expect(networkOf(graph)).toEqual(network);
  });

  it("takes a split by name", () => {
    const split = network.layers[lastAt(6) - 1]?.output as string;
    const byName = redistribute(network, { split, targetOverhead: 0.1 });
    expect(byName).toEqual(redistribute(network, { split: lastAt(6), targetOverhead: 0.1 }));
  });

  it("brings the overhead down with every kernel, to the target or as far as it goes", () => {
    const kernel = fc.constantFrom(3, 5, 7);
    const net = fc.record({
      a: kernel,
      b: kernel,
      c: kernel,
      d: kernel,
      grid: fc.integer({ min: 2, max: 6 }),
      target: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(net, ({ a, b, c, d, grid, target }) => {
        const blocks = [
          { kernel: a, stride: 1, inputs: 4, hidden: 8, outputs: 4 },
          { kernel: b, stride: 2, inputs: 4, hidden: 8, outputs: 4 },
          { kernel: c, stride: 1, inputs: 4, hidden: 8, outputs: 4 },
          { kernel: d, stride: 1, inputs: 4, hidden: 8, outputs: 4 },
        ] as const;
        const shape = floatShape({ ...small, resolution: 48, blocks });
        const split = endOf(shape, "block2.add");
        const options = { split, grid: { rows: grid, columns: grid } };
        const { model, report } = redistribute(shape, { ...options, targetOverhead: target });
        if (report.reachedOverhead) expect(report.after.overhead.virtual).toBeLessThanOrEqual(target);
        else expect(kernels(model).slice(0, 3)).toEqual([1, 3, 1]);
        // Step by step: lower targets shrink more and cost less.
        const overheads = [0.8, 0.3, 0].map(
          (targetOverhead) => redistribute(shape, { ...options, targetOverhead }).report.after.overhead.virtual,
        );
        overheads.forEach((overhead, i) => i === 0 || expect(overhead).toBeLessThanOrEqual(overheads[i - 1] as number));
        const { before, after, reachedReceptiveField } = report;
        expect(reachedReceptiveField).toBe(after.receptiveField.rows >= before.receptiveField.rows);
        if (!reachedReceptiveField) expect(kernels(model)[3]).toBe(7);
        for (const { weightsLost } of report.grown) expect(weightsLost).toBe(0);
      }),
      { numRuns: 8 },
    );
  });

  it("refuses what it cannot work with", () => {
    const refused = (run: () => unknown, code: string, text: RegExp): void => {
      expect(run).toThrow(
        expect.objectContaining({ name: "PatchInferError", code, message: expect.stringMatching(text) as string }),
      );
    };
    refused(() => redistribute(network, { split: 3, targetOverhead: -1 }), "OPTION", /targetOverhead/);
    refused(() => redistribute(network, { split: 3, targetOverhead: Number.NaN }), "OPTION", /targetOverhead/);
    refused(
      () => redistribute(network, { split: 3, targetOverhead: 0, largestKernel: 4 }),
      "OPTION",
      /largestKernel is 4/,
    );
    refused(() => redistribute(network, { split: "nowhere", targetOverhead: 0 }), "ILLEGAL_SPLIT", /nowhere/);
    refused(
      () => redistribute(network, { split: network.layers.length, targetOverhead: 0 }),
      "GLOBAL_OP_IN_STAGE",
      /whole input/,
    );
    refused(
      () => redistribute(network, { split: lastAt(6), grid: { rows: 7, columns: 1 }, targetOverhead: 0 }),
      "GRID_TOO_FINE",
      /7 x 1/,
    );
    const shape = shapeNetwork(small);
    refused(
      () => redistribute(shape, { split: endOf(shape, "block1.add"), targetOverhead: 0 }),
      "DTYPE_MISMATCH",
      /before quantising/,
    );
  });
});

describe("receptive fields", () => {
  it("follow the recursion over kernels and strides", () => {
    const network = floatShape(small);
    // r = 1, then r += (k - 1) j, j *= s: 3/2, 3, 5, 5/2, 3, 3/2.
    let [field, jump] = [1, 1];
    for (const [kernel, stride] of [
      [3, 2],
      [3, 1],
      [5, 1],
      [5, 2],
      [3, 1],
      [3, 2],
    ] as const) {
      field += (kernel - 1) * jump;
      jump *= stride;
    }
    expect(fieldOf(network, lastLocalLayer(network))).toEqual({ rows: field, columns: field });
    expect(network.layers[lastLocalLayer(network)]?.name).toBe("head");
    expect(fieldOf(network, 0)).toEqual({ rows: 3, columns: 3 });
  });
});
