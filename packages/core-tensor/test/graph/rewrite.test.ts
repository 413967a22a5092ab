import fc from "fast-check";
import { expect, test } from "vitest";
import {
  GraphBuilder,
  add,
  cast,
  checkGraph,
  copyGraph,
  customVjp,
  exp,
  grad,
  interpret,
  isNode,
  matmul,
  mul,
  neg,
  pad,
  relu,
  reshape,
  rewriteGraph,
  scan,
  simplify,
  spec,
  stopGradient,
  sum,
  tanh,
  tensor,
  trace,
  transpose,
  zeros,
} from "../../src/index.ts";
import { GraphError, ShapeError, TraceError } from "../../src/tensor/errors.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

test("nodes can be replaced by ordinary ops, names stay", () => {
  const graph = trace((x: Tensor) => add(relu(mul(x, 2)), 1), spec(["batch"]));
  const changed = rewriteGraph(graph, (node, [x]) => (node.op === "relu" ? [tanh(neg(x as Tensor))] : undefined));
  checkGraph(changed);
  expect(changed.inputs).toEqual(graph.inputs);
  expect(changed.nodes.map((node) => node.op)).toEqual(["mul", "neg", "tanh", "add"]);
  expect(changed.outputs).toEqual(graph.outputs);
  expect(interpret(changed, { input: [0.5] }).output?.toArray()).toEqual(add(tanh(neg(tensor([1]))), 1).toArray());
});

test("copyGraph works on names", () => {
  const graph = trace((x: Tensor) => add(relu(x), relu(x)), spec([2]));
  const masked = copyGraph(graph, (node, builder) => {
    if (!isNode(node, "relu")) return undefined;
    const mask = builder.constant(tensor([0, 1]));
    return builder.add("mul", [...node.inputs, mask], {});
  });
  checkGraph(masked);
  expect(interpret(masked, { input: [3, 4] }).output?.toArray()).toEqual([0, 8]);
});

test("a builder infers types and refuses what does not fit", () => {
  const builder = new GraphBuilder("hand");
  const x = builder.input("x", { dtype: "float32", shape: ["batch", 3] });
  const w = builder.constant(tensor([[1], [1], [1]]), "w");
  const [y] = builder.add("matmul", [x, w], {}, ["y"]);
  builder.output("y", y as string);
  expect(builder.type("y").shape).toEqual(["batch", 1]);
  expect(interpret(builder.build(), { x: [[1, 2, 3]] }).y?.toArray()).toEqual([[6]]);
  expect(() => builder.input("x", { dtype: "float32", shape: [] })).toThrow(GraphError);
  expect(() => builder.add("matmul", ["y", "w"], {})).toThrow(/matmul/);
  expect(() => builder.add("relu", ["nothing"], {})).toThrow(GraphError);
  expect(() => builder.output("y", "y")).toThrow(/two outputs/);
});

test("simplify keeps bits and names, and removes what is not needed", () => {
  const f = (x: Tensor): Tensor => {
    const unused = exp(x);
    const twice = add(mul(x, 3), mul(x, 3));
    const back = transpose(transpose(reshape(reshape(twice, [-1]), [2, 2])));
    return stopGradient(add(back, mul(add(zeros([2, 2]), 1), 2))) ?? unused;
  };
  const graph = trace(f, spec([2, 2]));
  const small = simplify(graph);
  checkGraph(small);
  expect(small.nodes.map((node) => node.op)).toEqual(["mul", "add", "add"]);
  const x = [
    [0.1, 0.2],
    [0.3, -0],
  ];
  expect(interpret(small, { input: x })).toEqual(interpret(graph, { input: x }));
  expect(small.inputs).toEqual(graph.inputs);
});

test("large broadcasts stay small", () => {
  const graph = simplify(trace((x: Tensor) => add(x, zeros([1000, 1000])), spec([1000, 1000])));
  expect(Object.values(graph.constants).every((value) => value.storage.length === 1)).toBe(true);
});

test("a custom derivative holds eagerly, in programs, in scans and for programs that are differentiated later", () => {
  const doubled = customVjp((x: Tensor) => mul(x, 1), {
    forward: (x) => [mul(x, 1), [x]],
    backward: (_, g) => [mul(g, 2)],
  });
  expect(grad((x: Tensor) => sum(doubled(x)))(tensor([1, 2])).toArray()).toEqual([2, 2]);
  const inScan = grad((x: Tensor) => scan((c: Tensor, s: Tensor) => [add(c, doubled(s)), []], tensor(0), x)[0])(
    tensor([1, 2]),
  );
  expect(inScan.toArray()).toEqual([2, 2]);
  const graph = trace((x: Tensor) => sum(doubled(x)), spec([2]));
  expect(graph.nodes.map((node) => node.op)).toEqual(["customVjp", "sum"]);
  checkGraph(graph);
  // Differentiated after it was traced: interpreted on a value that is being differentiated, the graph is part of that function.
  const later = grad((x: Tensor) => interpret(graph, { input: x }).output as Tensor)(tensor([1, 2]));
  expect(later.toArray()).toEqual([2, 2]);
  expect(simplify(graph).nodes.map((node) => node.op)).not.toContain("customVjp");
  expect(interpret(simplify(graph), { input: [1, 2] }).output?.item()).toBe(3);
});

test("a custom derivative whose parts do not fit together is refused", () => {
  const x = tensor([1, 2]);
  const attempt = (forward: (x: Tensor) => unknown, backward: (g: Tensor) => unknown): unknown =>
    customVjp((v: Tensor) => mul(v, 2), {
      forward: forward as (v: Tensor) => [Tensor, []],
      backward: (_, g) => backward(g) as [Tensor],
    })(x);
  expect(
    attempt(
      (v) => [mul(v, 2), []],
      (g) => [g],
    ),
  ).toEqual(tensor([2, 4]));
  expect(() =>
    attempt(
      (v) => [sum(v), []],
      (g) => [g],
    ),
  ).toThrow(/customVjp: the value of forward: expected float32\[2\], got float32\[\]/);
  expect(() =>
    attempt(
      (v) => [[v], []],
      (g) => [g],
    ),
  ).toThrow(/forward gives \[\*\], the function \*/);
  expect(() =>
    attempt(
      (v) => [v, []],
      (g) => [sum(g)],
    ),
  ).toThrow(ShapeError);
  expect(() =>
    attempt(
      (v) => [v, []],
      (g) => [sum(g)],
    ),
  ).toThrow(/the cotangents of backward: expected float32\[2\], got float32\[\]/);
  expect(() =>
    attempt(
      (v) => [v, []],
      (g) => [g, g],
    ),
  ).toThrow(/backward gives cotangents nested as \[\*,\*\], expected \[\*\]/);
});

test("whole-number arguments of a custom derivative need no cotangent of their own type", () => {
  const pick = customVjp((x: Tensor, i: Tensor) => mul(x, cast(i, "float32")), {
    forward: (x, i) => [mul(x, cast(i, "float32")), i],
    backward: (i, g) => [mul(g, cast(i, "float32")), 0 as never],
  });
  expect(grad((x: Tensor) => sum(pick(x, tensor([2, 3], { dtype: "int32" }))))(tensor([1, 1])).toArray()).toEqual([
    2, 3,
  ]);
});

test("a replacement must give as many values as the node", () => {
  const graph = trace((x: Tensor) => add(relu(x), 1), spec([2]));
  expect(() => rewriteGraph(graph, (node) => (node.op === "relu" ? [] : undefined))).toThrow(GraphError);
  expect(() => rewriteGraph(graph, (node) => (node.op === "relu" ? [] : undefined))).toThrow(
    /"relu" makes 1 values, its replacement 0/,
  );
  expect(() => copyGraph(graph, (node) => (node.op === "relu" ? [] : undefined))).toThrow(
    /"relu" makes 1 values, its replacement 0/,
  );
});

test("simplify takes loops with int64 constants inside", () => {
  const step = tensor(BigInt64Array.of(2n), { shape: [] });
  const graph = trace(
    (start: Tensor) => scan((count: Tensor) => [add(count, step), []], start, null, { length: 3 })[0],
    spec([], "int64"),
  );
  expect(interpret(simplify(graph), { input: 1 }).output?.item()).toBe(7);
});

test("simplify keeps the bits of every small program", () => {
  const unary = {
    neg,
    relu,
    tanh,
    stopGradient,
    twice: (x: Tensor) => add(x, x),
    zero: (x: Tensor) => mul(x, 0),
    turn: (x: Tensor) => transpose(x),
  };
  const binary = { add, mul };
  const step = fc.tuple(fc.constantFrom(...Object.keys(unary), ...Object.keys(binary)), fc.nat(), fc.nat());
  const numbers = fc.array(fc.oneof(fc.float(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity)), {
    minLength: 4,
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), numbers, numbers, (steps, left, right) => {
      const program = (x: Tensor): Tensor[] => {
        const values: Tensor[] = [x, tensor(right, { shape: [2, 2] })];
        for (const [op, i, j] of steps) {
          const [a, b] = [values[i % values.length] as Tensor, values[j % values.length] as Tensor];
          values.push(op in unary ? unary[op as keyof typeof unary](a) : binary[op as keyof typeof binary](a, b));
        }
        return values.slice(-3);
      };
      const graph = trace(program, spec([2, 2]));
      const small = simplify(graph);
      checkGraph(small);
      expect(small.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
      const input = tensor(left, { shape: [2, 2] });
      expect(interpret(small, { input })).toEqual(interpret(graph, { input }));
    }),
    { numRuns: 150 },
  );
});

test("a custom derivative takes outside values as arguments only", () => {
  const attempt = (): unknown =>
    trace(
      (w: Tensor) => customVjp((x: Tensor) => matmul(x, w), { forward: (x) => [x, []], backward: (_, g) => [g] })(w),
      spec([2, 2]),
    );
  expect(attempt).toThrow(TraceError);
  expect(attempt).toThrow(/enclosing traced function/);
});

test("attributes and constants that differ only in the sign of zero or in an infinity are kept apart", () => {
  const f = (x: Tensor): Tensor[] => [
    ...[Infinity, -Infinity, Number.NaN, 0, -0].map((value) => pad(x, [[0, 1]], { value })),
    ...[0, -0, Infinity, Number.NaN].map((value) => mul(x, value)),
  ];
  const graph = trace((x: Tensor) => f(x), spec([1]));
  const small = simplify(graph);
  expect(small.nodes).toHaveLength(9);
  expect(interpret(small, { input: [1] })).toEqual(interpret(graph, { input: [1] }));
});

test("nodes that a copy adds do not take the names of nodes that come later", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", { dtype: "float32", shape: [] });
  const [abs] = builder.add("abs", [x], {}) as [string];
  const [neg] = builder.add("neg", [abs], {}) as [string];
  builder.output("y", neg);
  const copy = copyGraph(builder.build(), (node, target) =>
    node.op === "abs" ? target.add("neg", node.inputs, {}) : undefined,
  );
  expect(copy.nodes.map(({ outputs }) => outputs)).toEqual([["neg_1"], ["neg_0"]]);
});
