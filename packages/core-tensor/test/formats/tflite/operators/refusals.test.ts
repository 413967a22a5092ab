import { UnsupportedError } from "@parsimony/core-tensor";
import { TfliteError, readTflite } from "@parsimony/core-tensor/tflite";
import { describe, expect, test } from "vitest";
import type { OperatorSpec, TensorSpec } from "../build.ts";
import { single } from "../models.ts";

const ints = (...data: readonly number[]): TensorSpec => ({ shape: [data.length], type: "int32", data });
const one = (value: number): TensorSpec => ({ shape: [], type: "int32", data: [value] });
const x = (...shape: readonly number[]): TensorSpec => ({ shape });
const constant = (...shape: readonly number[]): TensorSpec => ({
  shape,
  data: new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(1),
});
const open: TensorSpec = { shape: [1, 4], signature: [-1, 4] };
const moves = { padding: 1, strideH: 1, strideW: 1 };

type Case = readonly [op: string, inputs: readonly TensorSpec[], options: OperatorSpec["options"], message: RegExp];

/** Inputs and options that do not fit together. */
const damaged: readonly Case[] = [
  ["CONV_2D", [x(1, 2, 2, 3), constant(1, 1, 1, 2)], moves, /3 channels for weights of 2/],
  ["CONV_2D", [x(1, 2, 2, 3), constant(1, 3)], moves, /weights of four axes, got 2/],
  ["CONV_2D", [x(1, 2, 2, 1), constant(1, 3, 3, 1)], moves, /a window of at most 2 cells/],
  ["CONV_2D", [x(1, 2, 2, 1), constant(1, 1, 1, 1), constant(1, 1)], moves, /a bias of one axis, got 2/],
  ["CONV_2D", [x(1, 2, 2, 1), constant(2, 1, 1, 1), constant(3)], moves, /shapes that broadcast/],
  ["DEPTHWISE_CONV_2D", [x(1, 2, 2, 2), constant(1, 1, 1, 3)], moves, /a divisor of the 3 output channels/],
  ["TRANSPOSE_CONV", [ints(1, 2, 2), constant(1, 1, 1, 1), x(1, 2, 2, 1)], moves, /an output shape \[batch, height/],
  ["TRANSPOSE_CONV", [ints(1, 2, 2, 5), constant(1, 1, 1, 1), x(1, 2, 2, 1)], moves, /expected 1 channels, got 5/],
  [
    "TRANSPOSE_CONV",
    [ints(1, 0, 2, 1), constant(1, 1, 1, 1), x(1, 2, 2, 1)],
    moves,
    /an output size >= 1, got 1 and 0/,
  ],
  ["FULLY_CONNECTED", [x(1, 3), constant(3)], {}, /weights of two axes, got 1/],
  ["FULLY_CONNECTED", [x(1, 3), constant(2, 2)], {}, /dimensions that divide the 3 elements/],
  ["RESIZE_BILINEAR", [x(1, 2, 2, 1), ints(2, 2)], { alignCorners: true, halfPixelCenters: true }, /got both/],
  ["RESIZE_BILINEAR", [x(1, 2, 2, 1), ints(2)], {}, /expected height and width/],
  ["RESIZE_NEAREST_NEIGHBOR", [x(1, 2, 2, 1), ints(2, -2)], {}, /resize2d/],
  ["DEPTH_TO_SPACE", [x(1, 2, 2, 3)], { block: 2 }, /3 channels for blocks of 2 x 2/],
  ["DEPTH_TO_SPACE", [x(1, 2, 2, 3)], { block: 0 }, /blocks of at least 1, got 0/],
  ["SPACE_TO_DEPTH", [x(1, 2, 3, 1)], { block: 2 }, /blocks of 2 in an image of 2 x 3/],
  ["AVERAGE_POOL_2D", [x(1, 2, 2, 1)], { ...moves, filterH: 3, filterW: 1 }, /a window of at most 2 cells/],
  ["RESHAPE", [x(2, 3), ints(4)], undefined, /6 elements/],
  ["SQUEEZE", [x(1, 2)], { axes: [1] }, /axes of length 1, got axis 1 of \[1,2\]/],
  ["EXPAND_DIMS", [x(2), one(5)], undefined, /expected an axis of 2, got 5/],
  ["EXPAND_DIMS", [x(2), ints(0, 1)], undefined, /axes: expected one number/],
  ["TRANSPOSE", [x(2, 3), ints(0, 0)], undefined, /each of 2 axes once, got \[0,0\]/],
  ["CONCATENATION", [x(2), x(2, 1)], { axis: 0 }, /inputs of one rank/],
  ["CONCATENATION", [x(2, 2), x(3, 3)], { axis: 0 }, /concat/],
  ["SPLIT_V", [x(3), ints(1, 2), one(0)], { count: 2 }, /expected 1 parts, got 2/],
  ["SPLIT_V", [x(3), ints(2), one(0)], { count: 1 }, /lengths that sum to 3/],
  ["SLICE", [x(3), ints(1, 1), ints(1)], undefined, /1 begins and sizes, got 2 and 1/],
  ["SLICE", [x(3), ints(2), ints(2)], undefined, /inside of axis 0 of 3, got 2 from 2/],
  ["SLICE", [x(3), ints(-1), ints(1)], undefined, /inside of axis 0 of 3, got 1 from -1/],
  ["UNPACK", [x(3)], { count: 1 }, /expected 1 parts, got 3/],
  ["TILE", [x(3), ints(1, 2)], undefined, /expected 1 repeats, got 2/],
  ["BROADCAST_TO", [x(3), ints(2)], undefined, /broadcast/],
  ["PADV2", [x(3), { shape: [1, 2], type: "int32", data: [1, 0] }, constant(2)], undefined, /one padding value, got 2/],
  ["SOFTMAX", [x()], { beta: 1 }, /expected an axis, got a scalar/],
  ["BATCH_MATMUL", [x(2), x(2)], {}, /expected matrices, got 1 axes/],
  ["MEAN", [x(2), ints(1)], {}, /expected an axis of 1, got 1/],
];

/** What TFLite could do. */
const unsupported: readonly Case[] = [
  [
    "POW",
    [
      { shape: [1], type: "int32" },
      { shape: [1], type: "int32" },
    ],
    undefined,
    /operator 0 \(POW\): pow/,
  ],
  ["PADV2", [x(3), { shape: [1, 2], type: "int32", data: [1, 0] }, x()], undefined, /a padding value that is computed/],
  ["REVERSE_V2", [open, { shape: [1], type: "int32" }], undefined, /axes that are computed while the program runs/],
  ["STRIDED_SLICE", [open, ints(0), ints(1), ints(-1)], {}, /strides below 0 along the symbolic axis batch/],
  [
    "MIRROR_PAD",
    [open, { shape: [2, 2], type: "int32", data: [1, 0, 0, 0] }],
    { mode: 0 },
    /MIRROR_PAD\): needs the number of a symbolic dimension; the option shapes/,
  ],
  [
    "AVERAGE_POOL_2D",
    [x(1, 2 ** 21, 1, 1)],
    { ...moves, filterH: 1, filterW: 1 },
    /images above 1048576 cells along a side/,
  ],
];

function thrown(file: Uint8Array): unknown {
  try {
    readTflite(file);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("refused", () => {
  test.each(damaged)("%s as damaged %#", (op, inputs, options, message) => {
    const error = thrown(single(op, inputs, [{}], options));
    expect(error).toBeInstanceOf(TfliteError);
    expect(error).toMatchObject({ code: "invalid-operator", message: expect.stringMatching(message) });
  });

  test.each(unsupported)("%s as beyond what can be read %#", (op, inputs, options, message) => {
    const error = thrown(single(op, inputs, [{ type: inputs[0]?.type ?? "float32" }], options));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toMatch(message);
  });

  test("a fixed shape beside a symbolic batch, with a hint", () => {
    expect(() => readTflite(single("RESHAPE", [open, ints(1, 4)], [{}]))).toThrow(
      /reshape: shape: expected 4\*batch elements.*the option shapes can give symbolic dimensions a number/,
    );
  });

  test("int8 without a scale where floats are needed", () => {
    const file = single("EXP", [{ shape: [1], type: "int8" }], [{ type: "int8" }]);
    expect(thrown(file)).toMatchObject({
      code: "invalid-quantization",
      message: expect.stringMatching(/input 0 is int8 without a scale/),
    });
  });
});
