import { type Tensor, tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { describe, expect, test } from "vitest";
import { evaluate, single } from "../models.ts";

const pads = (...rows: readonly (readonly [number, number])[]) => ({
  shape: [rows.length, 2],
  type: "int32",
  data: rows.flat(),
});
const x0 = tensor([1, 2, 3]);

describe("padding", () => {
  test("PAD with zeros", async () => {
    const { y0 } = await evaluate(single("PAD", [{ shape: [3] }, pads([1, 2])], [{}], {}), { x0 });
    expect(y0?.toArray()).toEqual([0, 1, 2, 3, 0, 0]);
  });

  test("PADV2 with a value", async () => {
    const { y0 } = await evaluate(single("PADV2", [{ shape: [3] }, pads([0, 1]), { shape: [], data: [-7] }], [{}]), {
      x0,
    });
    expect(y0?.toArray()).toEqual([1, 2, 3, -7]);
  });

  test("MIRROR_PAD: REFLECT leaves the edge out, SYMMETRIC repeats it", async () => {
    const reflect = await evaluate(single("MIRROR_PAD", [{ shape: [3] }, pads([2, 1])], [{}], { mode: 0 }), { x0 });
    expect(reflect.y0?.toArray()).toEqual([3, 2, 1, 2, 3, 2]);
    const symmetric = await evaluate(single("MIRROR_PAD", [{ shape: [3] }, pads([2, 3])], [{}], { mode: 1 }), { x0 });
    expect(symmetric.y0?.toArray()).toEqual([2, 1, 1, 2, 3, 3, 2, 1]);
  });

  test("MIRROR_PAD of a matrix mirrors the corners too", async () => {
    const model = single("MIRROR_PAD", [{ shape: [2, 2] }, pads([1, 0], [0, 1])], [{}], { mode: 0 });
    expect(
      (
        await evaluate(model, {
          x0: tensor([
            [1, 2],
            [3, 4],
          ]),
        })
      ).y0?.toArray(),
    ).toEqual([
      [3, 4, 3],
      [1, 2, 1],
      [3, 4, 3],
    ]);
  });

  test("quantised zeros are the zero point", async () => {
    const q = { type: "int8", scale: [0.5], zeroPoint: [-3] };
    const model = single("PAD", [{ shape: [2], ...q }, pads([1, 0])], [{ ...q }]);
    const { y0 } = await evaluate(model, { x0: tensor([5, 6], { dtype: "int8" }) }, { engine: false });
    expect(y0?.toArray()).toEqual([-3, 5, 6]);
  });

  test.each([
    ["negative counts", [{ shape: [3] }, pads([-1, 0])], "PAD", {}, /two paddings >= 0 for each of 1 axes/],
    ["counts for other axes", [{ shape: [3] }, pads([1, 0], [1, 0])], "PAD", {}, /for each of 1 axes/],
    [
      "more mirrored cells than there are",
      [{ shape: [3] }, pads([3, 0])],
      "MIRROR_PAD",
      { mode: 0 },
      /at most 2 mirrored/,
    ],
    [
      "an unknown mode",
      [{ shape: [3] }, pads([1, 0])],
      "MIRROR_PAD",
      { mode: 2 },
      /REFLECT \(0\) or SYMMETRIC \(1\), got 2/,
    ],
    [
      "counts that are no whole numbers",
      [{ shape: [3] }, { shape: [1, 2], data: [1, 1] }],
      "PAD",
      {},
      /expected int32 or int64, got float32/,
    ],
  ] as const)("refused: %s", (_title, inputs, op, options, message) => {
    expect(() => readTflite(single(op, inputs, [{}], options))).toThrow(message);
  });

  test("refused: counts that the program computes", () => {
    const inputs = [{ shape: [3] }, { shape: [1, 2], type: "int32" }];
    expect(() => readTflite(single("PAD", inputs, [{}]))).toThrow(
      /operator 0 \(PAD\): paddings that are computed while/,
    );
  });
});

test("the order of axes is kept: images are padded without being moved", async () => {
  const shape = [1, 2, 2, 1];
  const { y0 } = await evaluate(single("PAD", [{ shape }, pads([0, 0], [1, 0], [0, 1], [0, 2])], [{}]), {
    x0: tensor([1, 2, 3, 4], { shape }),
  });
  expect((y0 as Tensor).shape).toEqual([1, 3, 3, 3]);
  expect([...(y0 as Tensor).dataSync()].filter((v) => v !== 0)).toEqual([1, 2, 3, 4]);
});
