import { describe, expect, test } from "vitest";
import { attribute, tensorValue } from "../../../src/formats/onnx/construct.ts";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import {
  OnnxError,
  type OnnxErrorCode,
  type ReadOnnxOptions,
  readOnnx,
  writeOnnxWithData,
} from "../../../src/formats/onnx/index.ts";
import {
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  dataType,
} from "../../../src/formats/onnx/schema.ts";
import { checkGraph } from "../../../src/graph/check.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import { subgraph } from "../../../src/graph/subgraph.ts";
import type { Graph } from "../../../src/ops/program.ts";
import { ArgumentError, UnsupportedError } from "../../../src/tensor/errors.ts";
import { matmul } from "../../../src/ops/index.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import { tensor } from "../../../src/tensor/create.ts";
import * as random from "../../../src/tensor/random/index.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

const { FLOAT, INT64, UINT16 } = dataType;

function model(graph: Partial<GraphProto>, rest: Partial<ModelProto> = {}): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: { name: "net", node: [], input: [], output: [], ...graph },
    ...rest,
  });
}

const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  rest: Partial<NodeProto> = {},
): NodeProto => ({
  opType,
  input,
  output,
  ...rest,
});

const x = tensorValue("x", FLOAT, ["n", 2]);
const y = tensorValue("y", FLOAT);

function read(graph: Partial<GraphProto>, options?: ReadOnnxOptions, rest?: Partial<ModelProto>): Graph {
  const result = readOnnx(model(graph, rest), options);
  checkGraph(result);
  return result;
}

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("names", () => {
  test("inputs, weights, intermediate values and outputs keep theirs; weights that are not read are left out", () => {
    const w = { name: "layer.weight", dims: [2, 2], dataType: FLOAT, floatData: [1, 2, 3, 4] };
    const graph = read({
      input: [x],
      output: [y],
      initializer: [w, { ...w, name: "unused" }],
      node: [
        node("Gemm", ["x", "layer.weight"], ["/fc/Gemm_output_0"], { attribute: [attribute.int("transB", 1)] }),
        node("Relu", ["/fc/Gemm_output_0"], ["y"]),
      ],
    });
    expect(graph.inputs).toEqual(["x"]);
    expect(Object.keys(graph.constants)).toEqual(["layer.weight"]);
    expect(graph.nodes.map(({ op, outputs }) => [op, outputs[0]])).toEqual([
      ["transpose", "transpose_0"],
      ["matmul", "/fc/Gemm_output_0"],
      ["relu", "y"],
    ]);
    expect(interpret(graph, { x: [[1, -1]] })["y"]?.toArray()).toEqual([[0, 0]]);
  });

  test("the reader's own values take no name of the file", () => {
    const graph = read({
      input: [x],
      output: [y],
      node: [node("HardSwish", ["x"], ["mul_0"]), node("HardSwish", ["mul_0"], ["y"])],
    });
    expect(graph.nodes.filter(({ outputs }) => outputs[0] === "mul_0").map(({ op }) => op)).toEqual(["mul"]);
  });

  test("an identity leaves no node; an output may be an input or a constant", () => {
    const graph = read({
      input: [x],
      output: [y, tensorValue("z", FLOAT), tensorValue("c", FLOAT)],
      initializer: [{ name: "c", dims: [1], dataType: FLOAT, floatData: [7] }],
      node: [node("Identity", ["x"], ["y"]), node("Neg", ["y"], ["z"])],
    });
    expect(graph.nodes).toHaveLength(1);
    const results = interpret(graph, { x: [[1, 2]] });
    expect([results["y"]?.toArray(), results["z"]?.toArray(), results["c"]?.toArray()]).toEqual([
      [[1, 2]],
      [[-1, -2]],
      [7],
    ]);
  });

  test("values of a called function are named after the call", () => {
    const local: FunctionProto = {
      name: "Twice",
      domain: "own",
      input: ["a"],
      output: ["b"],
      attribute: ["axis"],
      node: [
        node("Neg", ["a"], ["inner"]),
        node("Softmax", ["inner"], ["b"], { attribute: [{ name: "axis", type: 2, refAttrName: "axis" }] }),
      ],
      opsetImport: [{ version: 17 }],
    };
    const graph = read(
      {
        input: [x],
        output: [y],
        node: [node("Twice", ["x"], ["y"], { domain: "own", name: "call", attribute: [attribute.int("axis", 1)] })],
      },
      {},
      { functions: [local], opsetImport: [{ version: 17 }, { domain: "own", version: 1 }] },
    );
    expect(graph.nodes.map(({ op, outputs }) => [op, outputs[0]])).toEqual([
      ["neg", "call/inner"],
      ["softmax", "call/b"],
    ]);
    expect(graph.outputs).toEqual([{ name: "y", value: "call/b" }]);
  });
});

describe("dimensions", () => {
  test("names stay symbolic; those without a name are named after input and axis; odd names are spelled", () => {
    const info = {
      name: "a.b",
      type: {
        tensorType: {
          elemType: FLOAT,
          shape: { dim: [{}, { dimParam: "n" }, { dimParam: "time step" }, { dimParam: "?" }] },
        },
      },
    };
    const graph = read({ input: [info], output: [tensorValue("y", FLOAT)], node: [node("Neg", ["a.b"], ["y"])] });
    expect(graph.types["a.b"]?.shape).toEqual(["a.b_0", "n", "time_step", "a.b_3"]);
  });

  test("options give numbers, shapes and values", () => {
    const shape = { name: "shape", type: { tensorType: { elemType: INT64, shape: { dim: [{ dimValue: 2 }] } } } };
    const graph = { input: [x, shape], output: [y], node: [node("Reshape", ["x", "shape"], ["y"])] };
    expect(thrown(() => read(graph)).message).toContain(
      'the shape (input "shape") must be known when the model is read',
    );
    const fixed = read(graph, { values: { shape: [2, -1] }, dims: { n: 3 } });
    expect(fixed.inputs).toEqual(["x"]);
    expect(fixed.types["x"]?.shape).toEqual([3, 2]);
    expect(fixed.types["y"]?.shape).toEqual([2, 3]);
    expect(read(graph, { values: { shape: [-1, 4] }, shapes: { x: ["m", 8] } }).types["y"]?.shape).toEqual(["2*m", 4]);
  });

  test.each<[string, ReadOnnxOptions, string]>([
    ["an input that does not exist", { shapes: { z: [1] } }, "expected names among x, got z"],
    ["a value for no input", { values: { z: 1 } }, "expected names among x, got z"],
    ["a negative length", { dims: { n: -1 } }, "expected a whole number >= 0, got -1"],
    ["a fraction", { shapes: { x: [1.5, 2] } }, "expected a whole number >= 0, got 1.5"],
    ["a value of another shape", { values: { x: [[1, 2, 3]] } }, "expected float32 [n, 2], got float32 [1, 3]"],
    ["a value of another dtype", { values: { x: tensor([[1, 2]], { dtype: "int32" }) } }, "got int32 [1, 2]"],
  ])("options refuse %s", (_, options, message) => {
    const error = thrown(() => read({ input: [x], output: [y], node: [node("Neg", ["x"], ["y"])] }, options));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toContain(message);
  });

  test("Shape, Gather, arithmetic, Concat and Reshape become dimensions of the program", () => {
    const constant = (name: string, values: readonly number[], dims = [values.length]) => ({
      name,
      dims,
      dataType: INT64,
      int64Data: values,
    });
    const graph = read({
      input: [tensorValue("x", FLOAT, ["n", "t", 6])],
      output: [y],
      initializer: [
        constant("zero", [0], []),
        constant("one", [1], []),
        constant("axes", [0]),
        constant("heads", [2, 3]),
      ],
      node: [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["batch"]),
        node("Gather", ["s", "one"], ["time"]),
        node("Mul", ["batch", "time"], ["rows"]),
        node("Unsqueeze", ["rows", "axes"], ["rows1"]),
        node("Concat", ["rows1", "heads"], ["target"], { attribute: [attribute.int("axis", 0)] }),
        node("Reshape", ["x", "target"], ["y"]),
      ],
    });
    expect(graph.types["y"]?.shape).toEqual(["n*t", 2, 3]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(["reshape"]);
  });

  test("int64 beyond 2^53 is left to the engine: in constants, and beside dimensions", () => {
    const most = { name: "most", dims: [1], dataType: INT64, int64Data: [2n ** 63n - 1n] };
    const one = { name: "one", dims: [1], dataType: INT64, int64Data: [1] };
    const graph = read({
      input: [x],
      output: [tensorValue("y", INT64), tensorValue("z", INT64)],
      initializer: [most, one],
      node: [
        node("Min", ["most", "one"], ["y"]),
        node("Shape", ["x"], ["s"]),
        node("Concat", ["s", "most"], ["z"], { attribute: [attribute.int("axis", 0)] }),
      ],
    });
    expect(graph.nodes.map(({ op }) => op)).toContain("minimum");
    const open = subgraph(graph, ["x"], ["z"]);
    expect([...((interpret(open, { x: [[1, 2]] })["z"] as Tensor).dataSync() as BigInt64Array)]).toEqual([
      1n,
      2n,
      2n ** 63n - 1n,
    ]);
  });

  test("what is computed from dimensions may be negative", () => {
    const two = { name: "two", dims: [], dataType: INT64, int64Data: [2] };
    const graph = read({
      input: [x],
      output: [tensorValue("y", INT64)],
      initializer: [two],
      node: [node("Size", ["x"], ["s"]), node("Sub", ["two", "s"], ["d"]), node("Mul", ["d", "s"], ["y"])],
    });
    expect(
      interpret(graph, {
        x: [
          [1, 2],
          [3, 4],
        ],
      })["y"]?.item(),
    ).toBe(-8);
  });

  test("a dimension can be computed with", () => {
    const graph = read({
      input: [x],
      output: [tensorValue("y", INT64)],
      node: [node("Size", ["x"], ["s"]), node("Identity", ["s"], ["y"])],
    });
    expect(
      interpret(graph, {
        x: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      })["y"]?.item(),
    ).toBe(6);
  });
});

describe("weights in a file beside the model", () => {
  const weights = random.normal(random.key(1), [64, 32]);
  const graph = trace((value: Tensor) => matmul(value, weights), spec(["batch", 64], "float32", "x"));
  const { model: beside, data } = writeOnnxWithData(graph, { location: "net.onnx.data" });

  test("are handed in by location, as a record or a function", () => {
    for (const external of [{ "net.onnx.data": data }, (): Uint8Array => data]) {
      const [back] = Object.values(readOnnx(beside, { external }).constants);
      expect(back?.toArray()).toEqual(weights.toArray());
    }
  });

  test("are asked for, by name, where they are not", () => {
    const error = thrown(() => readOnnx(beside)) as OnnxError;
    expect([error.code, error.message.includes("net.onnx.data")]).toEqual(["external-missing", true]);
    const short = thrown(() => readOnnx(beside, { external: { "net.onnx.data": data.subarray(0, 100) } }));
    expect((short as OnnxError).code).toBe("external-range");
  });
});

describe("what cannot be read", () => {
  test("is listed all at once: operators, operator sets, types and inputs", () => {
    const error = thrown(() =>
      read({
        input: [x, tensorValue("u", UINT16, [1]), tensorValue("free", FLOAT)],
        output: [y],
        node: [
          node("Det", ["x"], ["a"], { name: "first" }),
          node("Relu", ["a"], ["b"]),
          node("Neg", ["x"], ["c"]),
          node("FusedGelu", ["c"], ["y"], { domain: "com.vendor" }),
        ],
      }),
    );
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as UnsupportedError).reasons).toEqual([
      'input "u": the element type UINT16 is not supported',
      'input "free": the file does not say its shape; give it as shapes: { "free": [...] }',
      'node 0, Det "first": this operator is not supported',
      'node 3, FusedGelu: the operator set "com.vendor" is not supported',
    ]);
  });

  const twice = (name: string, callee: string): FunctionProto => ({
    name,
    domain: "own",
    input: ["a"],
    output: ["c"],
    node: [
      node(callee, ["a"], ["b"], { domain: callee === "Neg" ? "" : "own" }),
      node(callee, ["b"], ["c"], { domain: callee === "Neg" ? "" : "own" }),
    ],
    opsetImport: [{ version: 17 }, { domain: "own", version: 1 }],
  });

  test("a function that calls itself is refused", () => {
    const graph = { input: [x], output: [y], node: [node("F", ["x"], ["y"], { domain: "own" })] };
    const error = thrown(() => read(graph, {}, { functions: [twice("F", "F")] }));
    expect(error.message).toContain("more than 64 deep");
  });

  const bytes = (graph: Partial<GraphProto>, rest?: Partial<ModelProto>) => (): Graph => readOnnx(model(graph, rest));
  const relu = { input: [x], output: [y], node: [node("Relu", ["x"], ["y"])] };

  test.each<[OnnxErrorCode, string, () => Graph]>([
    ["unknown-opset", "expected opset 7 to 21, got 22", bytes(relu, { opsetImport: [{ version: 22 }] })],
    ["unknown-opset", "expected opset 7 to 21, got 6", bytes(relu, { opsetImport: [{ version: 6 }] })],
    [
      "undefined-name",
      'the value "z" is used before it is made',
      bytes({ ...relu, node: [node("Relu", ["z"], ["y"])] }),
    ],
    ["undefined-name", 'the value "y" is used before it is made', bytes({ ...relu, node: [] })],
    ["duplicate-name", 'two values are named "y"', bytes({ ...relu, node: [...relu.node, ...relu.node] })],
    ["duplicate-name", 'two inputs are named "x"', bytes({ ...relu, input: [x, x] })],
    ["duplicate-name", 'two outputs are named "y"', bytes({ ...relu, output: [y, y] })],
    ["invalid-node", 'expected the attribute "to"', bytes({ ...relu, node: [node("Cast", ["x"], ["y"])] })],
    [
      "invalid-node",
      'attribute "to": expected INT, got FLOAT',
      bytes({ ...relu, node: [node("Cast", ["x"], ["y"], { attribute: [attribute.float("to", 1)] })] }),
    ],
    ["invalid-node", "expected an input at position 1", bytes({ ...relu, node: [node("Add", ["x"], ["y"])] })],
    [
      "too-large",
      "more than 100008 nodes",
      bytes(
        { ...relu, node: [node("F20", ["x"], ["y"], { domain: "own" })] },
        { functions: Array.from({ length: 21 }, (_, i) => twice(`F${i}`, i === 0 ? "Neg" : `F${i - 1}`)) },
      ),
    ],
  ])("%s: %s", (code, message, run) => {
    const error = thrown(run) as OnnxError;
    expect(error).toBeInstanceOf(OnnxError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(Number.isInteger(error.offset)).toBe(true);
  });

  test("bytes that are none", () => {
    expect(thrown(() => readOnnx("net.onnx" as unknown as Uint8Array))).toBeInstanceOf(ArgumentError);
  });
});
