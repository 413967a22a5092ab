import { describe, expect, test } from "vitest";
import { interpret } from "../../src/graph/interpret.ts";
import { Recording } from "../../src/graph/recording.ts";
import { renameValues } from "../../src/graph/rename.ts";
import { spec } from "../../src/graph/spec.ts";
import { trace } from "../../src/graph/trace.ts";
import { checkGraph } from "../../src/graph/check.ts";
import { add, matmul, mul, relu, transpose } from "../../src/ops/index.ts";
import { tensor } from "../../src/tensor/create.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

describe("Recording", () => {
  test("keeps the file's names, also where the recorder would have chosen one of them", () => {
    const recording = new Recording("net", ["x", "w", "add_0", "y"]);
    const x = recording.input("x", { dtype: "float32", shape: ["batch", 2] });
    const w = recording.constant(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      "w",
    );
    const sum = add(x, 1);
    const product = matmul(sum, transpose(w));
    recording.name(product, "add_0");
    recording.name(product, "alias");
    const y = relu(product);
    recording.name(y, "y");
    const graph = recording.finish([{ name: "y", value: y }]);
    checkGraph(graph);
    expect(Object.keys(graph.types)).toEqual(expect.arrayContaining(["x", "w", "add_0", "y"]));
    expect(graph.nodes.map(({ op }) => op)).toEqual(["add", "transpose", "matmul", "relu"]);
    expect(graph.nodes[2]?.outputs).toEqual(["add_0"]);
    expect(interpret(graph, { x: [[0, 0]] })["y"]?.toArray()).toEqual([[3, 7]]);
  });

  test("an input keeps its own name", () => {
    const recording = new Recording("net", ["x", "y"]);
    const x = recording.input("x", { dtype: "float32", shape: [] });
    recording.name(x, "y");
    expect(recording.finish([{ name: "y", value: x }]).outputs).toEqual([{ name: "y", value: "x" }]);
  });
});

describe("renameValues", () => {
  const graph = trace((x: Tensor) => mul(add(x, 1), 2), spec([2]));

  test("renames everywhere and changes nothing else", () => {
    const renamed = renameValues(
      graph,
      new Map([
        ["input", "x"],
        ["add_0", "shifted"],
      ]),
    );
    checkGraph(renamed);
    expect(renamed.inputs).toEqual(["x"]);
    expect(renamed.nodes.flatMap(({ outputs }) => outputs)).toEqual(["shifted", "mul_0"]);
    expect(interpret(renamed, { x: [1, 2] })["output"]?.toArray()).toEqual([4, 6]);
  });

  test("exchanges two names, and refuses one name for two values", () => {
    const names = new Map([
      ["add_0", "mul_0"],
      ["mul_0", "add_0"],
    ]);
    expect(renameValues(graph, names).nodes.map(({ outputs }) => outputs[0])).toEqual(["mul_0", "add_0"]);
    expect(() => renameValues(graph, new Map([["add_0", "mul_0"]]))).toThrow('two values would be named "mul_0"');
  });
});
