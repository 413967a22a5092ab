import { type Tensor, spec, trace } from "@parsimony/core-tensor";
import * as ops from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import { PatchInferError } from "../../src/base/errors.ts";
import { networkOf } from "../../src/lower/networkOf.ts";
import { toNetwork } from "../../src/lower/toNetwork.ts";

const image = (batch: number | string = 1): ReturnType<typeof spec> => spec([batch, 2, 4, 4], "float32");
const program = (body: (x: Tensor) => Tensor, batch: number | string = 1): ops.Graph =>
  trace(({ x }: { x: Tensor }) => ({ y: body(x) }), { x: image(batch) });

describe("refusals", () => {
  test("a batch that is not 1", () => {
    const graph = program((x) => ops.relu(x), 3);
    expect(() => toNetwork(graph)).toThrowError(expect.objectContaining({ code: "DYNAMIC_SHAPE" }));
  });

  test("an open batch that is given another number", () => {
    const graph = program((x) => ops.relu(x), "n");
    expect(toNetwork(graph).inputs[0]?.shape).toEqual([1, 2, 4, 4]);
    expect(() => toNetwork(graph, { dims: { n: 2 } })).toThrowError(expect.objectContaining({ code: "DYNAMIC_SHAPE" }));
  });

  test("another open dimension needs a number", () => {
    const graph = trace(({ x }: { x: Tensor }) => ({ y: ops.relu(x) }), { x: spec([1, "length", 3], "float32") });
    expect(() => toNetwork(graph)).toThrowError(
      expect.objectContaining({ code: "DYNAMIC_SHAPE", message: expect.stringContaining('"length"') }),
    );
    expect(toNetwork(graph, { dims: { length: 5 } }).inputs[0]?.shape).toEqual([1, 5, 3]);
  });

  test("every op that has no layer, with its node", () => {
    const graph = program((x) => ops.add(ops.sin(x), ops.cumsum(x, 2)));
    const error = (() => {
      try {
        toNetwork(graph);
        return undefined;
      } catch (caught) {
        return caught as PatchInferError;
      }
    })();
    expect(error).toBeInstanceOf(PatchInferError);
    expect(error?.code).toBe("UNSUPPORTED_OP");
    expect(error?.message).toMatch(/node 0 .*\(sin\).*node 1 .*\(cumsum\)/);
    expect(error?.index).toBe(0);
  });

  test("nodes are counted as in the program that was given", () => {
    const graph = program((x) => ops.sin(ops.relu(ops.mul(ops.reshape(ops.reshape(x, [1, 32]), [1, 2, 4, 4]), 2))));
    const index = graph.nodes.findIndex(({ op }) => op === "sin");
    expect(index).toBe(4);
    expect(() => toNetwork(graph)).toThrowError(
      expect.objectContaining({ index, message: expect.stringContaining(`node ${index} `) }),
    );
  });

  test("weights that are computed, and products of two values", () => {
    const graph = trace(({ x, w }: { x: Tensor; w: Tensor }) => ({ y: ops.conv2d(x, w) }), {
      x: image(),
      w: spec([1, 2, 3, 3], "float32"),
    });
    expect(() => toNetwork(graph)).toThrowError(/weights that are computed/);
    expect(() => toNetwork(program((x) => ops.matmul(x, x)))).toThrowError(/two values that are computed/);
  });

  test("values without cells, and more cells than wanted", () => {
    const empty = program((x) => ops.slice(x, [0, 0, 2, 0], [1, 2, 2, 4]));
    expect(() => toNetwork(empty)).toThrowError(expect.objectContaining({ code: "BAD_MODEL" }));
    const graph = program((x) => ops.relu(x));
    expect(() => toNetwork(graph, { maxCells: 31 })).toThrowError(/has 32 cells; the limit is 31/);
    expect(toNetwork(graph, { maxCells: 32 }).layers).toHaveLength(1);
  });

  test("other dtypes", () => {
    const graph = trace(({ x }: { x: Tensor }) => ({ y: ops.relu(x) }), { x: spec([1, 4], "float64") });
    expect(() => toNetwork(graph)).toThrowError(expect.objectContaining({ code: "UNSUPPORTED_OP", layer: "x" }));
  });
});

test("a network is its own network", () => {
  const graph = program((x) => ops.relu(x));
  const network = networkOf(graph);
  expect(networkOf(network)).toBe(network);
});
