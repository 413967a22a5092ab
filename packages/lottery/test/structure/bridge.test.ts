import {
  type Tensor,
  add,
  concat,
  grad,
  interpret,
  matmul,
  mul,
  relu,
  spec,
  sum,
  tensor,
  trace,
} from "@parsimony/core-tensor";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { applyMaskToGraph, graphModel, modelGraph, withConstants } from "@parsimony/lottery/compact";
import { expect, test } from "vitest";

interface Params {
  readonly hidden: { readonly weight: Tensor; readonly bias: Tensor };
  readonly out: Tensor;
}
const params: Params = {
  hidden: {
    weight: tensor([
      [1, -2, 3],
      [0.5, 1, -1],
    ]),
    bias: tensor([0, 1, -1]),
  },
  out: tensor([[1], [2], [-1]]),
};
const forward = (p: Params, x: Tensor): Tensor => matmul(relu(add(matmul(x, p.hidden.weight), p.hidden.bias)), p.out);
const x = tensor([
  [1, 2],
  [-1, 0.5],
]);
const bool = (rows: readonly (readonly number[])[]) => tensor(rows.map((row) => row.map((bit) => bit === 1)));

test("modelGraph fixes the parameters as constants named by their paths", () => {
  const graph = modelGraph(forward, params, spec(["batch", 2]));
  expect(graph.inputs).toEqual(["input"]);
  expect(graph.name).toBe("forward");
  expect(Object.keys(graph.constants).sort()).toEqual(["hidden.bias", "hidden.weight", "out"]);
  expect(interpret(graph, { input: x }).output?.toArray()).toEqual(forward(params, x).toArray());
});

test("a flat record of parameters gives the same graph", () => {
  const flat = { "hidden.weight": params.hidden.weight, "hidden.bias": params.hidden.bias, out: params.out };
  const graph = modelGraph(
    (p: typeof flat, v: Tensor) => matmul(relu(add(matmul(v, p["hidden.weight"]), p["hidden.bias"])), p.out),
    flat,
    spec(["batch", 2]),
  );
  expect(graph.nodes).toEqual(modelGraph(forward, params, spec(["batch", 2])).nodes);
});

test("inputs are named by their places, or as their specs say", () => {
  const two = (p: { readonly scale: Tensor }, a: Tensor, b: Tensor): Tensor => mul(add(a, b), p.scale);
  const scale = { scale: tensor([2, 3]) };
  expect(modelGraph(two, scale, spec([2]), spec([2], "float32", "right")).inputs).toEqual(["arg0", "right"]);
  expect(modelGraph(two, scale, tensor([1, 2]), spec([2])).inputs).toEqual(["arg0", "arg1"]);
  const tree = (p: { readonly scale: Tensor }, v: { readonly a: Tensor }): Tensor => mul(v.a, p.scale);
  expect(modelGraph(tree, scale, { a: spec([2]) }).inputs).toEqual(["a"]);
});

test("an input may not bear the name of a parameter", () => {
  const clash = (): unknown => modelGraph(forward, params, spec(["batch", 2], "float32", "out"));
  expect(clash).toThrow(expect.objectContaining({ code: "E_PARAMETERS", tensor: "out" }));
});

test("graphModel gives back a function that can be run, traced and differentiated", () => {
  const graph = readOnnx(writeOnnx(modelGraph(forward, params, spec(["batch", 2]))));
  const model = graphModel(graph);
  expect(Object.keys(model.params).sort()).toEqual(["hidden.bias", "hidden.weight", "out"]);
  expect(model.forward(model.params, x).toArray()).toEqual(forward(params, x).toArray());
  const byName = grad((p: typeof model.params) => sum(model.forward(p, x)))(model.params);
  const byHand = grad((p: Params) => sum(forward(p, x)))(params);
  expect(byName["hidden.weight"]?.toArray()).toEqual(byHand.hidden.weight.toArray());
  expect(trace(model.forward, model.params, spec(["n", 2])).nodes.length).toBe(4);
});

test("graphModel: which constants are parameters, and which output", () => {
  const graph = modelGraph(
    (p: Params, v: Tensor) => ({ a: forward(p, v), b: concat([v, v], 1) }),
    params,
    spec(["batch", 2]),
  );
  const model = graphModel(graph, { output: "a", trainable: (_name, { rank }) => rank === 2 });
  expect(Object.keys(model.params).sort()).toEqual(["hidden.weight", "out"]);
  expect(model.forward(model.params, x).toArray()).toEqual(forward(params, x).toArray());
  expect(() => graphModel(graph)).toThrow(expect.objectContaining({ code: "E_OPTION" }));
  expect(() => graphModel(graph, { output: "c" })).toThrow(expect.objectContaining({ code: "E_OPTION" }));
  expect(() => graphModel(graph, { output: "a", trainable: () => false })).toThrow(
    expect.objectContaining({ code: "E_EMPTY" }),
  );
  expect(() => model.forward({ out: params.out }, x)).toThrow(
    expect.objectContaining({ code: "E_PARAMETERS", tensor: "hidden.weight" }),
  );
  expect(() => model.forward(model.params)).toThrow(expect.objectContaining({ code: "E_PARAMETERS" }));
});

test("withConstants replaces constants of the same type only", () => {
  const graph = modelGraph(forward, params, spec(["batch", 2]));
  const other = withConstants(graph, { out: tensor([[0], [0], [1]]) });
  expect(interpret(other, { input: x }).output?.toArray()).toEqual([[0], [0]]);
  expect(graph.constants.out).toBe(params.out);
  for (const bad of [
    { nope: tensor([1]) },
    { out: tensor([1]) },
    { out: tensor([[1], [2], [3]], { dtype: "int32" }) },
  ]) {
    expect(() => withConstants(graph, bad)).toThrow(
      expect.objectContaining({ code: "E_PARAMETERS", tensor: Object.keys(bad)[0] }),
    );
  }
  expect(() => withConstants(graph, { toString: tensor([1]) })).toThrow(
    expect.objectContaining({ tensor: "toString" }),
  );
});

test("applyMaskToGraph writes +0", () => {
  const graph = modelGraph(forward, params, spec(["batch", 2]));
  const masked = applyMaskToGraph(graph, {
    "hidden.weight": bool([
      [1, 0, 1],
      [0, 1, 1],
    ]),
  });
  expect(masked.constants["hidden.weight"]?.toArray()).toEqual([
    [1, 0, 3],
    [0, 1, -1],
  ]);
  expect(graph.constants["hidden.weight"]?.toArray()).toEqual([
    [1, -2, 3],
    [0.5, 1, -1],
  ]);
  expect(() => applyMaskToGraph(graph, { hidden: bool([[1]]) })).toThrow(
    expect.objectContaining({ code: "E_MASK", tensor: "hidden" }),
  );
  expect(() => applyMaskToGraph(graph, { out: bool([[1]]) })).toThrow(
    expect.objectContaining({ code: "E_MASK", tensor: "out" }),
  );
});
