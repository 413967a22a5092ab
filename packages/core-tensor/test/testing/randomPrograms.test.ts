import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkGraph } from "../../src/graph/check.ts";
import { isGraph } from "../../src/graph/substitute.ts";
import { convertDType } from "../../src/ops/cast/convert.ts";
import type { Attribute, Graph } from "../../src/ops/program.ts";
import { type DType, isFloat } from "../../src/tensor/dtype.ts";
import type { HostTensor } from "../../src/tensor/host.ts";
import { type Tolerance, agrees } from "../../src/testing/cases/tolerance.ts";
import { expectedOutputs } from "../../src/testing/expected.ts";
import { opNames } from "../../src/testing/cases/index.ts";
import { type RandomProgram, randomPrograms } from "../../src/testing/index.ts";

/** The same program with float64 in the place of float32, in types, attributes and values. */
function widened(graph: Graph): Graph {
  const dtype = (own: DType): DType => (own === "float32" ? "float64" : own);
  const attribute = (value: Attribute): Attribute =>
    isGraph(value) ? widened(value) : value === "float32" ? "float64" : value;
  return {
    ...graph,
    types: Object.fromEntries(
      Object.entries(graph.types).map(([name, type]) => [name, { ...type, dtype: dtype(type.dtype) }]),
    ),
    constants: Object.fromEntries(
      Object.entries(graph.constants).map(([name, value]) => [name, convertDType(value, dtype(value.dtype))]),
    ),
    nodes: graph.nodes.map((node) => ({
      ...node,
      attributes: Object.fromEntries(Object.entries(node.attributes).map(([key, value]) => [key, attribute(value)])),
    })),
  };
}

describe("random programs", () => {
  test("are well-typed, and their values are finite", () => {
    fc.assert(
      fc.property(randomPrograms(), (program) => {
        checkGraph(program.graph);
        for (const [name, value] of Object.entries(expectedOutputs(program.graph, program.runs[0] ?? {}))) {
          expect(program.allowed[name]).toBeDefined();
          for (const x of value.dataSync()) expect(Number.isFinite(Number(x))).toBe(true);
        }
      }),
    );
  });

  test("rounding in float32 stays within the bounds that were computed", () => {
    fc.assert(
      fc.property(randomPrograms(), ({ graph, runs, allowed }) => {
        const inputs = runs[0] ?? {};
        const wide = Object.fromEntries(
          Object.entries(inputs).map(([name, x]) => [name, x.dtype === "float32" ? convertDType(x, "float64") : x]),
        );
        const narrow = expectedOutputs(graph, inputs);
        for (const [name, value] of Object.entries(expectedOutputs(widened(graph), wide))) {
          const within = agrees("float32", allowed[name] as Tolerance);
          const found = (narrow[name] as HostTensor).dataSync();
          value.dataSync().forEach((x, i) => expect(within(Number(found[i]), Number(x))).toBe(true));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("use the whole vocabulary", () => {
    const used = new Set(fc.sample(randomPrograms(), 400).flatMap(({ graph }) => graph.nodes.map(({ op }) => op)));
    expect(opNames.filter((op) => !used.has(op))).toEqual([]);
  });

  test("with a symbolic dimension run for each of its numbers", () => {
    fc.assert(
      fc.property(randomPrograms({ symbolic: true }), ({ graph, runs }) => {
        checkGraph(graph);
        expect(graph.types["in0"]?.shape[0]).toBe("batch");
        for (const inputs of runs) expectedOutputs(graph, inputs);
      }),
      { numRuns: 50 },
    );
  });

  test("shrink by dropping steps", () => {
    const holds = ({ graph }: RandomProgram): boolean => !graph.nodes.some(({ op }) => op === "matmul");
    const { counterexample } = fc.check(fc.property(randomPrograms(), holds), { numRuns: 300, seed: 1 });
    const nodes = counterexample?.[0].graph.nodes.map(({ op }) => op) ?? [];
    expect(nodes).toContain("matmul");
    expect(nodes.length).toBeLessThanOrEqual(8);
  });

  test("integer and boolean outputs, and exact floats, leave no room", () => {
    for (const { graph, allowed } of fc.sample(randomPrograms(), 100)) {
      for (const { name, value } of graph.outputs) {
        if (!isFloat(graph.types[value]?.dtype ?? "bool")) expect(allowed[name]).toEqual({ ulps: 0, scale: 0 });
      }
    }
  });
});
