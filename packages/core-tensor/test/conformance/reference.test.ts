import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { checkGraph } from "../../src/graph/check.ts";
import { simplify } from "../../src/graph/simplify/index.ts";
import { substituteGraph } from "../../src/graph/substitute.ts";
import type { Graph } from "../../src/ops/program.ts";
import { denseStorage, type HostTensor } from "../../src/tensor/host.ts";
import { expectedOutputs } from "../../src/testing/expected.ts";
import { assertConforms, backendConformance, randomPrograms } from "../../src/testing/index.ts";

type Inputs = Readonly<Record<string, HostTensor>>;

/** Equal to the last bit, NaN included. */
function expectSameBits(one: Graph, other: Graph, inputs: Inputs): void {
  const expected = expectedOutputs(other, inputs);
  const actual = expectedOutputs(one, inputs);
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(actual)) {
    const wanted = expected[name] as HostTensor;
    expect([value.dtype, value.shape]).toEqual([wanted.dtype, wanted.shape]);
    const bytes = (own: HostTensor): Uint8Array => {
      const codes = denseStorage(own);
      return new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
    };
    expect(Buffer.compare(bytes(value), bytes(wanted)), name).toBe(0);
  }
}

describe("on random programs", () => {
  test("simplify keeps every bit", () => {
    fc.assert(
      fc.property(randomPrograms(), ({ graph, runs: [inputs = {}] }) => {
        const simple = simplify(graph);
        checkGraph(simple);
        expectSameBits(simple, graph, inputs);
      }),
      { numRuns: 300 },
    );
  });

  test("simplify keeps every bit with a symbolic dimension", () => {
    fc.assert(
      fc.property(randomPrograms({ symbolic: true }), ({ graph, runs }) => {
        const simple = simplify(graph);
        checkGraph(simple);
        for (const inputs of runs) expectSameBits(simple, graph, inputs);
      }),
      { numRuns: 150 },
    );
  });

  test("a symbolic program is the program with the number in its place", () => {
    fc.assert(
      fc.property(randomPrograms({ symbolic: true }), ({ graph, runs }) => {
        for (const inputs of runs) {
          const concrete = substituteGraph(graph, { batch: inputs["in0"]?.shape[0] ?? 1 });
          checkGraph(concrete);
          expectSameBits(graph, concrete, inputs);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test("the reference conforms to itself, and to the contract of a backend", async () => {
  const report = await backendConformance(reference(), { runs: 2, programs: 20 });
  assertConforms(report);
  expect(report.totals.unsupported).toBe(0);
});
