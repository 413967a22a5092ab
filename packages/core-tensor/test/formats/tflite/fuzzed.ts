import { UnsupportedError } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { readModel } from "../../../src/formats/tflite/schema.ts";
import type { ByteRange, FuzzFile, FuzzOptions } from "../fuzz.ts";
import { buildModel } from "./build.ts";
import { faceDetection, noise, single } from "./models.ts";

/** Half of the damage is done where the tables of tensors and operators lie. */
function withTables(bytes: Uint8Array): FuzzFile {
  const { tensors, operators } = readModel(bytes).main;
  const places = [...tensors, ...operators].map(({ offset }) => offset);
  const structural: ByteRange[] = [
    [0, 1024],
    [Math.min(...places) - 1024, Math.max(...places) + 256],
  ];
  return { bytes, structural };
}

/** A quantised model with a shape that it computes, a sparse constant and a fused activation: most of it is structure. */
function small(): Uint8Array {
  const q = { type: "int8", scale: [0.5], zeroPoint: [3] };
  return buildModel({
    tensors: [
      { name: "x", shape: [1, 6, 6, 2], signature: [-1, 6, 6, 2], ...q },
      {
        name: "w",
        shape: [4, 3, 3, 2],
        type: "int8",
        data: [...noise(72, 1)].map((v) => Math.round(v * 127)),
        scale: [1, 2, 3, 4],
        zeroPoint: [0, 0, 0, 0],
      },
      { name: "b", shape: [4], type: "int32", data: [1, 2, 3, 4] },
      { name: "y", shape: [1, 6, 6, 4], ...q },
      { name: "f", shape: [1, 6, 6, 4] },
      { name: "pooled", shape: [1, 3, 3, 4] },
      { name: "shape", type: "int32", shape: [4] },
      { type: "int32", shape: [1], data: [0] },
      { type: "int32", shape: [1], data: [1] },
      { name: "batch", type: "int32", shape: [] },
      { type: "int32", shape: [], data: [36] },
      { name: "packed", type: "int32", shape: [2] },
      { name: "flat", shape: [1, 36] },
      {
        name: "sparse",
        type: "float16",
        shape: [2, 36],
        data: [0x3c00, 0x3c00, 0x4000],
        sparsity: { order: [0, 1], levels: [{ dense: 2 }, { width: 1, segments: [0, 1, 3], indices: [5, 0, 35] }] },
      },
      { name: "dense", type: "float16", shape: [2, 36] },
      { name: "weights", shape: [2, 36] },
      { name: "scores", shape: [1, 2] },
      { name: "probabilities", shape: [1, 2] },
    ],
    inputs: [0],
    outputs: [17],
    operators: [
      {
        op: "CONV_2D",
        inputs: [0, 1, 2],
        outputs: [3],
        options: { padding: 0, strideH: 1, strideW: 1, activation: 1 },
      },
      { op: "DEQUANTIZE", inputs: [3], outputs: [4] },
      {
        op: "AVERAGE_POOL_2D",
        inputs: [4],
        outputs: [5],
        options: { padding: 1, strideH: 2, strideW: 2, filterH: 2, filterW: 2 },
      },
      { op: "SHAPE", inputs: [5], outputs: [6] },
      { op: "STRIDED_SLICE", inputs: [6, 7, 8, 8], outputs: [9], options: { shrinkAxisMask: 1 } },
      { op: "PACK", inputs: [9, 10], outputs: [11], options: { count: 2, axis: 0 } },
      { op: "RESHAPE", inputs: [5, 11], outputs: [12] },
      { op: "DENSIFY", inputs: [13], outputs: [14] },
      { op: "DEQUANTIZE", inputs: [14], outputs: [15] },
      { op: "FULLY_CONNECTED", inputs: [12, 15, -1], outputs: [16], options: {} },
      { op: "SOFTMAX", inputs: [16], outputs: [17], options: { beta: 1 } },
    ],
  });
}

/** Movement and padding, whose options and lists say where to go. */
function moving(): Uint8Array {
  const ints = (...data: readonly number[]) => ({ type: "int32", shape: [data.length], data });
  return buildModel({
    tensors: [
      { name: "x", shape: [2, 3, 4] },
      ints(1, 0, 0),
      ints(2, 3, 4),
      ints(1, -1, 2),
      { name: "a", shape: [] },
      { type: "int32", shape: [3, 2], data: [0, 0, 1, 1, 0, 2] },
      { name: "b", shape: [] },
      { name: "c", shape: [] },
      ints(1, 1, 2),
      { name: "d", shape: [] },
      ints(2),
      { name: "e", shape: [] },
    ],
    inputs: [0],
    outputs: [11],
    operators: [
      {
        op: "STRIDED_SLICE",
        inputs: [0, 1, 2, 3],
        outputs: [4],
        options: { beginMask: 6, endMask: 2, ellipsisMask: 0 },
      },
      { op: "MIRROR_PAD", inputs: [4, 5], outputs: [6], options: { mode: 1 } },
      { op: "CONCATENATION", inputs: [6, 6, 6], outputs: [7], options: { axis: -1 } },
      { op: "TILE", inputs: [7, 8], outputs: [9] },
      { op: "GATHER", inputs: [9, 10], outputs: [11], options: { axis: 1 } },
    ],
  });
}

/** What is fuzzed: the networks of @mediapipe/face_detection, and small models that are mostly structure. */
export function fuzzed(): Omit<FuzzOptions, "count" | "seed"> {
  return {
    name: "tflite",
    files: {
      short_range: withTables(faceDetection("short_range")),
      full_range: withTables(faceDetection("full_range")),
      full_range_sparse: withTables(faceDetection("full_range_sparse")),
      small: { bytes: small(), structural: [[0, 4096]] },
      moving: { bytes: moving(), structural: [[0, 4096]] },
      transposed: single(
        "TRANSPOSE_CONV",
        [
          { shape: [4], type: "int32", data: [1, 4, 4, 1] },
          { shape: [1, 2, 2, 1], data: [1, 2, 3, 4] },
          { shape: [1, 2, 2, 1] },
        ],
        [{}],
        { padding: 0, strideH: 2, strideW: 2 },
      ),
    },
    read: readTflite,
    allows: (error) => error instanceof UnsupportedError,
  };
}
