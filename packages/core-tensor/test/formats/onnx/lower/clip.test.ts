import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Backend,
  type Graph,
  type Tensor,
  add,
  clip,
  interpret,
  maximum,
  minimum,
  relu,
  relu6,
  simplify,
  spec,
  tensor,
  trace,
} from "../../../../src/index.ts";
import { onnxruntime } from "../../../../src/backends/onnxruntime/index.ts";
import { lowerModel } from "../../../../src/formats/onnx/lowerModel.ts";

const program = (fn: (x: Tensor) => unknown, dtype: "float32" | "float64" | "int32" = "float32"): Graph =>
  simplify(trace(fn, spec([6], dtype)));
const operators = (graph: Graph): string[] =>
  (lowerModel(graph).model.graph?.node ?? []).map(({ opType }) => opType as string);

describe("Clip for a minimum of a maximum", () => {
  test("relu6 and clip are one operator", () => {
    expect(operators(program((x) => relu6(x)))).toEqual(["Clip"]);
    expect(operators(program((x) => clip(x, -1, 2)))).toEqual(["Clip"]);
    expect(operators(program((x) => minimum(2, maximum(-1, x))))).toEqual(["Clip"]);
  });

  test("a lone bound, crossed bounds, bounds that are no numbers, other types and shared values stay as they are", () => {
    expect(operators(program((x) => clip(x, 0)))).toEqual(["Max"]);
    expect(operators(program((x) => clip(x, 3, 1)))).toEqual(["Max", "Min"]);
    expect(operators(program((x) => clip(x, Number.NaN, 1)))).toEqual(["Max", "Min"]);
    expect(operators(program((x) => clip(x, [0, 0, 0, 0, 0, 0], 1)))).toEqual(["Max", "Min"]);
    expect(operators(program((x) => clip(x, 0, 6), "float64"))).toEqual(["Max", "Min"]);
    expect(operators(program((x) => clip(x, 0, 6), "int32"))).toEqual(["Max", "Min"]);
    expect(operators(program((x) => [relu(x), minimum(relu(x), 6)]))).toEqual(["Relu", "Min"]);
    expect(operators(program((x) => add(relu(x), relu6(x))))).toEqual(["Relu", "Min", "Add"]);
  });

  describe("in ONNX Runtime", () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await onnxruntime();
    });
    afterAll(() => backend.dispose());

    test("computes what the definition says, NaN and infinities among it", async () => {
      const graph = program((x) => [relu6(x), clip(x, -1, 2)]);
      const x = tensor([Number.NaN, Infinity, -Infinity, 7, -0.5, 1.5]);
      const executable = await backend.compile(graph);
      const outputs = await executable.run({ input: x });
      const expected = interpret(graph, { input: x });
      for (const { name } of graph.outputs) expect(outputs[name]?.toArray()).toEqual(expected[name]?.toArray());
      await executable.dispose();
    });
  });
});
