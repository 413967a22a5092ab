import { type Graph, type Tensor, HostTensor, spec, trace } from "@parsimony/core-tensor";
import * as ops from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import { expectSame, kinds } from "./compare.ts";

const numbers = Float32Array.from({ length: 48 }, (_, i) => (i - 24) / 3);
const slopes = new HostTensor("float32", [3, 1, 1], Float32Array.of(0.1, -0.5, 2));

const program = (body: (x: Tensor) => Tensor): Graph =>
  trace(({ x }: { x: Tensor }) => ({ y: body(x) }), { x: spec([1, 3, 4, 4], "float32") });

/** What files write for an activation, and the one layer that it is. */
const spelt: readonly (readonly [name: string, layers: readonly string[], body: (x: Tensor) => Tensor])[] = [
  ["x * sigmoid(x)", ["unary:silu"], (x) => ops.mul(x, ops.sigmoid(x))],
  ["sigmoid(x) * x", ["unary:silu"], (x) => ops.mul(ops.sigmoid(x), x)],
  ["hard swish", ["unary:hardSwish"], (x) => ops.hardSwish(x)],
  ["x * clip(x / 6 + 1/2)", ["unary:hardSwish"], (x) => ops.mul(x, ops.clip(ops.add(ops.mul(x, 1 / 6), 0.5), 0, 1))],
  ["x * (relu6(x + 3) / 6)", ["unary:hardSwish"], (x) => ops.mul(x, ops.div(ops.relu6(ops.add(x, 3)), 6))],
  ["x * relu6(x + 3) / 6", ["unary:hardSwish"], (x) => ops.div(ops.mul(x, ops.relu6(ops.add(x, 3))), 6)],
  ["relu6(3 + x) * x * (1 / 6)", ["unary:hardSwish"], (x) => ops.mul(ops.mul(ops.relu6(ops.add(3, x)), x), 1 / 6)],
  ["leaky relu", ["unary:leakyRelu"], (x) => ops.leakyRelu(x, 0.2)],
  ["prelu", ["unary:leakyRelu"], (x) => ops.where(ops.less(x, 0), ops.mul(x, slopes), x)],
  ["prelu, the other way", ["unary:leakyRelu"], (x) => ops.where(ops.greaterEqual(x, 0), x, ops.mul(slopes, x))],
  ["relu6", ["unary:clamp"], (x) => ops.relu6(x)],
  ["softplus", ["unary:softplus"], (x) => ops.softplus(x)],
];

/** What looks like an activation and is none. */
const others: readonly (readonly [name: string, body: (x: Tensor) => Tensor])[] = [
  ["another divisor", (x) => ops.div(ops.mul(x, ops.relu6(ops.add(x, 3))), 5)],
  ["another shift", (x) => ops.mul(x, ops.clip(ops.add(ops.div(x, 6), 0.4), 0, 1))],
  ["another gate", (x) => ops.mul(x, ops.sigmoid(ops.neg(x)))],
  ["another range", (x) => ops.mul(x, ops.div(ops.clip(ops.add(x, 3), 0, 5), 6))],
];

describe("activations", () => {
  test.each(spelt)("%s", (_, layers, body) => {
    const graph = program(body);
    const network = toNetwork(graph);
    expect(kinds(network)).toEqual(layers);
    expectSame(network, graph, { [graph.inputs[0] as string]: new HostTensor("float32", [1, 3, 4, 4], numbers) });
  });

  test.each(others)("%s stays what it is", (_, body) => {
    const graph = program(body);
    const network = toNetwork(graph);
    expect(kinds(network).some((kind) => kind === "unary:hardSwish" || kind === "unary:silu")).toBe(false);
    expectSame(network, graph, { [graph.inputs[0] as string]: new HostTensor("float32", [1, 3, 4, 4], numbers) });
  });

  test("a choice that is no activation is refused", () => {
    const graph = program((x) => ops.where(ops.greater(x, 1), x, ops.mul(x, 0.5)));
    expect(() => toNetwork(graph)).toThrowError(expect.objectContaining({ code: "UNSUPPORTED_OP" }));
  });
});
