import type { CoordinateMode, NearestMode } from "../../../src/ops/vocabulary.ts";
import type { Case, Cases } from "./case.ts";
import { floats, values, wholes } from "./graphs.ts";

type ImageOps = "conv2d" | "convTranspose2d" | "conv2dWeightGrad" | "maxPool2d" | "avgPool2d" | "resize2d";

const plain = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;

const convolutions: Case<"conv2d">[] = [
  { inputs: [floats([2, 3, 5, 6]), floats([4, 3, 3, 2], 2)], attributes: plain },
  {
    inputs: [floats([1, 2, 7, 7]), floats([3, 2, 3, 3], 2)],
    attributes: { ...plain, strides: [2, 3], pads: [1, 0, 2, 1] },
  },
  {
    inputs: [floats([1, 2, 7, 7]), floats([3, 2, 3, 2], 2)],
    attributes: { ...plain, dilations: [2, 3], pads: [1, 2, 0, 1] },
  },
  {
    inputs: [floats([2, 2, 9, 8]), floats([3, 2, 3, 2], 2)],
    attributes: { ...plain, strides: [2, 1], dilations: [2, 3], pads: [1, 1, 1, 1] },
  },
  { inputs: [floats([1, 4, 5, 5]), floats([6, 2, 3, 3], 2)], attributes: { ...plain, groups: 2 } },
  {
    inputs: [floats([1, 4, 7, 7]), floats([6, 2, 3, 3], 2)],
    attributes: { ...plain, strides: [2, 2], dilations: [2, 2], groups: 2 },
  },
  {
    inputs: [floats([2, 3, 5, 5]), floats([3, 1, 3, 3], 2)],
    attributes: { ...plain, groups: 3, strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  { inputs: [floats([1, 3, 5, 5]), floats([6, 1, 3, 2], 2)], attributes: { ...plain, groups: 3, strides: [1, 2] } },
  { inputs: [floats([1, 3, 6, 6]), floats([6, 1, 2, 2], 2)], attributes: { ...plain, groups: 3, dilations: [2, 2] } },
  { inputs: [floats([0, 3, 5, 5]), floats([2, 3, 3, 3], 2)], attributes: plain },
];

const transposed: Case<"convTranspose2d">[] = [
  { inputs: [floats([2, 3, 4, 5]), floats([3, 4, 3, 2], 2)], attributes: { ...plain, outputPadding: [0, 0] } },
  {
    inputs: [floats([1, 2, 4, 3]), floats([2, 3, 3, 3], 2)],
    attributes: { ...plain, strides: [2, 3], pads: [1, 0, 1, 2], outputPadding: [1, 2] },
  },
  {
    inputs: [floats([1, 2, 4, 3]), floats([2, 3, 3, 2], 2)],
    attributes: { ...plain, strides: [2, 1], dilations: [2, 3], pads: [0, 1, 2, 0], outputPadding: [1, 0] },
  },
  {
    inputs: [floats([1, 4, 4, 4]), floats([4, 3, 2, 2], 2)],
    attributes: { ...plain, groups: 2, strides: [2, 2], outputPadding: [0, 0] },
  },
  {
    inputs: [floats([1, 3, 4, 4]), floats([3, 2, 3, 3], 2)],
    attributes: { ...plain, groups: 3, strides: [2, 2], pads: [1, 1, 1, 1], outputPadding: [1, 1] },
  },
  {
    inputs: [floats([1, 2, 4, 4]), floats([2, 2, 1, 1], 2)],
    attributes: { ...plain, strides: [1, 1], pads: [1, 1, 0, 1], outputPadding: [0, 0] },
  },
];

const weightGradients: Case<"conv2dWeightGrad">[] = [
  { inputs: [floats([2, 3, 5, 6]), floats([2, 4, 3, 5], 2)], attributes: { ...plain, kernel: [3, 2] } },
  {
    inputs: [floats([1, 2, 7, 7]), floats([1, 3, 4, 2], 2)],
    attributes: { ...plain, strides: [2, 3], pads: [1, 0, 2, 1], kernel: [3, 3] },
  },
  {
    inputs: [floats([1, 2, 7, 7]), floats([1, 3, 3, 2], 2)],
    attributes: { ...plain, strides: [2, 2], dilations: [1, 3], pads: [0, 0, 0, 0], kernel: [3, 2] },
  },
  { inputs: [floats([2, 4, 5, 5]), floats([2, 6, 3, 3], 2)], attributes: { ...plain, groups: 2, kernel: [3, 3] } },
  { inputs: [floats([1, 3, 5, 5]), floats([1, 6, 4, 4], 2)], attributes: { ...plain, groups: 3, kernel: [2, 2] } },
  { inputs: [floats([0, 3, 5, 5]), floats([0, 2, 3, 3])], attributes: { ...plain, kernel: [3, 3] } },
];

const pooled = { kernel: [2, 3], strides: [2, 1], pads: [0, 0, 0, 0] } as const;

const maxPools: Case<"maxPool2d">[] = [
  { inputs: [floats([2, 3, 6, 5])], attributes: { ...pooled, dilations: [1, 1] } },
  { inputs: [wholes([1, 2, 6, 5], 0, 3)], attributes: { ...pooled, pads: [1, 1, 0, 2], dilations: [1, 1] } },
  {
    inputs: [wholes([1, 2, 6, 5], -128, -126, "int8")],
    attributes: { ...pooled, pads: [1, 1, 0, 2], dilations: [1, 1] },
  },
  { inputs: [wholes([1, 1, 4, 4], 0, 200, "uint8")], attributes: { ...pooled, pads: [1, 1, 0, 2], dilations: [1, 1] } },
  {
    inputs: [floats([1, 2, 7, 7])],
    attributes: { kernel: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1], dilations: [2, 3] },
  },
  {
    inputs: [values([NaN, 1, 2, -Infinity, -Infinity, -Infinity, 3, NaN, -Infinity], "float32", [1, 1, 3, 3])],
    attributes: { kernel: [2, 2], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] },
  },
  {
    inputs: [floats([0, 2, 4, 4])],
    attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
  },
];

const avgPools: Case<"avgPool2d">[] = [true, false].flatMap((countIncludePad) => [
  { inputs: [floats([2, 3, 6, 5])], attributes: { ...pooled, countIncludePad } },
  { inputs: [floats([1, 2, 6, 5])], attributes: { ...pooled, pads: [1, 1, 0, 2] as const, countIncludePad } },
]);

const coordinates: readonly CoordinateMode[] = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
];
const roundings: readonly NearestMode[] = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];
const sizes = [
  [3, 3],
  [7, 9],
  [1, 2],
  [4, 5],
  [8, 10],
] as const;

const resizes: Case<"resize2d">[] = coordinates.flatMap((coordinateMode) => [
  ...sizes.map(
    (size): Case<"resize2d"> => ({
      inputs: [floats([2, 2, 4, 5])],
      attributes: { mode: "linear", size, coordinateMode, nearestMode: "floor" },
    }),
  ),
  ...roundings.flatMap((nearestMode) =>
    sizes.map(
      (size): Case<"resize2d"> => ({
        inputs: [floats([1, 2, 4, 5])],
        attributes: { mode: "nearest", size, coordinateMode, nearestMode },
      }),
    ),
  ),
]);

/** Convolutions, pools and resizing with every attribute, asymmetric pads included. */
export const imageCases: Pick<Cases, ImageOps> = {
  conv2d: convolutions,
  convTranspose2d: transposed,
  conv2dWeightGrad: weightGradients,
  maxPool2d: maxPools,
  avgPool2d: avgPools,
  resize2d: resizes,
};
