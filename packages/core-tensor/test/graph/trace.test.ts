import { expect, test } from "vitest";
import {
  add,
  checkGraph,
  evaluateDim,
  interpret,
  matmul,
  mul,
  printGraph,
  relu,
  reshape,
  scan,
  spec,
  subgraph,
  sum,
  tensor,
  trace,
  transpose,
} from "../../src/index.ts";
import { graphToDot } from "../../src/graph/print.ts";
import { ArgumentError, DTypeError, GraphError, ShapeError, TraceError } from "../../src/tensor/errors.ts";
import type { GraphNode } from "../../src/ops/program.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

test("a function becomes a program with the same results", () => {
  const w = tensor([
    [1, -1],
    [2, 0],
    [0, 3],
  ]);
  const layer = (x: Tensor): Tensor => relu(add(matmul(x, w), [1, -4]));
  const graph = trace(layer, spec([2, 3]));
  checkGraph(graph);
  expect(graph.name).toBe("layer");
  expect(graph.inputs).toEqual(["input"]);
  expect(graph.nodes.map((node) => node.op)).toEqual(["matmul", "add", "relu"]);
  const x = [
    [1, 2, 3],
    [-4, 5, 6],
  ];
  expect(interpret(graph, { input: x }).output?.toArray()).toEqual(layer(tensor(x)).toArray());
});

test("names of inputs and outputs follow the trees", () => {
  const graph = trace(
    (params: { w: Tensor; b: Tensor[] }, x: Tensor) => ({ y: add(mul(params.w, x), params.b[0] as Tensor), same: x }),
    { w: spec([2]), b: [spec([2])] },
    spec([2], "float32", "pixels"),
  );
  expect(graph.inputs).toEqual(["arg0.b.0", "arg0.w", "pixels"]);
  expect(graph.outputs.map(({ name }) => name)).toEqual(["same", "y"]);
  const result = interpret(graph, { "arg0.b.0": [1, 1], "arg0.w": [2, 3], pixels: [4, 5] });
  expect(result.y?.toArray()).toEqual([9, 16]);
  expect(result.same?.toArray()).toEqual([4, 5]);
});

test("one program serves every batch size", () => {
  const graph = trace((x: Tensor) => sum(reshape(x, [x.shape[0] as number, -1]), 1), spec(["batch", 2, 3]));
  expect(graph.types[graph.outputs[0]?.value as string]?.shape).toEqual(["batch"]);
  for (const batch of [0, 1, 4]) {
    const x = tensor(new Float32Array(batch * 6).fill(1), { shape: [batch, 2, 3] });
    expect(interpret(graph, { input: x }).output?.toArray()).toEqual(new Array(batch).fill(6));
  }
  expect(() => interpret(graph, { input: tensor([1]) })).toThrow(ShapeError);
});

test("symbolic dimensions cannot be used as numbers", () => {
  expect(() => trace((x: Tensor) => mul(x, (x.shape[0] as number) * 2), spec(["batch"]))).toThrow(
    /"batch" is symbolic/,
  );
  expect(() => trace((x: Tensor) => mul(x, x.size), spec(["batch"]))).toThrow(TraceError);
  expect(evaluateDim("2*batch", { batch: 3 })).toBe(6);
});

test("symbols must agree between inputs", () => {
  const graph = trace((a: Tensor, b: Tensor) => matmul(a, b), spec(["n", "k"]), spec(["k", "m"]));
  expect(graph.types[graph.outputs[0]?.value as string]?.shape).toEqual(["n", "m"]);
  expect(interpret(graph, { arg0: [[1, 2]], arg1: [[3], [4]] }).output?.toArray()).toEqual([[11]]);
  expect(() => interpret(graph, { arg0: [[1, 2]], arg1: [[3]] })).toThrow(/k = 2/);
});

test("traced values have no numbers, and must not leave their function", () => {
  const leaked: Tensor[] = [];
  trace(
    (x: Tensor) => {
      leaked.push(x);
      return x;
    },
    spec([2]),
  );
  expect(() => trace((x: Tensor) => add(x, x.dataSync()), spec([2]))).toThrow(
    /no numbers while its function is traced/,
  );
  expect(() => add(leaked[0] as Tensor, 1)).toThrow(/after its function had returned/);
});

test("expressions of symbols are compared, and their symbols must be known", () => {
  const twice = trace((x: Tensor, y: Tensor) => add(sum(x), sum(y)), spec(["n"]), spec(["2*n"]));
  expect(interpret(twice, { arg0: [1], arg1: [1, 2] }).output?.item()).toBe(4);
  expect(() => interpret(twice, { arg0: [1, 2], arg1: [1, 2, 3] })).toThrow(/expected \[2\*n\] with n = 2, got \[3\]/);
  const alone = trace((y: Tensor) => sum(y), spec(["2*n"]));
  expect(() => interpret(alone, { input: [1, 2] })).toThrow(/unknown n; some input must have that dimension alone/);
});

test("specs that describe nothing are refused", () => {
  expect(() => spec([-1])).toThrow(ShapeError);
  expect(() => spec(["a b"])).toThrow(RangeError);
  expect(() => spec([1], "float" as never)).toThrow(DTypeError);
  expect(() => trace((x: Tensor) => x, [1] as never)).toThrow(ArgumentError);
});

test("traced values stay in the function that they belong to", () => {
  let kept: Tensor | undefined;
  const inner = (): unknown => trace((y: Tensor) => (kept = y), spec([1]));
  expect(() =>
    trace(
      (x: Tensor) => {
        inner();
        return add(x, kept as Tensor);
      },
      spec([1]),
    ),
  ).toThrow(TraceError);
  expect(() =>
    trace(
      (x: Tensor) => {
        trace((y: Tensor) => add(x, y), spec([1]));
        return x;
      },
      spec([1]),
    ),
  ).toThrow(/pass it as an argument/);
  expect(() => trace(function nothing(_x: Tensor) {}, spec([1]))).toThrow(/got undefined\n.*"nothing"/s);
});

test("names that meet are refused", () => {
  expect(() => trace((x: Tensor) => ({ "a.b": x, a: { b: x } }), spec([1]))).toThrow(/two outputs are named "a\.b"/);
  const same = { "a.b": spec([1]), a: { b: spec([1]) } };
  expect(() => trace((x: { "a.b": Tensor; a: { b: Tensor } }) => x.a.b, same)).toThrow(/two values are named "a\.b"/);
});

test("errors at trace time name the op, what was found and the function", () => {
  const attempt = (): unknown =>
    trace(
      function myModel(x: Tensor) {
        return matmul(x, tensor([[1, 2]]));
      },
      spec([2, 3]),
    );
  expect(attempt).toThrow(ShapeError);
  expect(attempt).toThrow(/matmul.*\n.*while tracing the function "myModel"/s);
  expect(() => trace((x: Tensor) => add(x, tensor([1], { dtype: "int32" })), spec([1]))).toThrow(DTypeError);
});

test("inputs are checked by name, dtype and shape", () => {
  const graph = trace((x: Tensor) => x, spec([2]));
  expect(() => interpret(graph, {})).toThrow(/input "input"/);
  expect(() => interpret(graph, { input: [1, 2], other: 1 })).toThrow(/unknown other/);
  expect(() => interpret(graph, { input: tensor([1, 2], { dtype: "float64" }) })).toThrow(DTypeError);
  expect(() => interpret(graph, { input: [1, 2, 3] })).toThrow(ShapeError);
});

test("taps see every value", () => {
  const graph = trace((x: Tensor) => relu(mul(x, 2)), spec([2]));
  const seen: Record<string, unknown> = {};
  interpret(
    graph,
    { input: [-1, 3] },
    {
      onValue: (name, value) => {
        seen[name] = value.toArray();
      },
    },
  );
  expect(seen).toEqual({ input: [-1, 3], constant_0: 2, mul_0: [-2, 6], relu_0: [0, 6] });
});

test("a subgraph computes some values from some others", () => {
  const graph = trace((x: Tensor, y: Tensor) => add(relu(mul(x, 2)), y), spec([2]), spec([2]));
  const part = subgraph(graph, ["mul_0"], ["relu_0"]);
  checkGraph(part);
  expect(interpret(part, { mul_0: [-1, 1] }).relu_0?.toArray()).toEqual([0, 1]);
  expect(() => subgraph(graph, ["arg0"], ["add_0"])).toThrow(/depends on the input "arg1"/);
  expect(() => subgraph(graph, ["nothing"], ["add_0"])).toThrow(GraphError);
});

test("programs print as text and as Graphviz", () => {
  const graph = trace(
    function affine(x: Tensor) {
      return transpose(mul(x, 2));
    },
    spec(["batch", 3]),
  );
  expect(printGraph(graph)).toBe(
    [
      "affine(input: float32[batch, 3]) {",
      "  constant_0: float32[] = constant",
      "  mul_0: float32[batch, 3] = mul(input, constant_0)",
      "  transpose_0: float32[3, batch] = transpose(mul_0) {permutation=[1, 0]}",
      "  return output = transpose_0",
      "}",
    ].join("\n"),
  );
  const looped = trace((x: Tensor) => scan((c: Tensor, s: Tensor) => [add(c, s), []], tensor(0), x)[0], spec(["n"]));
  expect(printGraph(looped).split("\n").slice(2, 6)).toEqual([
    "  scan_0: float32[] = scan(constant_0, input) {body=<program of 1 nodes>, carries=1, scanned=1, length=n, reverse=false}",
    "    body(input_0: float32[], input_1: float32[]) {",
    "      add_0: float32[] = add(input_0, input_1)",
    "      return output_0 = add_0",
  ]);
  const dot = graphToDot(graph);
  expect(dot).toMatch(/^digraph "affine" \{/);
  expect(dot).toContain('"in:input" -> "node:0" [label="float32[batch, 3]"];');
});

test("checkGraph refuses programs that break their own rules", () => {
  const graph = trace((x: Tensor) => relu(mul(x, 2)), spec([2]));
  expect(() => checkGraph({ ...graph, nodes: [...graph.nodes].reverse() })).toThrow(/before it is made/);
  expect(() => checkGraph({ ...graph, nodes: [...graph.nodes, ...graph.nodes] })).toThrow(/made twice/);
  expect(() => checkGraph({ ...graph, outputs: [{ name: "y", value: "nothing" }] })).toThrow(/never made/);
  expect(() => checkGraph({ ...graph, types: { ...graph.types, mul_0: { dtype: "float32", shape: [3] } } })).toThrow(
    GraphError,
  );
  expect(() => checkGraph({ ...graph, nodes: [{ op: "nothing", inputs: [], outputs: [], attributes: {} }] })).toThrow(
    /unknown op/,
  );
  const { mul_0: _, ...fewer } = graph.types;
  expect(() => checkGraph({ ...graph, types: fewer })).toThrow(/"mul_0" has no type/);
  expect(() => checkGraph({ ...graph, constants: { constant_0: tensor([1, 2]) } })).toThrow(
    /constant "constant_0" is float32 \[2\], its type says float32 \[\]/,
  );
  const [first, second] = graph.nodes as [GraphNode, GraphNode];
  expect(() => checkGraph({ ...graph, nodes: [{ ...first, outputs: ["mul_0", "relu_0"] }, second] })).toThrow(
    /makes 1 values, 2 are named/,
  );
  expect(() => checkGraph({ ...graph, nodes: [{ ...first, inputs: ["input"] }, second] })).toThrow(/mul/);
  expect(() => interpret({ ...graph, nodes: [second, first] }, { input: [1, 2] })).toThrow(
    /"mul_0" is used before it is made/,
  );
});
