import fc from "fast-check";
import type { LinalgOps } from "../../ops/linalg/index.ts";
import { extent, windowOutput, type WindowGeometry } from "../../ops/linalg/window.ts";
import type { ConvAttributes, ConvTransposeAttributes, ConvWeightGradAttributes, Pair } from "../../ops/vocabulary.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import { type OpCase, type OpCases, type OpCaseTable, floatDTypes } from "./case.ts";
import { pairOf, windows } from "./windows.ts";

const rows = (shape: readonly number[]): HostTensor =>
  fromLanes(
    "float32",
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => (i % 7) - 3),
  );

interface Setting {
  readonly batch: number;
  readonly groups: number;
  /** Channels per group. */
  readonly perGroup: number;
  readonly outPerGroup: number;
  readonly image: Pair;
  readonly window: WindowGeometry;
}

/** A convolution that fits: images at least as large as the window. Groups of one channel each are depthwise. */
function settings(small: boolean): fc.Arbitrary<Setting> {
  const few = fc.integer({ min: 1, max: small ? 1 : 2 });
  return fc
    .record({
      batch: fc.oneof({ arbitrary: few, weight: 9 }, { arbitrary: fc.constant(small ? 1 : 0), weight: 1 }),
      groups: fc.integer({ min: 1, max: small ? 2 : 3 }),
      perGroup: few,
      outPerGroup: few,
      image: pairOf(1, small ? 3 : 6),
      window: windows(),
    })
    .map(({ image, ...rest }) => ({
      ...rest,
      image: [reach(rest.window, 0, image[0]), reach(rest.window, 1, image[1])] as const,
    }));
}

/** The image's length, made as long as the window where it is shorter. */
function reach({ kernel, dilations, pads }: WindowGeometry, axis: 0 | 1, length: number): number {
  return Math.max(length, extent(kernel[axis], dilations[axis]) - pads[axis] - pads[(axis + 2) as 2 | 3], 1);
}

function attributesOf({ window: { strides, pads, dilations }, groups }: Setting): ConvAttributes {
  return { strides, pads, dilations, groups };
}

const shapesOf = ({ batch, groups, perGroup, outPerGroup, image, window }: Setting) => ({
  x: [batch, groups * perGroup, ...image],
  weight: [groups * outPerGroup, perGroup, ...window.kernel],
  y: [batch, groups * outPerGroup, ...windowOutput("case", image, window)],
});

type Build<A> = (setting: Setting) => { readonly shapes: readonly (readonly number[])[]; readonly attributes: A };

function convolution<A>(build: Build<A>, examples: readonly OpCase<A>[]): OpCases<A> {
  const generate = (dtype: DType, small: boolean): fc.Arbitrary<OpCase<A>> =>
    settings(small).chain((setting) => {
      const { shapes, attributes } = build(setting);
      const inputs = shapes.map((shape) => tensorOf(dtype, shape, { min: -2, max: 2 }));
      return fc.tuple(...inputs).map((values) => ({ label: dtype, inputs: values, attributes }));
    });
  return {
    dtypes: floatDTypes,
    examples,
    arbitrary: (dtype) => generate(dtype, false),
    smooth: generate("float64", true),
  };
}

const plain: ConvAttributes = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 };

/** The image whose convolution gives the setting's output, up to what the last window leaves over. */
const transposed: Build<ConvTransposeAttributes> = (setting) => {
  const { y, weight, x } = shapesOf(setting);
  const { kernel, strides, pads, dilations } = setting.window;
  const left = (axis: 0 | 1): number => {
    const padded = (x[axis + 2] as number) + pads[axis] + pads[(axis + 2) as 2 | 3];
    return (padded - extent(kernel[axis], dilations[axis])) % strides[axis];
  };
  return { shapes: [y, weight], attributes: { ...attributesOf(setting), outputPadding: [left(0), left(1)] } };
};

/** Cases of the convolutions. */
export const convolutionCases: OpCaseTable<Pick<LinalgOps, "conv2d" | "convTranspose2d" | "conv2dWeightGrad">> = {
  conv2d: convolution<ConvAttributes>(
    (setting) => {
      const { x, weight } = shapesOf(setting);
      return { shapes: [x, weight], attributes: attributesOf(setting) };
    },
    [
      { label: "1 x 1", inputs: [rows([1, 2, 2, 2]), rows([3, 2, 1, 1])], attributes: plain },
      {
        label: "pads on one side only",
        inputs: [rows([1, 1, 3, 3]), rows([1, 1, 2, 2])],
        attributes: { ...plain, pads: [2, 0, 0, 1] },
      },
      { label: "depthwise", inputs: [rows([1, 3, 4, 4]), rows([3, 1, 3, 3])], attributes: { ...plain, groups: 3 } },
      {
        label: "groups with two kernels each",
        inputs: [rows([2, 4, 3, 3]), rows([4, 2, 2, 2])],
        attributes: { ...plain, groups: 2 },
      },
      {
        label: "strides that leave cells over",
        inputs: [rows([1, 1, 6, 5]), rows([2, 1, 3, 2])],
        attributes: { ...plain, strides: [2, 3] },
      },
      {
        label: "dilated",
        inputs: [rows([1, 1, 5, 6]), rows([1, 1, 2, 3])],
        attributes: { ...plain, dilations: [3, 2] },
      },
      { label: "no batch", inputs: [rows([0, 1, 3, 3]), rows([1, 1, 2, 2])], attributes: plain },
    ],
  ),
  convTranspose2d: convolution<ConvTransposeAttributes>(transposed, [
    {
      label: "strides",
      inputs: [rows([1, 2, 2, 2]), rows([2, 1, 3, 3])],
      attributes: { ...plain, strides: [2, 2], outputPadding: [0, 0] },
    },
    {
      label: "output padding",
      inputs: [rows([1, 1, 2, 2]), rows([1, 2, 2, 2])],
      attributes: { ...plain, strides: [3, 2], outputPadding: [2, 1] },
    },
    {
      label: "groups and pads",
      inputs: [rows([1, 2, 3, 3]), rows([2, 1, 3, 3])],
      attributes: { ...plain, pads: [1, 0, 1, 2], groups: 2, outputPadding: [0, 0] },
    },
    {
      label: "output padding by dilation",
      inputs: [rows([1, 1, 2, 2]), rows([1, 1, 2, 2])],
      attributes: { ...plain, dilations: [2, 2], outputPadding: [1, 1] },
    },
  ]),
  conv2dWeightGrad: convolution<ConvWeightGradAttributes>(
    (setting) => {
      const { x, y } = shapesOf(setting);
      return { shapes: [x, y], attributes: { ...attributesOf(setting), kernel: setting.window.kernel } };
    },
    [
      {
        label: "strides that leave cells over",
        inputs: [rows([2, 1, 6, 5]), rows([2, 2, 2, 2])],
        attributes: { ...plain, strides: [2, 2], kernel: [3, 2] },
      },
      { label: "no batch", inputs: [rows([0, 1, 3, 3]), rows([0, 2, 2, 2])], attributes: { ...plain, kernel: [2, 2] } },
    ],
  ),
};
