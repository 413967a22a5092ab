import { type Tensor, interpret, tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { describe, expect, test } from "vitest";
import { type TensorSpec, buildModel } from "../build.ts";
import { evaluate, single } from "../models.ts";

const ints = (...data: readonly number[]): TensorSpec => ({ shape: [data.length], type: "int32", data });
const one = (value: number): TensorSpec => ({ shape: [], type: "int32", data: [value] });

/** 0, 1, 2, … as floats. */
const counting = (...shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    { shape },
  );

const x = (...shape: readonly number[]): TensorSpec => ({ shape });

/** Title, operator, inputs, options, expected output. The first input that is no constant counts 0, 1, 2, …. */
const cases: readonly [
  string,
  string,
  readonly TensorSpec[],
  Record<string, number | boolean | readonly number[]> | undefined,
  unknown,
][] = [
  [
    "to other dimensions",
    "RESHAPE",
    [x(2, 3), ints(3, -1)],
    undefined,
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  ],
  ["shape as an option", "RESHAPE", [x(2, 3)], { shape: [6] }, [0, 1, 2, 3, 4, 5]],
  ["every axis of length 1", "SQUEEZE", [x(1, 2, 1)], {}, [0, 1]],
  ["named axes, from the end", "SQUEEZE", [x(1, 2, 1)], { axes: [-1] }, [[0, 1]]],
  ["in the middle", "EXPAND_DIMS", [x(2, 2), one(1)], undefined, [[[0, 1]], [[2, 3]]]],
  ["at the end", "EXPAND_DIMS", [x(2), one(-1)], undefined, [[0], [1]]],
  [
    "of a matrix",
    "TRANSPOSE",
    [x(2, 3), ints(1, 0)],
    undefined,
    [
      [0, 3],
      [1, 4],
      [2, 5],
    ],
  ],
  [
    "along the last axis",
    "CONCATENATION",
    [x(2, 2), { shape: [2, 1], data: [8, 9] }],
    { axis: -1 },
    [
      [0, 1, 8],
      [2, 3, 9],
    ],
  ],
  ["with RELU6", "CONCATENATION", [x(2), { shape: [2], data: [-8, 9] }], { axis: 0, activation: 3 }, [0, 1, 0, 6]],
  [
    "a part",
    "SLICE",
    [x(3, 3), ints(1, 0), ints(-1, 2)],
    undefined,
    [
      [3, 4],
      [6, 7],
    ],
  ],
  [
    "rows by position",
    "GATHER",
    [x(3, 2), ints(2, 0)],
    { axis: 0 },
    [
      [4, 5],
      [0, 1],
    ],
  ],
  [
    "columns, positions of two axes",
    "GATHER",
    [x(1, 3), { shape: [2, 1], type: "int32", data: [2, 1] }],
    { axis: -1 },
    [[[2], [1]]],
  ],
  ["one position", "GATHER", [x(3, 2), one(1)], { axis: 0 }, [2, 3]],
  [
    "along both axes",
    "TILE",
    [x(1, 2), ints(2, 2)],
    undefined,
    [
      [0, 1, 0, 1],
      [0, 1, 0, 1],
    ],
  ],
  [
    "to more axes",
    "BROADCAST_TO",
    [x(2), ints(2, 2)],
    undefined,
    [
      [0, 1],
      [0, 1],
    ],
  ],
  [
    "along one axis",
    "REVERSE_V2",
    [x(2, 2), ints(1)],
    undefined,
    [
      [1, 0],
      [3, 2],
    ],
  ],
];

describe("one result", () => {
  test.each(cases)("%s: %s", async (_title, op, inputs, options, expected) => {
    const shape = inputs[0]?.shape as readonly number[];
    const { y0 } = await evaluate(single(op, inputs, [{}], options), { x0: counting(...shape) });
    expect(y0?.toArray()).toEqual(expected);
  });

  test("PACK along a new axis", async () => {
    const model = single("PACK", [x(2), x(2), { shape: [2], data: [8, 9] }], [{}], { count: 3, axis: 1 });
    const { y0 } = await evaluate(model, { x0: tensor([0, 1]), x1: tensor([4, 5]) });
    expect(y0?.toArray()).toEqual([
      [0, 4, 8],
      [1, 5, 9],
    ]);
  });
});

describe("several results", () => {
  test("SPLIT", async () => {
    const model = single("SPLIT", [one(1), x(2, 4)], [{}, {}], { count: 2 });
    const { y0, y1 } = await evaluate(model, { x0: counting(2, 4) });
    expect([y0?.toArray(), y1?.toArray()]).toEqual([
      [
        [0, 1],
        [4, 5],
      ],
      [
        [2, 3],
        [6, 7],
      ],
    ]);
  });

  test("SPLIT_V with a length that is left open", async () => {
    const model = single("SPLIT_V", [x(5), ints(1, -1, 2), one(0)], [{}, {}, {}], { count: 3 });
    const { y0, y1, y2 } = await evaluate(model, { x0: counting(5) });
    expect([y0, y1, y2].map((y) => y?.toArray())).toEqual([[0], [1, 2], [3, 4]]);
  });

  test("UNPACK", async () => {
    const model = single("UNPACK", [x(2, 2)], [{}, {}], { count: 2, axis: -1 });
    const { y0, y1 } = await evaluate(model, { x0: counting(2, 2) });
    expect([y0?.toArray(), y1?.toArray()]).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });
});

describe("shapes as values", () => {
  test("SHAPE and RANK are constants where dimensions are known", async () => {
    const shape = await evaluate(single("SHAPE", [x(2, 3)], [{ type: "int32" }]), { x0: counting(2, 3) });
    expect(shape.y0?.toArray()).toEqual([2, 3]);
    const long = readTflite(single("SHAPE", [x(2, 3)], [{ type: "int64" }]));
    expect(interpret(long, { x0: counting(2, 3) })["y0"]?.dtype).toBe("int64");
    const rank = await evaluate(single("RANK", [x(2, 3)], [{ type: "int32" }]), { x0: counting(2, 3) });
    expect(rank.y0?.item()).toBe(2);
  });

  /** x [batch, 2, 2] -> SHAPE -> its first element -> PACK with 4 -> RESHAPE: what Keras' Flatten becomes. */
  const flatten = (batch: number): Uint8Array =>
    buildModel({
      tensors: [
        { name: "x", shape: [1, 2, 2], signature: [batch, 2, 2] },
        { name: "shape", type: "int32", shape: [3] },
        ints(0),
        ints(1),
        ints(1),
        { name: "batch", type: "int32", shape: [] },
        one(4),
        { name: "packed", type: "int32", shape: [2] },
        { name: "y", shape: [1, 4] },
      ],
      inputs: [0],
      outputs: [8],
      operators: [
        { op: "SHAPE", inputs: [0], outputs: [1] },
        { op: "STRIDED_SLICE", inputs: [1, 2, 3, 4], outputs: [5], options: { shrinkAxisMask: 1 } },
        { op: "PACK", inputs: [5, 6], outputs: [7], options: { count: 2, axis: 0 } },
        { op: "RESHAPE", inputs: [0, 7], outputs: [8] },
      ],
    });

  test("a shape that is computed from a symbolic batch becomes part of the reshape", async () => {
    const graph = readTflite(flatten(-1));
    expect(graph.types["x"]?.shape).toEqual(["batch", 2, 2]);
    expect(graph.types["y"]?.shape).toEqual(["batch", 4]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(["reshape"]);
    const { y } = await evaluate(flatten(-1), { x: counting(3, 2, 2) });
    expect(y?.shape).toEqual([3, 4]);
  });

  test("and with a fixed batch too", async () => {
    expect(readTflite(flatten(1)).nodes.map(({ op }) => op)).toEqual(["reshape"]);
  });

  test.each([
    ["ADD", "batch + 3"],
    ["SUB", "batch - 3"],
    ["MUL", "3*batch"],
  ])("%s of a symbolic dimension and a number", (op, expected) => {
    const graph = readTflite(arithmetic(op, [{ type: "int32", shape: [1], data: [3] }]));
    expect(graph.types["y"]?.shape).toEqual([expected]);
  });

  test("REDUCE_PROD, FLOOR_DIV and CAST of symbolic dimensions", () => {
    const graph = readTflite(
      buildModel({
        tensors: [
          { name: "x", shape: [1, 6], signature: [-1, 6] },
          { name: "shape", type: "int32", shape: [2] },
          ints(0),
          { name: "product", type: "int32", shape: [] },
          one(3),
          { name: "third", type: "int32", shape: [] },
          { name: "long", type: "int64", shape: [] },
          { shape: [], type: "int64", data: [3] },
          { name: "packed", type: "int64", shape: [2] },
          { name: "y", shape: [2, 3] },
        ],
        inputs: [0],
        outputs: [9],
        operators: [
          { op: "SHAPE", inputs: [0], outputs: [1] },
          { op: "REDUCE_PROD", inputs: [1, 2], outputs: [3], options: { keepDims: false } },
          { op: "FLOOR_DIV", inputs: [3, 4], outputs: [5] },
          { op: "CAST", inputs: [5], outputs: [6] },
          { op: "PACK", inputs: [6, 7], outputs: [8], options: { count: 2, axis: 0 } },
          { op: "RESHAPE", inputs: [0, 8], outputs: [9] },
        ],
      }),
    );
    expect(graph.types["y"]?.shape).toEqual(["2*batch", 3]);
  });

  test("a symbolic shape that is an output is computed by the program", async () => {
    const model = single("SHAPE", [{ shape: [1, 3], signature: [-1, 3] }], [{ type: "int32" }]);
    expect((await evaluate(model, { x0: counting(4, 3) })).y0?.toArray()).toEqual([4, 3]);
  });

  /** x [batch] -> its shape -> op with a constant -> 7 broadcast to that shape. */
  function arithmetic(op: string, constants: readonly TensorSpec[]): Uint8Array {
    return buildModel({
      tensors: [
        { name: "x", shape: [1], signature: [-1] },
        { name: "shape", type: "int32", shape: [1] },
        ...constants,
        { name: "result", type: "int32", shape: [1] },
        { shape: [], data: [7] },
        { name: "y", shape: [1] },
      ],
      inputs: [0],
      outputs: [5],
      operators: [
        { op: "SHAPE", inputs: [0], outputs: [1] },
        { op, inputs: [1, 2], outputs: [3], options: {} },
        { op: "BROADCAST_TO", inputs: [4, 3], outputs: [5] },
      ],
    });
  }
});
