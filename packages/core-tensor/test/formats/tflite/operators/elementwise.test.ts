import { tensor } from "@parsimony/core-tensor";
import { assertAllClose } from "@parsimony/core-tensor/testing";
import { describe, expect, test } from "vitest";
import type { OperatorSpec } from "../build.ts";
import { evaluate, single } from "../models.ts";

const x = [-3, -0.75, 0, 0.5, 2.5, 7];
const positive = [0.25, 0.5, 1, 2, 4, 9];

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const halfEven = (v: number): number => {
  const low = Math.floor(v);
  return v - low === 0.5 ? low + (Math.abs(low) % 2) : Math.round(v);
};

/** Operator, input, what each element becomes, options. */
const unary: readonly [string, readonly number[], (v: number) => number, OperatorSpec["options"]?][] = [
  ["ABS", x, Math.abs],
  ["CEIL", x, Math.ceil],
  ["COS", x, Math.cos],
  ["ELU", x, (v) => (v > 0 ? v : Math.expm1(v))],
  ["EXP", x, Math.exp],
  ["FLOOR", x, Math.floor],
  ["HARD_SWISH", x, (v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6],
  ["LEAKY_RELU", x, (v) => (v >= 0 ? v : 0.25 * v), { alpha: 0.25 }],
  ["LOG", positive, Math.log],
  ["LOGISTIC", x, sigmoid],
  ["NEG", x, (v) => -v],
  ["RELU", x, (v) => Math.max(v, 0)],
  ["RELU6", x, (v) => Math.min(Math.max(v, 0), 6)],
  ["RELU_0_TO_1", x, (v) => Math.min(Math.max(v, 0), 1)],
  ["RELU_N1_TO_1", x, (v) => Math.min(Math.max(v, -1), 1)],
  ["ROUND", [-2.5, -1.5, -0.4, 0.5, 1.5, 2.6], halfEven],
  ["RSQRT", positive, (v) => 1 / Math.sqrt(v)],
  ["SIGN", x, Math.sign],
  ["SIN", x, Math.sin],
  ["SQRT", positive, Math.sqrt],
  ["SQUARE", x, (v) => v * v],
  ["TANH", x, Math.tanh],
  [
    "GELU",
    x,
    (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
    { approximate: true },
  ],
];

describe("one input", () => {
  test.each(unary)("%s", async (op, values, expected, options) => {
    const shape = [1, 1, 2, 3];
    const model = single(op, [{ shape }], [{ shape }], options);
    const { y0 } = await evaluate(model, { x0: tensor(values, { shape }) });
    assertAllClose(y0, tensor(values.map(expected), { shape }), { atol: 1e-6 });
  });

  test("GELU without approximation: x times the normal distribution function", async () => {
    const { y0 } = await evaluate(single("GELU", [{ shape: [3] }], [{}]), { x0: tensor([-1, 0, 2]) });
    assertAllClose(y0, tensor([-0.15865525, 0, 1.9544997]), { atol: 1e-6 });
  });

  test("LOGICAL_NOT", async () => {
    const model = single("LOGICAL_NOT", [{ shape: [2], type: "bool" }], [{ type: "bool" }]);
    expect((await evaluate(model, { x0: tensor([true, false]) })).y0?.toArray()).toEqual([false, true]);
  });
});

const a = [-2, 1, 3, 5];
const b = [2, -4, 3, 0.5];

/** Operator, what a pair of elements becomes, whether that is a bool. */
const binary: readonly [string, (p: number, q: number) => number, boolean?][] = [
  ["ADD", (p, q) => p + q],
  ["SUB", (p, q) => p - q],
  ["MUL", (p, q) => p * q],
  ["DIV", (p, q) => p / q],
  ["ATAN2", Math.atan2],
  ["FLOOR_DIV", (p, q) => Math.floor(p / q)],
  ["FLOOR_MOD", (p, q) => p - q * Math.floor(p / q)],
  ["MAXIMUM", Math.max],
  ["MINIMUM", Math.min],
  ["PRELU", (p, q) => (p >= 0 ? p : p * q)],
  ["SQUARED_DIFFERENCE", (p, q) => (p - q) ** 2],
  ["EQUAL", (p, q) => Number(p === q), true],
  ["NOT_EQUAL", (p, q) => Number(p !== q), true],
  ["LESS", (p, q) => Number(p < q), true],
  ["LESS_EQUAL", (p, q) => Number(p <= q), true],
  ["GREATER", (p, q) => Number(p > q), true],
  ["GREATER_EQUAL", (p, q) => Number(p >= q), true],
];

describe("two inputs", () => {
  test.each(binary)("%s of two values", async (op, expected, isBool) => {
    const dtype = isBool === true ? "bool" : "float32";
    const model = single(op, [{ shape: [4] }, { shape: [4] }], [{ type: dtype }]);
    const { y0 } = await evaluate(model, { x0: tensor(a), x1: tensor(b) });
    assertAllClose(
      y0,
      tensor(
        a.map((p, i) => expected(p, b[i] as number)),
        { dtype },
      ),
      { atol: 1e-6 },
    );
  });

  test.each(binary)("%s with a constant of fewer axes, which broadcasts", async (op, expected, isBool) => {
    const dtype = isBool === true ? "bool" : "float32";
    const shape = [1, 2, 1, 2];
    const model = single(op, [{ shape }, { shape: [2], data: [2, -4] }], [{ type: dtype, shape }]);
    const { y0 } = await evaluate(model, { x0: tensor(a, { shape }) });
    const values = a.map((p, i) => expected(p, i % 2 === 0 ? 2 : -4));
    assertAllClose(y0, tensor(values, { dtype, shape }), { atol: 1e-6 });
  });

  test("POW", async () => {
    const model = single("POW", [{ shape: [3] }, { shape: [], data: [2] }], [{}]);
    assertAllClose((await evaluate(model, { x0: tensor([1, 2, 3]) })).y0, tensor([1, 4, 9]));
  });

  test.each([
    [1, [-3, 0.5, 2, 9], [0, 0.5, 2, 9]],
    [2, [-3, 0.5, 2, 9], [-1, 0.5, 1, 1]],
    [3, [-3, 0.5, 2, 9], [0, 0.5, 2, 6]],
    [4, [-3, 0.5, 2, 9], [-3, 0.5, 2, 9].map(Math.tanh)],
  ])("fused activation %i", async (activation, values, expected) => {
    for (const [op, neutral] of [
      ["ADD", 0],
      ["SUB", 0],
      ["MUL", 1],
      ["DIV", 1],
    ] as const) {
      const model = single(op, [{ shape: [4] }, { shape: [], data: [neutral] }], [{ shape: [4] }], { activation });
      assertAllClose((await evaluate(model, { x0: tensor(values) })).y0, tensor(expected));
    }
  });

  test("whole numbers: FLOOR_DIV and FLOOR_MOD round down", async () => {
    const inputs = [
      { shape: [4], type: "int32" },
      { shape: [4], type: "int32", data: [3, 3, -3, -3] },
    ];
    const x0 = tensor([7, -7, 7, -7], { dtype: "int32" });
    const div = await evaluate(single("FLOOR_DIV", inputs, [{ type: "int32" }]), { x0 });
    expect(div.y0?.toArray()).toEqual([2, -3, -3, 2]);
    const mod = await evaluate(single("FLOOR_MOD", inputs, [{ type: "int32" }]), { x0 });
    expect(mod.y0?.toArray()).toEqual([1, 2, -2, -1]);
  });

  test("LOGICAL_AND, LOGICAL_OR", async () => {
    const inputs = [0, 1].map(() => ({ shape: [4], type: "bool" }));
    const values = { x0: tensor([true, true, false, false]), x1: tensor([true, false, true, false]) };
    const and = await evaluate(single("LOGICAL_AND", inputs, [{ type: "bool" }]), values);
    expect(and.y0?.toArray()).toEqual([true, false, false, false]);
    const or = await evaluate(single("LOGICAL_OR", inputs, [{ type: "bool" }]), values);
    expect(or.y0?.toArray()).toEqual([true, true, true, false]);
  });

  test("ADD_N", async () => {
    const model = single("ADD_N", [{ shape: [2] }, { shape: [2] }, { shape: [2], data: [100, 200] }], [{}]);
    const { y0 } = await evaluate(model, { x0: tensor([1, 2]), x1: tensor([10, 20]) });
    expect(y0?.toArray()).toEqual([111, 222]);
  });
});

describe("choices", () => {
  test("SELECT and SELECT_V2 of equal shapes", async () => {
    for (const op of ["SELECT", "SELECT_V2"]) {
      const model = single(op, [{ shape: [3], type: "bool" }, { shape: [3] }, { shape: [3] }], [{}]);
      const values = { x0: tensor([true, false, true]), x1: tensor([1, 2, 3]), x2: tensor([-1, -2, -3]) };
      expect((await evaluate(model, values)).y0?.toArray()).toEqual([1, -2, 3]);
    }
  });

  test("SELECT with one condition for each row, SELECT_V2 with one for each column", async () => {
    const inputs = [{ shape: [2], type: "bool" }, { shape: [2, 2] }, { shape: [2, 2] }];
    const values = {
      x0: tensor([true, false]),
      x1: tensor([
        [1, 2],
        [3, 4],
      ]),
      x2: tensor([
        [-1, -2],
        [-3, -4],
      ]),
    };
    const rows = await evaluate(single("SELECT", inputs, [{}]), values);
    expect(rows.y0?.toArray()).toEqual([
      [1, 2],
      [-3, -4],
    ]);
    const columns = await evaluate(single("SELECT_V2", inputs, [{}]), values);
    expect(columns.y0?.toArray()).toEqual([
      [1, -2],
      [3, -4],
    ]);
  });
});
