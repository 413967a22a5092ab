import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { fromBorder, toBorder } from "../../../src/backends/onnxruntime/carriers.ts";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import { writeOnnx } from "../../../src/formats/onnx/index.ts";
import { type LoweredModel, carrierDType, lowerModel } from "../../../src/formats/onnx/lowerModel.ts";
import { type AttributeProto, type GraphProto, type NodeProto, dataType } from "../../../src/formats/onnx/schema.ts";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import { scan } from "../../../src/graph/scan.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import {
  add,
  broadcastTo,
  cast,
  dequantize,
  maxPool2d,
  maxPool2dWithIndices,
  mul,
  neg,
  relu,
  reshape,
  scatterAdd,
  sum,
} from "../../../src/ops/index.ts";
import type { Graph } from "../../../src/ops/program.ts";
import type { OpName } from "../../../src/ops/vocabulary.ts";
import { UnsupportedError } from "../../../src/tensor/errors.ts";
import { HostTensor } from "../../../src/tensor/host.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { type Case, cases, inputsOf, programOf, sample, values } from "./cases.ts";
import { expectAgreement } from "./compare.ts";
import { quantizedProduct } from "./programs.ts";

const graphOf = (graph: Graph, options = {}): GraphProto => lowerModel(graph, options).model.graph;
const opTypes = ({ node }: GraphProto): string[] => node.map(({ opType }) => opType);
const find = (graph: GraphProto, opType: string): NodeProto =>
  graph.node.find((node) => node.opType === opType) as NodeProto;
const attributeOf = (node: NodeProto, name: string): AttributeProto | undefined =>
  node.attribute?.find((one) => one.name === name);

/** Runs a lowered model as the backend does. */
async function run(
  { model, inputs, outputs }: LoweredModel,
  graph: Graph,
  given: readonly HostTensor[],
): Promise<Record<string, HostTensor>> {
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 4 });
  try {
    const Tensor = ort.Tensor as unknown as new (type: string, data: unknown, dims: readonly number[]) => ort.Tensor;
    const feeds = Object.fromEntries(
      given.map((value, i) => [inputs[i], new Tensor(carrierDType(value.dtype), toBorder(value), value.shape)]),
    );
    const results = await session.run(feeds);
    return Object.fromEntries(
      graph.outputs.map(({ name, value }, i) => {
        const { dims, data } = results[outputs[i] as string] as ort.Tensor;
        return [name, fromBorder((graph.types[value] as { dtype: "float32" }).dtype, dims, data as Float32Array)];
      }),
    );
  } finally {
    await session.release();
  }
}

describe("older and newer operator sets compute the same", () => {
  // Each op in a third of its uses: what differs between the sets is how an operator is called, not its numbers.
  test.each([13, 14, 16, 21])("opset %i", async (opset) => {
    const refused = new Set<string>();
    for (const [op, list] of Object.entries(cases)) {
      for (const [i, one] of (list as readonly Case<object>[]).entries()) {
        if (i % 3 !== 2 && list.length > 3) continue;
        const graph = programOf(op as OpName, one);
        let lowered: LoweredModel;
        try {
          lowered = lowerModel(graph, { opset }, { border: "carried", poolIndices: true });
        } catch (error) {
          expect(error).toBeInstanceOf(UnsupportedError);
          refused.add(op);
          continue;
        }
        expectAgreement(await run(lowered, graph, one.inputs), interpret(graph, inputsOf(one)), `${op} ${i}`);
      }
    }
    const scatters = opset < 16 ? ["scatterAdd", "scatterAddElements"] : [];
    const blocks = opset < 21 ? ["quantize", "dequantize"] : [];
    expect([...refused].sort()).toEqual([...scatters, ...blocks].sort());
  });
});

describe("names", () => {
  const builder = new GraphBuilder("names");
  builder.input("pixels", { dtype: "float32", shape: ["batch", 2] });
  builder.constant(values("float32", [1, 2]), "bias");
  builder.add("add", ["pixels", "bias"], {}, ["shifted"]);
  builder.add("relu", ["shifted"], {}, ["hidden"]);
  builder.add("expm1", ["hidden"], {}, ["grown"]);
  builder.output("score", "grown");
  builder.output("shifted", "shifted");
  const graph = graphOf(builder.build());

  test("inputs, constants, intermediates and outputs keep theirs", () => {
    expect(graph.input.map(({ name }) => name)).toEqual(["pixels"]);
    expect(graph.output.map(({ name }) => name)).toEqual(["score", "shifted"]);
    expect(graph.initializer?.map(({ name }) => name)).toContain("bias");
    expect(graph.node.flatMap(({ output }) => output)).toEqual(expect.arrayContaining(["shifted", "hidden", "score"]));
  });

  test("symbolic dimensions are named", () => {
    expect(graph.input[0]?.type?.tensorType?.shape?.dim).toEqual([{ dimParam: "batch" }, { dimValue: 2 }]);
  });

  test("every value is made once, also inside loops", () => {
    const loop = graphOf(
      trace(
        (x: Tensor) =>
          scan((t: Tensor, row: Tensor) => [add(t, row), mul(t, 2)] as const, values("float32", [0, 0]), x),
        spec([3, 2], "float32", "x"),
      ),
    );
    const made: string[] = [];
    const visit = ({ node, input, initializer = [] }: GraphProto): void => {
      made.push(...input.map(({ name }) => name), ...initializer.map(({ name }) => name as string));
      for (const { output, attribute = [] } of node) {
        made.push(...output);
        for (const { g } of attribute) if (g !== undefined) visit(g);
      }
    };
    visit(loop);
    expect(new Set(made).size).toBe(made.length);
    expect(opTypes(loop)).toContain("Scan");
  });

  test("an output named as an input gives way", () => {
    const { outputs } = lowerModel(trace((p: { w: Tensor }) => ({ w: neg(p.w) }), { w: spec([1]) } as never));
    expect(outputs).toEqual(["w_output"]);
  });
});

describe("what is written", () => {
  test("producer, metadata, version of the file format", () => {
    const { model } = lowerModel(
      trace((x: Tensor) => relu(x), spec([1])),
      { opset: 15, producer: "mine", metadata: { b: "2", a: "1" } },
    );
    expect(model).toMatchObject({ irVersion: 8, producerName: "mine", opsetImport: [{ domain: "", version: 15 }] });
    expect(model.metadataProps).toEqual([
      { key: "a", value: "1" },
      { key: "b", value: "2" },
    ]);
  });

  test("bytes that ONNX Runtime reads, the same ones each time", async () => {
    const graph = trace((x: Tensor) => ({ y: mul(x, 2) }), spec(["n"], "float32", "x"));
    const bytes = writeOnnx(graph);
    expect(writeOnnx(graph)).toEqual(bytes);
    const session = await ort.InferenceSession.create(bytes);
    expect([...session.inputNames, ...session.outputNames]).toEqual(["x", "y"]);
    await session.release();
  });

  test("nothing that no output needs", () => {
    const builder = new GraphBuilder();
    builder.input("x", { dtype: "float32", shape: [2] });
    builder.constant(sample("float32", [2]), "unused");
    builder.add("exp", ["x"], {}, ["dead"]);
    builder.add("neg", ["x"], {}, ["y"]);
    builder.output("y", "y");
    const graph = graphOf(builder.build());
    expect(opTypes(graph)).toEqual(["Neg"]);
    expect(graph.initializer).toEqual([]);
  });

  test("a broadcast constant as its one element", () => {
    const ones = new HostTensor("float32", [1000, 1000], Float32Array.of(1), { strides: [0, 0], offset: 0 });
    const graph = trace((x: Tensor) => add(x, ones), spec([1000, 1000]));
    expect(writeOnnx(graph).length).toBeLessThan(1000);
    expect(opTypes(graphOf(graph))).toEqual(["ConstantOfShape", "Add"]);
  });

  test("indices of a pooling only when someone reads them", () => {
    const image = spec([1, 1, 4, 4], "float32", "x");
    const plain = graphOf(trace((x: Tensor) => maxPool2d(x, { kernel: 2 }), image));
    const indexed = graphOf(trace((x: Tensor) => maxPool2dWithIndices(x, { kernel: 2 }), image));
    expect(find(plain, "MaxPool").output).toHaveLength(1);
    expect(find(indexed, "MaxPool").output).toHaveLength(2);
  });

  test("a dimension is read once per program", () => {
    const graph = trace(
      (x: Tensor) => {
        const [batch] = x.shape as [number];
        const flat = reshape(x, [-1]);
        return [broadcastTo(sum(flat), [batch, 2]), broadcastTo(sum(flat), [batch, 3]), reshape(flat, [2, batch, 2])];
      },
      spec(["batch", 4], "float32", "x"),
    );
    expect(opTypes(graphOf(graph)).filter((name) => name === "Shape")).toHaveLength(1);
  });

  test("reshapes with one open dimension without computing it", () => {
    const graph = trace((x: Tensor) => reshape(x, [-1, 2]), spec(["batch", 4], "float32", "x"));
    expect(opTypes(graphOf(graph))).toEqual(["Reshape"]);
  });

  test("loops see what they capture, and walk backwards by directions", () => {
    const weight = spec([2], "float32", "w");
    const graph = graphOf(
      trace(
        (x: Tensor, w: Tensor) =>
          scan((t: Tensor, row: Tensor) => [add(mul(t, w), row), t] as const, values("float32", [0, 0]), x, {
            reverse: true,
          }),
        spec([3, 2], "float32", "x"),
        weight,
      ),
    );
    const loop = find(graph, "Scan");
    expect(loop.input).toHaveLength(2);
    expect(attributeOf(loop, "scan_input_directions")?.ints).toEqual([1]);
    expect(attributeOf(loop, "scan_output_directions")?.ints).toEqual([1]);
    const body = attributeOf(loop, "body")?.g as GraphProto;
    expect(body.node.some(({ input }) => input.includes("w"))).toBe(true);
  });

  test("4-bit constants as 4 bits, in the first operator set that has them", () => {
    const { model } = lowerModel(quantizedProduct());
    expect(model.opsetImport[0]?.version).toBe(21);
    expect(model.irVersion).toBe(10);
    expect(model.graph.initializer?.filter(({ dataType: type }) => type === dataType.INT4)).toHaveLength(2);
    expect(model.graph.node.find(({ opType }) => opType === "DequantizeLinear")).toBeDefined();
  });

  test("inputs and outputs of 4 bits and of bfloat16 as such", () => {
    const graph = trace(
      (x: Tensor, y: Tensor) => ({ a: cast(x, "uint4"), b: add(y, y) }),
      spec([4], "int4", "x"),
      spec([2], "bfloat16", "y"),
    );
    const { input, output } = graphOf(graph);
    const typesOf = (infos: typeof input): unknown[] => infos.map(({ type }) => type?.tensorType?.elemType);
    expect(typesOf(input)).toEqual([dataType.INT4, dataType.BFLOAT16]);
    expect(typesOf(output)).toEqual([dataType.UINT4, dataType.BFLOAT16]);
    expect(() => writeOnnx(graph, { opset: 18 })).toThrow(/4 bits needs opset 21/);
  });
});

describe("what cannot be written", () => {
  test("an opset that is out of range or no number", () => {
    const graph = trace((x: Tensor) => relu(x), spec([1]));
    for (const opset of [12, 22, 17.5, NaN]) expect(() => writeOnnx(graph, { opset })).toThrow(RangeError);
  });

  test("all reasons at once", () => {
    const graph = trace(
      (x: Tensor, at: Tensor, q: Tensor) => [
        scatterAdd(x, at, x, 0),
        dequantize(q, sample("float32", [2], 1, 2), sample("int8", [2]), { axis: 0, blockSize: 2 }),
      ],
      spec([4], "float32", "x"),
      spec([4], "int32", "at"),
      spec([4], "int8", "q"),
    );
    const failure = (() => {
      try {
        return writeOnnx(graph, { opset: 13 });
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(UnsupportedError);
    expect((failure as UnsupportedError).reasons).toEqual([
      "adding at indices needs opset 16, but 13 was asked for",
      "quantisation in blocks needs opset 21, but 13 was asked for",
    ]);
  });

  test("an op that is none", () => {
    const graph = trace((x: Tensor) => relu(x), spec([1], "float32", "x"));
    const strange = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, op: "conjure" })) };
    expect(() => writeOnnx(strange)).toThrow(/no op named "conjure"/);
  });

  test("an operator without a kernel for a type that holds the values", () => {
    const builder = new GraphBuilder();
    builder.input("x", { dtype: "float32", shape: [2] });
    builder.add("exp", ["x"], {}, ["y"]);
    builder.output("y", "y");
    const graph = builder.build();
    const whole = { dtype: "int64" as const, shape: [2] };
    expect(() => writeOnnx({ ...graph, types: { x: whole, y: whole } })).toThrow(
      /operator Exp has no kernel for int64/,
    );
  });
});
