import { expect, test } from "vitest";
import {
  type Tensor,
  checkGraph,
  dequantize,
  freeze,
  interpret,
  matmul,
  quantize,
  simplify,
  spec,
  tensor,
  trace,
} from "../../src/index.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../src/tensor/errors.ts";

const graph = trace(
  (q: Tensor, x: Tensor) => matmul(x, dequantize(q, 0.5)),
  spec([2, 2], "int8", "q"),
  spec(["batch", 2], "float32", "x"),
);

test("a frozen input is a constant that keeps its dtype", () => {
  const q = quantize(
    tensor([
      [1, 2],
      [3, 4],
    ]),
    0.5,
    0,
  );
  const frozen = freeze(graph, { q });
  checkGraph(frozen);
  expect(frozen.inputs).toEqual(["x"]);
  expect(interpret(frozen, { x: [[1, 1]] })).toEqual(interpret(graph, { q, x: [[1, 1]] }));
  expect(
    interpret(
      freeze(graph, {
        q: [
          [2, 4],
          [6, 8],
        ],
      }),
      { x: [[1, 1]] },
    ).output?.toArray(),
  ).toEqual([[4, 6]]);
  expect(freeze(graph, {})).toEqual(graph);
});

test("large frozen codes survive simplification", () => {
  const open = trace(
    (q: Tensor, x: Tensor) => matmul(x, dequantize(q, 0.1)),
    spec([100, 100], "int8", "q"),
    spec([1, 100], "float32", "x"),
  );
  const small = simplify(freeze(open, { q: tensor(new Int8Array(10_000), { shape: [100, 100] }) }));
  expect(small.nodes.map(({ op }) => op)).toEqual(["dequantize", "matmul"]);
});

test("what does not fit is refused", () => {
  expect(() => freeze(graph, { w: 1 })).toThrow(ArgumentError);
  expect(() =>
    freeze(graph, {
      q: tensor([
        [1, 2],
        [3, 4],
      ]),
    }),
  ).toThrow(DTypeError);
  expect(() => freeze(graph, { q: tensor([1, 2], { dtype: "int8" }) })).toThrow(ShapeError);
  expect(() => freeze(graph, { x: tensor([[1, 2]]) })).toThrow(/expected \[batch, 2\]/);
});
