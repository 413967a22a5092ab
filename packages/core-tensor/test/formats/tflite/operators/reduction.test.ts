import { type Tensor, tensor } from "@parsimony/core-tensor";
import { assertAllClose } from "@parsimony/core-tensor/testing";
import { describe, expect, test } from "vitest";
import { evaluate, single } from "../models.ts";

const axes = (...data: readonly number[]) => ({ shape: [data.length], type: "int32", data });
const x0 = tensor([
  [1, 2, 4],
  [8, 5, 7],
]);

/** Operator, results along axis 0 and along axis -1. */
const reductions: readonly [string, readonly number[], readonly number[]][] = [
  ["MEAN", [4.5, 3.5, 5.5], [7 / 3, 20 / 3]],
  ["SUM", [9, 7, 11], [7, 20]],
  ["REDUCE_MAX", [8, 5, 7], [4, 8]],
  ["REDUCE_MIN", [1, 2, 4], [1, 5]],
  ["REDUCE_PROD", [8, 10, 28], [8, 280]],
];

describe("reductions", () => {
  test.each(reductions)("%s", async (op, columns, rows) => {
    const first = await evaluate(single(op, [{ shape: [2, 3] }, axes(0)], [{}], { keepDims: false }), { x0 });
    assertAllClose(first.y0, tensor(columns));
    const last = await evaluate(single(op, [{ shape: [2, 3] }, axes(-1, 1)], [{}], { keepDims: true }), { x0 });
    assertAllClose(last.y0, tensor(rows, { shape: [2, 1] }));
  });

  test("REDUCE_ANY, REDUCE_ALL", async () => {
    const inputs = [{ shape: [2, 2], type: "bool" }, axes(1)];
    const value = {
      x0: tensor([
        [true, false],
        [true, true],
      ]),
    };
    const any = await evaluate(single("REDUCE_ANY", inputs, [{ type: "bool" }], {}), value);
    expect(any.y0?.toArray()).toEqual([true, true]);
    const all = await evaluate(single("REDUCE_ALL", inputs, [{ type: "bool" }], {}), value);
    expect(all.y0?.toArray()).toEqual([false, true]);
  });

  test("ARG_MAX and ARG_MIN in the dtype of the file", async () => {
    const axis = { shape: [], type: "int32", data: [-1] };
    const max = await evaluate(single("ARG_MAX", [{ shape: [2, 3] }, axis], [{ type: "int64" }]), { x0 });
    expect([max.y0?.dtype, max.y0?.toArray()]).toEqual(["int64", [2, 0]]);
    const min = await evaluate(single("ARG_MIN", [{ shape: [2, 3] }, axis], [{ type: "int32" }]), { x0 });
    expect([min.y0?.dtype, min.y0?.toArray()]).toEqual(["int32", [0, 1]]);
  });
});

describe("along the last axis", () => {
  const exps = (beta: number): number[] => [1, 2, 4].map((v) => Math.exp(beta * v));
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b);

  test.each([1, 0.5])("SOFTMAX with beta %f", async (beta) => {
    const { y0 } = await evaluate(single("SOFTMAX", [{ shape: [1, 3] }], [{}], { beta }), { x0: tensor([[1, 2, 4]]) });
    assertAllClose(y0, tensor([exps(beta).map((e) => e / total(exps(beta)))]));
  });

  test("LOG_SOFTMAX", async () => {
    const { y0 } = await evaluate(single("LOG_SOFTMAX", [{ shape: [1, 3] }], [{}]), { x0: tensor([[1, 2, 4]]) });
    assertAllClose(y0, tensor([[1, 2, 4].map((v) => v - Math.log(total(exps(1))))]));
  });

  test("L2_NORMALIZATION; short vectors are divided by 1e-6", async () => {
    const model = single("L2_NORMALIZATION", [{ shape: [2, 2] }], [{}], {});
    assertAllClose(
      (
        await evaluate(model, {
          x0: tensor([
            [3, 4],
            [0, 1e-8],
          ]),
        })
      ).y0,
      tensor([
        [0.6, 0.8],
        [0, 0.01],
      ]),
    );
  });

  test("CUMSUM", async () => {
    const axis = { shape: [], type: "int32", data: [0] };
    const plain = await evaluate(single("CUMSUM", [{ shape: [3] }, axis], [{}], {}), { x0: tensor([1, 2, 4]) });
    expect(plain.y0?.toArray()).toEqual([1, 3, 7]);
    const options = { exclusive: true, reverse: true };
    const other = await evaluate(single("CUMSUM", [{ shape: [3] }, axis], [{}], options), { x0: tensor([1, 2, 4]) });
    expect(other.y0?.toArray()).toEqual([6, 4, 0]);
  });
});

describe("BATCH_MATMUL", () => {
  const a = tensor([
    [
      [1, 2],
      [3, 4],
    ],
  ]);
  const b = tensor([
    [
      [1, 0],
      [1, 1],
    ],
  ]);

  test.each([
    [
      { adjX: false, adjY: false },
      [
        [
          [3, 2],
          [7, 4],
        ],
      ],
    ],
    [
      { adjX: true, adjY: false },
      [
        [
          [4, 3],
          [6, 4],
        ],
      ],
    ],
    [
      { adjX: false, adjY: true },
      [
        [
          [1, 3],
          [3, 7],
        ],
      ],
    ],
  ])("%j", async (options, expected) => {
    const model = single("BATCH_MATMUL", [{ shape: [1, 2, 2] }, { shape: [1, 2, 2] }], [{}], options);
    expect((await evaluate(model, { x0: a, x1: b })).y0?.toArray()).toEqual(expected);
  });
});

test("axes of an image that is held with its channels first are the file's", async () => {
  const { buildModel } = await import("../build.ts");
  const model = buildModel({
    tensors: [
      { name: "x", shape: [1, 2, 3, 2] },
      { shape: [2, 1, 1, 2], data: [1, 0, 0, 1] },
      { name: "conv", shape: [1, 2, 3, 2] },
      axes(1),
      { name: "rows", shape: [1, 3, 2] },
      axes(1, 2),
      { name: "channels", shape: [1, 2] },
      axes(3),
      { name: "kept", shape: [1, 2, 3, 1] },
    ],
    inputs: [0],
    outputs: [4, 6, 8],
    operators: [
      { op: "CONV_2D", inputs: [0, 1], outputs: [2], options: { padding: 1, strideH: 1, strideW: 1 } },
      { op: "SUM", inputs: [2, 3], outputs: [4], options: { keepDims: false } },
      { op: "SUM", inputs: [2, 5], outputs: [6], options: { keepDims: false } },
      { op: "SUM", inputs: [2, 7], outputs: [8], options: { keepDims: true } },
    ],
  });
  const x = tensor(
    Float32Array.from({ length: 12 }, (_, i) => i),
    { shape: [1, 2, 3, 2] },
  );
  const { rows, channels, kept } = await evaluate(model, { x });
  expect(rows?.toArray()).toEqual([
    [
      [6, 8],
      [10, 12],
      [14, 16],
    ],
  ]);
  expect(channels?.toArray()).toEqual([[30, 36]]);
  expect([...(kept as Tensor).dataSync()]).toEqual([1, 5, 9, 13, 17, 21]);
});
