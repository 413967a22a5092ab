import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import { runWhole } from "../../src/execute/runWhole.ts";
import { distance, expectSame } from "./compare.ts";
import { evaluate } from "./evaluate.ts";
import { randomGraph, randomInput } from "./randomGraphs.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe("random image networks", () => {
  test("floats", () => {
    const check = (seed: number): void => {
      const graph = randomGraph(seed);
      expectSame(toNetwork(graph), graph, { x: randomInput(graph, seed) });
    };
    fc.assert(fc.property(seeds, check), { numRuns: 25, seed: 1 });
  });

  test.each(["int8", "uint8"] as const)("%s: one layer between roundings is within one code", (codes) => {
    const check = (seed: number): void => {
      const graph = randomGraph(seed, { codes, steps: 1 });
      // One code is at most 0.05; the gate's layers add up.
      expectSame(toNetwork(graph), graph, { x: randomInput(graph, seed) }, 0.051);
    };
    fc.assert(fc.property(seeds, check), { numRuns: 25, seed: 2 });
  });

  test("int8 layers are those of the kernels, code for code", () => {
    const check = (seed: number): void => {
      const graph = randomGraph(seed, { codes: "int8", steps: 5 });
      const network = toNetwork(graph);
      const inputs = { x: randomInput(graph, seed) };
      const [own, kernels] = [evaluate(network, inputs), runWhole(network, inputs)];
      for (const [name, value] of Object.entries(own)) {
        // Float layers between the codes may differ in their last bits, and then a code.
        expect(distance(kernels[name]?.dataSync() as Float32Array, value.dataSync())).toBeLessThan(0.06);
      }
    };
    fc.assert(fc.property(seeds, check), { numRuns: 12, seed: 3 });
  });
});
