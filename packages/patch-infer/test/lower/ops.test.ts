import { type HostTensor, type OpName, primitives } from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import { PatchInferError } from "../../src/base/errors.ts";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import { expectSame } from "./compare.ts";
import { opGraphs } from "./opGraphs.ts";

// Every op, with every choice of its inputs as constants: the layers give what the op gives, or it is refused.

/** Ops of which most cases have layers. */
const lowered: readonly OpName[] = [
  ...([
    "neg",
    "abs",
    "exp",
    "expm1",
    "log",
    "log1p",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "tanh",
    "sigmoid",
    "relu",
  ] as const),
  ...([
    "softplus",
    "floor",
    "ceil",
    "add",
    "sub",
    "mul",
    "div",
    "minimum",
    "maximum",
    "sum",
    "mean",
    "max",
    "min",
  ] as const),
  ...(["softmax", "matmul", "conv2d", "convTranspose2d", "maxPool2d", "avgPool2d", "resize2d", "reshape"] as const),
  ...(["transpose", "broadcastTo", "concat", "slice", "pad", "reverse", "gather", "quantize", "stopGradient"] as const),
];
const others = (Object.keys(primitives) as OpName[]).filter(
  (op) => !lowered.includes(op) && op !== "scan" && op !== "customVjp",
);

/** How many cases have layers; every one of them is compared. */
function check(op: OpName, samples: number): number {
  let count = 0;
  for (const { graph, inputs } of opGraphs(op, samples, 11)) {
    let network: ReturnType<typeof toNetwork>;
    try {
      network = toNetwork(graph);
    } catch (error) {
      expect(error).toBeInstanceOf(PatchInferError);
      expect(["UNSUPPORTED_OP", "BAD_MODEL", "DYNAMIC_SHAPE"]).toContain((error as PatchInferError).code);
      continue;
    }
    count++;
    expectSame(network, graph, inputs as Record<string, HostTensor>);
  }
  return count;
}

describe("ops", () => {
  test.each(lowered)("%s", (op) => {
    expect(check(op, 8)).toBeGreaterThan(3);
  });

  test("others are refused, or right", () => {
    for (const op of others) check(op, 2);
  });
});
