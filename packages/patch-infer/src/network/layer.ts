/** `[along height, along width]`. */
export type Pair = readonly [height: number, width: number];

/** Whole-number layers have int8 weights and int32 biases. */
export type Weights = Float32Array | Int8Array;
export type Bias = Float32Array | Int32Array;

/** Results are moved into `[min, max]`: real numbers in a float layer, codes (-128 to 127) in an int8 layer. */
export interface Clamp {
  readonly min: number;
  readonly max: number;
}

/**
 * How 32-bit sums become int8 codes, TFLite's rule: `clamp(zeroPoint of the output + multiplyByQuantizedMultiplier(sum,
 * multiplier[c], shift[c]))`, where the multiplier is a 31-bit fraction and the shift a power of two (left > 0). One entry
 * per output channel.
 */
export interface Requantization {
  readonly multiplier: Int32Array;
  readonly shift: Int32Array;
}

/** A window that moves over an image. Padding belongs to each layer and is never derived again. */
export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Rows above and columns left of the image. */
  readonly padBefore: Pair;
  /** Rows below and columns right of it. */
  readonly padAfter: Pair;
}

interface LayerBase {
  readonly name: string;
  /** Feature maps that are read. */
  readonly inputs: readonly string[];
  /** The feature map that is made. */
  readonly output: string;
}

/**
 * Convolution with zero padding (int8: the input's zero point). Dense layers are 1 x 1 convolutions of the last axis.
 * weights: [out channels, kernel height, kernel width, in channels / groups].
 */
export interface Conv2d extends LayerBase, Window {
  readonly kind: "conv2d";
  readonly groups: number;
  readonly weights: Weights;
  /** One per output channel. */
  readonly bias: Bias;
  readonly clamp: Clamp;
  /** int8 only. */
  readonly requantization?: Requantization;
}

/** Each channel by itself: weights [kernel height, kernel width, channels]; output channel `c * multiplier + m` comes from input channel c. */
export interface DepthwiseConv2d extends LayerBase, Window {
  readonly kind: "depthwiseConv2d";
  /** Output channels per input channel. */
  readonly depthMultiplier: number;
  readonly weights: Weights;
  readonly bias: Bias;
  readonly clamp: Clamp;
  readonly requantization?: Requantization;
}

/** The adjoint of a convolution: input cell i adds to outputs `i * stride - padBefore + k * dilation`. weights [out, kh, kw, in / groups]. */
export interface ConvTranspose2d extends LayerBase, Window {
  readonly kind: "convTranspose2d";
  readonly groups: number;
  readonly weights: Weights;
  readonly bias: Bias;
  readonly clamp: Clamp;
  readonly requantization?: Requantization;
}

/** The largest cell of each window; cells outside the image do not take part. */
export interface MaxPool2d extends LayerBase, Window {
  readonly kind: "maxPool2d";
  readonly clamp: Clamp;
}

/** The mean of each window. */
export interface AveragePool2d extends LayerBase, Window {
  readonly kind: "averagePool2d";
  /** Divide by the whole window (true) or by its cells inside the image (false, TFLite's rule). */
  readonly countIncludePad: boolean;
  readonly clamp: Clamp;
}

/** How two int8 operands are brought to a common scale and back, TFLite's rule for ADD and SUB (left shift 20) and MUL (left shift 0). */
export interface BinaryRequantization {
  readonly leftShift: number;
  /** Left operand, right operand, result. MUL uses only the last. */
  readonly multipliers: readonly [left: number, right: number, result: number];
  readonly shifts: readonly [left: number, right: number, result: number];
}

export type BinaryFunction = "add" | "sub" | "mul" | "div" | "minimum" | "maximum" | "rsub" | "rdiv";

/**
 * Two values cell by cell: two maps of equal size, a map and a map of 1 x 1 x channels (read again for every cell), or a map
 * and a constant. `rsub` and `rdiv` have the operands the other way round.
 */
export interface Binary extends LayerBase {
  readonly kind: "binary";
  readonly fn: BinaryFunction;
  /** The right operand when `inputs` has one entry: one number for all cells or one per channel. int8: codes of `constantScale`. */
  readonly constant?: Weights;
  /** int8: the scale and zero point of `constant`. */
  readonly constantScale?: number;
  readonly constantZeroPoint?: number;
  readonly clamp: Clamp;
  readonly requantization?: BinaryRequantization;
}

export type UnaryFunction =
  | "clamp"
  | "leakyRelu"
  | "abs"
  | "neg"
  | "sigmoid"
  | "tanh"
  | "exp"
  | "log"
  | "sqrt"
  | "square"
  | "hardSwish"
  | "silu"
  | "softplus"
  | "floor";

/** One value cell by cell. int8 layers are a table of 256 results. */
export interface Unary extends LayerBase {
  readonly kind: "unary";
  readonly fn: UnaryFunction;
  /** `clamp`: the bounds. */
  readonly clamp: Clamp;
  /** `leakyRelu`: slopes below zero, one or one per channel. */
  readonly slope?: Float32Array;
  /** int8: the result for the codes -128, …, 127 (`leakyRelu` with slopes per channel: channels x 256). */
  readonly table?: Int8Array;
}

/** Between cell types: `quantize` float32 -> int8, `dequantize` back, `requantize` int8 -> int8 (a table). */
export interface Convert extends LayerBase {
  readonly kind: "convert";
  /** `requantize` only, as in `Unary`. */
  readonly table?: Int8Array;
}

/** More cells around the image or more channels. */
export interface Pad extends LayerBase {
  readonly kind: "pad";
  /** Rows, columns, channels. */
  readonly before: readonly [number, number, number];
  readonly after: readonly [number, number, number];
  /** What stands there: a real number, or a code. */
  readonly value: number;
}

/** Inputs side by side along height (0), width (1) or channels (2). int8 inputs have the scale of the output. */
export interface Concat extends LayerBase {
  readonly kind: "concat";
  readonly axis: 0 | 1 | 2;
}

/** For each output position along an axis the two input positions it is made from and the share of the second. */
export interface ResizeAxis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** All 0 for nearest. */
  readonly share: Float32Array;
}

/** Resampling; rows first, then columns, each `(1 - share) * low + share * high`. */
export interface Resize2d extends LayerBase {
  readonly kind: "resize2d";
  readonly mode: "nearest" | "linear";
  readonly rows: ResizeAxis;
  readonly columns: ResizeAxis;
}

/** Channels become cells, `block` x `block` of them. `"dcr"`: the block's position is the slower part of a channel number; `"crd"`: the faster one. */
export interface DepthToSpace extends LayerBase {
  readonly kind: "depthToSpace";
  readonly block: number;
  readonly order: "dcr" | "crd";
}

/** The inverse of `depthToSpace`. */
export interface SpaceToDepth extends LayerBase {
  readonly kind: "spaceToDepth";
  readonly block: number;
  readonly order: "dcr" | "crd";
}

/** A part of the image: from `starts`, every `steps`-th; rows, columns, channels. The output's size says how many. */
export interface Slice extends LayerBase {
  readonly kind: "slice";
  readonly starts: readonly [number, number, number];
  readonly steps: readonly [number, number, number];
}

/** One number per channel from all cells. Cells are added in row-major order (float32 sums are rounded after every cell). */
export interface GlobalPool extends LayerBase {
  readonly kind: "globalPool";
  readonly fn: "mean" | "sum" | "max";
  readonly clamp: Clamp;
  /** int8 mean and sum: one entry. */
  readonly requantization?: Requantization;
}

/** Softmax over the channels of each cell, float32. */
export interface Softmax extends LayerBase {
  readonly kind: "softmax";
}

/** Axes (height, width, channels) in another order: output axis i is input axis `permutation[i]`. The output may then be seen with other dimensions. */
export interface Transpose extends LayerBase {
  readonly kind: "transpose";
  readonly permutation: readonly [number, number, number];
}

/** Every kind of layer. A new one starts here; the compiler then asks for its rules, kernels and texts. */
export type Layer =
  | Conv2d
  | DepthwiseConv2d
  | ConvTranspose2d
  | MaxPool2d
  | AveragePool2d
  | Binary
  | Unary
  | Convert
  | Pad
  | Concat
  | Resize2d
  | DepthToSpace
  | SpaceToDepth
  | Slice
  | GlobalPool
  | Softmax
  | Transpose;

export type LayerKind = Layer["kind"];
export type LayerOf<Kind extends LayerKind> = Extract<Layer, { readonly kind: Kind }>;
