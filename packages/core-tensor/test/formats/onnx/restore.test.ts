import { describe, expect, test } from "vitest";
import { decodeModel } from "../../../src/formats/onnx/decode.ts";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import { readOnnx, writeOnnx } from "../../../src/formats/onnx/index.ts";
import type { ModelProto, NodeProto } from "../../../src/formats/onnx/schema.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import type { Graph } from "../../../src/ops/program.ts";
import { log1p, rsqrt } from "../../../src/ops/index.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

const ops = (graph: Graph): string[] => graph.nodes.map(({ op }) => op);
const model = decodeModel(writeOnnx(trace((x: Tensor) => rsqrt(x), spec([2], "float32", "x"))));

/** The model with other nodes, read. */
function reread(change: (nodes: NodeProto[]) => NodeProto[], base: ModelProto = model): Graph {
  const graph = { ...base.graph, node: change([...base.graph.node]) };
  return readOnnx(encodeModel({ ...base, graph }));
}

const claim = (text: object): string => `core-tensor op ${JSON.stringify(text)}`;

describe("an op that was written as several nodes", () => {
  test("says so in the documentation of the last one", () => {
    expect(model.graph.node.map(({ opType }) => opType)).toEqual(["Sqrt", "Reciprocal"]);
    expect(model.graph.node[0]?.docString ?? "").toBe("");
    expect(model.graph.node[1]?.docString).toBe(claim({ op: "rsqrt", inputs: ["x"], attributes: {}, nodes: 2 }));
    expect(ops(reread((nodes) => nodes))).toEqual(["rsqrt"]);
  });

  test("is read as the nodes that it was written as when nothing says so", () => {
    expect(ops(reread((nodes) => nodes.map((node) => ({ ...node, docString: "fast" }))))).toEqual([
      "sqrt",
      "reciprocal",
    ]);
  });

  test("is not believed when the nodes are others", () => {
    const changed = reread((nodes) => nodes.map((node, i) => (i === 0 ? { ...node, opType: "Exp" } : node)));
    expect(ops(changed)).toEqual(["exp", "reciprocal"]);
    expect(interpret(changed, { x: [0, 0] })["output"]?.toArray()).toEqual([1, 1]);
  });

  test.each([
    ["another op", { op: "exp", inputs: ["x"], attributes: {}, nodes: 2 }],
    ["an op that does not exist", { op: "constructor", inputs: ["x"], attributes: {}, nodes: 2 }],
    ["an op that is never written so", { op: "matmul", inputs: ["x"], attributes: {}, nodes: 2 }],
    ["an input that does not exist", { op: "rsqrt", inputs: ["y"], attributes: {}, nodes: 2 }],
    ["too many nodes", { op: "rsqrt", inputs: ["x"], attributes: {}, nodes: 2 ** 40 }],
    ["attributes that the op does not have", { op: "rsqrt", inputs: ["x"], attributes: { order: 2 }, nodes: 2 }],
    ["an order beyond all measure", { op: "polygamma", inputs: ["x"], attributes: { order: 1e9 }, nodes: 2 }],
    ["inputs that are no names", { op: "rsqrt", inputs: [1], attributes: {}, nodes: 2 }],
    ["nothing", null as unknown as object],
  ])("is not believed when it claims %s", (_, text) => {
    const graph = reread((nodes) => nodes.with(1, { ...(nodes[1] as NodeProto), docString: claim(text) }));
    expect(ops(graph)).toEqual(["sqrt", "reciprocal"]);
  });

  test("is not restored where somebody else reads a value inside of it", () => {
    const inner = model.graph.node[0]?.output[0] as string;
    const graph = reread((nodes) => [...nodes, { opType: "Neg", input: [inner], output: ["tap"] }]);
    expect(ops(graph)).toEqual(["sqrt", "reciprocal", "neg"]);
  });

  test("is not believed when a constant is another", () => {
    const base = decodeModel(writeOnnx(trace((x: Tensor) => log1p(x), spec([2], "float32", "x"))));
    expect(ops(readOnnx(encodeModel(base)))).toEqual(["log1p"]);
    const initializer = (base.graph.initializer ?? []).map((proto) => ({
      ...proto,
      rawData: Uint8Array.from(proto.rawData ?? [], (byte, i) => (i === 1 ? byte ^ 1 : byte)),
    }));
    const changed = { ...base, graph: { ...base.graph, initializer } };
    expect(ops(readOnnx(encodeModel(changed)))).not.toContain("log1p");
  });
});
