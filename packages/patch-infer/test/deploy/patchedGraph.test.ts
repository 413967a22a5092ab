import { type Graph, GraphBuilder, HostTensor, interpret } from "@parsimony/core-tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PatchInferError } from "../../src/base/errors.ts";
import { networkGraph, patchedGraph } from "../../src/deploy/patchedGraph.ts";
import { runWhole } from "../../src/execute/runWhole.ts";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import type { Network } from "../../src/network/network.ts";
import type { Overlap } from "../../src/plan/plan.ts";
import { planPatches, planStages } from "../../src/plan/planStages.ts";
import { quantizeInt8 } from "../../src/quantize/quantizeInt8.ts";
import { distance } from "../lower/compare.ts";
import { evaluate } from "../lower/evaluate.ts";
import { generator, randomGraph, randomInput } from "../lower/randomGraphs.ts";
import { randomPlan } from "./randomPlan.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

/** The network again, or undefined where a patch lies in the padding with all of its cells, and so is a constant. */
function loweredAgain(graph: Graph): Network | undefined {
  try {
    return toNetwork(graph);
  } catch (error) {
    expect((error as PatchInferError).code).toBe("UNSUPPORTED_OP");
    expect((error as Error).message).toMatch(/constant/);
    return undefined;
  }
}

function expectEqual(network: Network, other: Network, x: HostTensor, limit: number): void {
  const [a, b] = [evaluate(network, { x }), evaluate(other, { x })];
  for (const [name, value] of Object.entries(a)) {
    expect(distance(b[name]?.dataSync() as Float32Array, value.dataSync()), name).toBeLessThanOrEqual(limit);
  }
}

describe("plans as programs", () => {
  test("floats: the program gives what the network gives, and so does the network of the program", () => {
    const check = (seed: number): void => {
      const network = toNetwork(randomGraph(seed, { steps: 5 }));
      const x = randomInput(randomGraph(seed, { steps: 5 }), seed);
      const graph = patchedGraph(network, randomPlan(network, generator(seed)));
      const whole = evaluate(network, { x });
      for (const [name, value] of Object.entries(interpret(graph, { x }))) {
        expect(distance((value as HostTensor).dataSync(), whole[name]?.dataSync() as Float32Array)).toBeLessThan(1e-5);
      }
      const again = loweredAgain(graph);
      if (again !== undefined) expectEqual(network, again, x, 1e-6);
    };
    fc.assert(fc.property(seeds, check), { numRuns: 25, seed: 1 });
  });

  test("a pooling over all patches stands once, behind their parts", () => {
    const source = new GraphBuilder("classifier");
    const x = source.input("x", { dtype: "float32", shape: [1, 3, 6, 6] });
    const weights = source.constant(new HostTensor("float32", [4, 3, 1, 1], new Float32Array(12).fill(0.5)));
    const attributes = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;
    const [conv] = source.add("conv2d", [x, weights], attributes);
    const [mean] = source.add("mean", [conv as string], { axes: [2, 3], keepDims: true });
    source.output("y", mean as string);
    const network = toNetwork(source.build());
    const plan = planPatches(network, { split: 2, grid: { rows: 3, columns: 1 } });
    expect(plan.stages[0]?.steps.at(-1)?.sums).toBeDefined();
    const graph = patchedGraph(network, plan);
    const count = (op: string): number => graph.nodes.filter((node) => node.op === op).length;
    expect([count("conv2d"), count("concat"), count("mean")]).toEqual([3, 1, 1]);
    const input = new HostTensor(
      "float32",
      [1, 3, 6, 6],
      Float32Array.from({ length: 108 }, (_, i) => i),
    );
    const y = interpret(graph, { x: input })["y"] as HostTensor;
    expect(distance(y.dataSync(), runWhole(network, { x: input })["y"]?.dataSync() as Float32Array)).toBeLessThan(1e-5);
  });

  test("codes: lowered again they are the same, code for code", () => {
    let compared = 0;
    const check = (seed: number): void => {
      const source = randomGraph(seed, { codes: "int8", steps: 5 });
      const network = toNetwork(source);
      const x = randomInput(source, seed);
      let graph: Graph;
      try {
        graph = patchedGraph(network, randomPlan(network, generator(seed)));
      } catch (error) {
        // Parts of int8 images that are enlarged by broken factors.
        expect((error as PatchInferError).message).toMatch(/cannot be written in standard ops with the same codes/);
        return;
      }
      const again = loweredAgain(graph);
      if (again === undefined) return;
      compared++;
      expectEqual(network, again, x, 0);
    };
    fc.assert(fc.property(seeds, check), { numRuns: 25, seed: 2 });
    expect(compared).toBeGreaterThan(15);
  });

  test("networks that were quantised here", () => {
    const check = (seed: number): void => {
      const source = randomGraph(seed, { steps: 4 });
      const x = randomInput(source, seed);
      const network = quantizeInt8(toNetwork(source), [{ x }]);
      const again = loweredAgain(networkGraph(network));
      if (again !== undefined) expectEqual(network, again, x, 0);
    };
    fc.assert(fc.property(fc.integer({ min: 0, max: 60 }), check), { numRuns: 12, seed: 3 });
  });
});

/** Two convolutions, the first with a stride, over [1, 2, 9, 11]. */
function twoConvolutions(): Graph {
  const builder = new GraphBuilder("two");
  const next = generator(4);
  const weights = (...shape: number[]): string => {
    const count = shape.reduce((a, b) => a * b, 1);
    return builder.constant(
      new HostTensor(
        "float32",
        shape,
        Float32Array.from({ length: count }, () => next() - 0.5),
      ),
    );
  };
  const x = builder.input("x", { dtype: "float32", shape: [1, 2, 9, 11] });
  const window = { strides: [2, 2], pads: [0, 1, 1, 1], dilations: [1, 1], groups: 1 } as const;
  const [a] = builder.add("conv2d", [x, weights(3, 2, 3, 3)], window);
  const [b] = builder.add("add", [a as string, weights(3, 1, 1)], {});
  const [c] = builder.add("relu", [b as string], {});
  const own = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 } as const;
  const [y] = builder.add("conv2d", [c as string, weights(4, 3, 3, 3)], own, ["y"]);
  builder.output("y", y as string);
  return builder.build();
}

describe("what is written", () => {
  const source = twoConvolutions();
  const network = toNetwork(source);
  const x = randomInput(source, 1);

  test("patches slice, pad for themselves and are joined along width and then height", () => {
    const plan = planPatches(network, { split: 2, grid: { rows: 2, columns: 2 } });
    const graph = patchedGraph(network, plan);
    const ops = graph.nodes.map(({ op }) => op);
    expect(ops.filter((op) => op === "conv2d")).toHaveLength(8);
    expect(ops.slice(-3)).toEqual(["concat", "concat", "concat"]);
    expect(graph.nodes.slice(-3).map(({ attributes }) => attributes["axis"])).toEqual([3, 3, 2]);
    const pads = graph.nodes.filter(({ op }) => op === "conv2d").map(({ attributes }) => attributes["pads"]);
    // The second convolution of each patch has padding on the image's own edges alone.
    expect(pads.filter((_, i) => i % 2 === 1)).toEqual([
      [1, 1, 0, 0],
      [1, 0, 0, 1],
      [0, 1, 1, 0],
      [0, 0, 1, 1],
    ]);
    // Weights are written once.
    expect(Object.keys(graph.constants)).toHaveLength(3);
  });

  test.each(["recompute", "cacheColumns", "cacheRows", "cacheBoth"] as const)("%s", (overlap: Overlap) => {
    const grid = { rows: 3, columns: overlap === "cacheRows" ? 1 : 3 };
    const graph = patchedGraph(network, planPatches(network, { split: 2, grid, overlap }));
    const found = interpret(graph, { x })["y"] as HostTensor;
    const expected = interpret(source, { x })["y"] as HostTensor;
    expect(distance(found.dataSync(), expected.dataSync())).toBeLessThan(1e-6);
    // Kept cells are not computed again.
    const cells = graph.nodes
      .filter(({ op, inputs }) => op === "conv2d" && graph.types[inputs[1] as string]?.shape[0] === 3)
      .map(({ outputs }) => (graph.types[outputs[0] as string] as { shape: readonly number[] }).shape.slice(2))
      .reduce((sum, [height = 0, width = 0]) => sum + height * width, 0);
    const once = 4 * 6;
    if (overlap === "cacheRows" || overlap === "cacheBoth") expect(cells).toBe(once);
    else expect(cells).toBeGreaterThan(once);
  });

  test("names of inputs and outputs are the program's", () => {
    const graph = networkGraph(network);
    expect(graph.inputs).toEqual(source.inputs);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y"]);
    expect(graph.types["x"]).toEqual(source.types["x"]);
  });

  test("a plan of another network is refused", () => {
    const other = toNetwork(randomGraph(5));
    expect(() => patchedGraph(other, planStages(network, { stages: [] }))).toThrowError(
      expect.objectContaining({ code: "PLAN_MISMATCH" }),
    );
  });
});

describe("patches in the padding", () => {
  test("a patch that sees nothing but padding is its bias", () => {
    const builder = new GraphBuilder("far");
    const x = builder.input("x", { dtype: "float32", shape: [1, 1, 3, 3] });
    const ones = (shape: number[]): string =>
      builder.constant(new HostTensor("float32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1)));
    const window = { strides: [1, 1], pads: [4, 4, 4, 4], dilations: [1, 1], groups: 1 } as const;
    const [a] = builder.add("conv2d", [x, ones([2, 1, 2, 2])], window);
    const [y] = builder.add("add", [a as string, ones([2, 1, 1])], {});
    builder.output("y", y as string);
    const source = builder.build();
    const network = toNetwork(source);
    const graph = patchedGraph(network, planPatches(network, { split: 1, grid: { rows: 5, columns: 5 } }));
    const image = randomInput(source, 3);
    const [found, expected] = [graph, source].map((own) =>
      (interpret(own, { x: image })["y"] as HostTensor).dataSync(),
    );
    expect(distance(found as Float32Array, expected as Float32Array)).toBeLessThan(1e-6);
  });
});

describe("codes that no scale gives", () => {
  const network = quantizeInt8(toNetwork(twoConvolutions()), [{ x: randomInput(twoConvolutions(), 1) }]);

  /** The network with a convolution changed. */
  const changed = (change: (multiplier: Int32Array) => void): Network => ({
    ...network,
    layers: network.layers.map((layer) => {
      if (layer.kind !== "conv2d" || layer.requantization === undefined) return layer;
      const { multiplier, shift } = layer.requantization;
      const other = multiplier.slice();
      change(other);
      return { ...layer, requantization: { multiplier: other, shift } };
    }),
  });

  test("multipliers come back as they were", () => {
    const again = toNetwork(networkGraph(network));
    const of = ({ layers }: Network): unknown[] =>
      layers.flatMap((layer) => (layer.kind === "conv2d" ? [layer.requantization, layer.weights, layer.bias] : []));
    expect(of(again)).toEqual(of(network));
  });

  test("multipliers with more bits than a scale has are refused", () => {
    const odd = changed((multiplier) => {
      multiplier[0] = (multiplier[0] as number) ^ 1;
    });
    expect(() => networkGraph(odd)).toThrowError(
      expect.objectContaining({ code: "BAD_MODEL", message: expect.stringContaining("multipliers") }),
    );
    // It runs as it is, though.
    expect(runWhole(odd, { x: randomInput(twoConvolutions(), 1) })["y"]).toBeDefined();
  });
});
