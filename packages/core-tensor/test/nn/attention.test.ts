import { expect, test } from "vitest";
import {
  ArgumentError,
  ShapeError,
  type Tensor,
  grad,
  interpret,
  mul,
  ones,
  random,
  spec,
  sum,
  tensor,
  trace,
} from "../../src/index.ts";
import { type AttentionParams, type MultiHeadOptions, initAttention, multiHeadAttention } from "../../src/nn/index.ts";
import { type AttentionCase, expectClose, expectLayer, float64, goldens, paramsOf } from "./goldens.ts";

const { heads, params: named, ...cases } = goldens.attention;

const optionsOf = ({ memory, mask }: AttentionCase): MultiHeadOptions => ({
  heads,
  ...(memory === undefined ? {} : { memory: float64(memory) }),
  ...(mask === undefined ? {} : { mask: tensor(mask as boolean[][]) }),
});

for (const [name, golden] of Object.entries(cases)) {
  test(`${name}: values and gradients as torch's`, () => {
    const x = float64(golden.x);
    const options = optionsOf(golden);
    expectLayer((params: AttentionParams) => multiHeadAttention(params, x, options), { ...golden, params: named });
    const params = paramsOf<AttentionParams>(named);
    const inX = grad((v: Tensor) => sum(mul(multiHeadAttention(params, v, options), float64(golden.c))))(x);
    expectClose(inX, golden["gradient of x"], 1e-11);
  });
}

test("causal is the mask of the same name", () => {
  const params = paramsOf<AttentionParams>(named);
  expectClose(multiHeadAttention(params, float64(cases.causal.x), { heads, causal: true }), cases.causal.y);
});

test("parameters are four layers, drawn from keys of their own", () => {
  const params = initAttention(random.key(0), 4, { bias: false });
  expect(Object.keys(params)).toEqual(["query", "key", "value", "output"]);
  expect(new Set(Object.values(params).map(({ weight }) => String(weight.toArray()))).size).toBe(4);
  expect(params.key.weight.shape).toEqual([4, 4]);
  expect(Object.keys(params.key)).toEqual(["weight"]);
});

test("one program for every batch size and length", () => {
  const params = initAttention(random.key(0), 4);
  const graph = trace(
    (x: Tensor) => multiHeadAttention(params, x, { heads: 2, causal: true }),
    spec(["batch", "length", 4]),
  );
  for (const [batch, length] of [
    [1, 1],
    [2, 3],
  ] as const) {
    const x = random.normal(random.key(1), [batch, length, 4]);
    expect(interpret(graph, { input: x })["output"]).toEqual(multiHeadAttention(params, x, { heads: 2, causal: true }));
  }
});

test("refuses heads that do not divide the width, and other ranks", () => {
  const params = initAttention(random.key(0), 4);
  for (const count of [3, 0, 1.5]) {
    expect(() => multiHeadAttention(params, ones([1, 2, 4]), { heads: count })).toThrow(ArgumentError);
  }
  expect(() => multiHeadAttention(params, ones([1, 2, 4]), { heads: 3 })).toThrow(
    /heads: expected a divisor of the width 4, got 3/,
  );
  expect(() => multiHeadAttention(params, ones([2, 4]), { heads: 2 })).toThrow(/x: expected \[batch, length, width\]/);
  expect(() => multiHeadAttention(params, ones([1, 2, 4]), { heads: 2, memory: ones([2, 4]) })).toThrow(/memory/);
  expect(() => multiHeadAttention(params, ones([1, 2, 5]), { heads: 2 })).toThrow(ShapeError);
});
