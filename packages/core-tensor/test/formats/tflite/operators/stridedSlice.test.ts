import { type Tensor, tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate, single } from "../models.ts";

type Lists = readonly [begins: readonly number[], ends: readonly number[], strides: readonly number[]];

const model = (shape: readonly number[], lists: Lists, options: Record<string, number | boolean> = {}): Uint8Array =>
  single(
    "STRIDED_SLICE",
    [{ shape }, ...lists.map((data) => ({ shape: [data.length], type: "int32", data }))],
    [{}],
    options,
  );

const counting = (...shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    { shape },
  );

/** Title, shape, lists, options, what NumPy gives for numpy.arange(…).reshape(shape)[…]. */
const cases: readonly [string, readonly number[], Lists, Record<string, number | boolean>, unknown][] = [
  ["[1:3]", [5], [[1], [3], [1]], {}, [1, 2]],
  ["[-2:]", [5], [[-2], [0], [1]], { endMask: 1 }, [3, 4]],
  ["[:-1:2]", [5], [[9], [-1], [2]], { beginMask: 1 }, [0, 2]],
  ["[::-1]", [4], [[0], [0], [-1]], { beginMask: 1, endMask: 1 }, [3, 2, 1, 0]],
  ["[3:0:-2]", [5], [[3], [0], [-2]], {}, [3, 1]],
  ["[-1:-4:-1]", [5], [[-1], [-4], [-1]], {}, [4, 3, 2]],
  ["[10:-10:-3]", [5], [[10], [-10], [-3]], {}, [4, 1]],
  ["[1:100]", [3], [[1], [100], [1]], {}, [1, 2]],
  ["[2]", [5], [[2], [3], [1]], { shrinkAxisMask: 1 }, 2],
  [
    "[-1, 1:]",
    [2, 3],
    [
      [-1, 1],
      [0, 0],
      [1, 1],
    ],
    { shrinkAxisMask: 1, endMask: 2 },
    [4, 5],
  ],
  [
    "[..., 0]",
    [2, 2, 2],
    [
      [0, 0],
      [0, 1],
      [1, 1],
    ],
    { ellipsisMask: 1, shrinkAxisMask: 2 },
    [
      [0, 2],
      [4, 6],
    ],
  ],
  [
    "[1, ...]",
    [2, 2],
    [
      [1, 0],
      [2, 0],
      [1, 1],
    ],
    { ellipsisMask: 2, shrinkAxisMask: 1 },
    [2, 3],
  ],
  [
    "[newaxis, :, newaxis]",
    [2],
    [
      [0, 0, 0],
      [0, 0, 0],
      [1, 1, 1],
    ],
    { newAxisMask: 5, beginMask: 2, endMask: 2 },
    [[[0], [1]]],
  ],
  [
    "[newaxis, ..., 1]",
    [2, 2],
    [
      [0, 0, 1],
      [0, 0, 2],
      [1, 1, 1],
    ],
    { newAxisMask: 1, ellipsisMask: 2, shrinkAxisMask: 4 },
    [[1, 3]],
  ],
  ["ends counted from the begins", [5], [[2], [2], [1]], { offset: true }, [2, 3]],
  ["fewer ranges than axes", [2, 2], [[1], [2], [1]], {}, [[2, 3]]],
];

describe("STRIDED_SLICE", () => {
  test.each(cases)("%s", async (_title, shape, lists, options, expected) => {
    const { y0 } = await evaluate(model(shape, lists, options), { x0: counting(...shape) });
    expect(y0?.toArray()).toEqual(expected);
  });

  test("any range of a vector agrees with walking along it", async () => {
    const bound = fc.integer({ min: -9, max: 9 });
    const stride = fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0);
    await fc.assert(
      fc.asyncProperty(bound, bound, stride, fc.integer({ min: 0, max: 3 }), async (begin, end, step, masks) => {
        const dim = 6;
        const place = (given: number): number =>
          Math.min(Math.max(given < 0 ? given + dim : given, step > 0 ? 0 : -1), step > 0 ? dim : dim - 1);
        const first = (masks & 1) === 1 ? (step > 0 ? 0 : dim - 1) : place(begin);
        const last = (masks & 2) === 2 ? (step > 0 ? dim : -1) : place(end);
        const expected: number[] = [];
        for (let i = first; step > 0 ? i < last : i > last; i += step) expected.push(i);
        const file = model([dim], [[begin], [end], [step]], { beginMask: masks & 1, endMask: (masks & 2) >> 1 });
        const { y0 } = await evaluate(file, { x0: counting(dim) }, { engine: expected.length > 0 });
        expect(y0?.toArray()).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ["a stride of 0", [3], [[0], [1], [0]], {}, /strides other than 0/],
    [
      "more ranges than axes",
      [3],
      [
        [0, 0],
        [1, 1],
        [1, 1],
      ],
      {},
      /at most 1 axes, got 2/,
    ],
    ["lists of different lengths", [3], [[0], [1, 1], [1]], {}, /of one length, got 1, 2, 1/],
    ["an index outside", [3], [[3], [4], [1]], { shrinkAxisMask: 1 }, /an index of an axis of 3, got 3/],
  ] as [string, number[], Lists, Record<string, number>, RegExp][])(
    "refused: %s",
    (_title, shape, lists, options, message) => {
      expect(() => readTflite(model(shape, lists, options))).toThrow(message);
    },
  );
});
