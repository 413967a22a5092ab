import type { Dim } from "../tensor/dims.ts";
import type { DType } from "../tensor/dtype.ts";
import type { NoAttributes } from "./primitive.ts";
import type { Graph } from "./program.ts";

/** `[top, left, bottom, right]` cells added around the two spatial axes, as ONNX orders them. */
export type Pads2d = readonly [top: number, left: number, bottom: number, right: number];
/** `[along height, along width]`. */
export type Pair = readonly [height: number, width: number];

export interface ReduceAttributes {
  /** Rising, non-negative, each once. An empty list reduces nothing. */
  readonly axes: readonly number[];
  /** Keep reduced axes with length 1. */
  readonly keepDims: boolean;
}

export interface AxisAttributes {
  /** Non-negative. */
  readonly axis: number;
}

export interface ArgAttributes extends AxisAttributes {
  readonly keepDims: boolean;
}

export interface TopKAttributes extends AxisAttributes {
  readonly k: number;
  readonly largest: boolean;
}

export interface SortAttributes extends AxisAttributes {
  readonly descending: boolean;
}

export interface CumsumAttributes extends AxisAttributes {
  /** Element i is the sum of those before it, without itself. */
  readonly exclusive: boolean;
  /** Sum from the end. */
  readonly reverse: boolean;
}

export interface ConvAttributes {
  readonly strides: Pair;
  readonly pads: Pads2d;
  readonly dilations: Pair;
  readonly groups: number;
}

export interface ConvTransposeAttributes extends ConvAttributes {
  /** Rows and columns added at the bottom and right of the output, each < max(stride, dilation). */
  readonly outputPadding: Pair;
}

export interface ConvWeightGradAttributes extends ConvAttributes {
  /** Height and width of the kernel whose gradient this is. */
  readonly kernel: Pair;
}

export interface PoolAttributes {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads2d;
}

export interface MaxPoolAttributes extends PoolAttributes {
  readonly dilations: Pair;
}

export interface AvgPoolAttributes extends PoolAttributes {
  /** Divide by the whole window (true) or by its cells inside the image (false). */
  readonly countIncludePad: boolean;
}

export interface SliceAttributes {
  /** One per axis, inside the axis. */
  readonly starts: readonly Dim[];
  /** One per axis, exclusive, inside the axis; `start <= end`. */
  readonly ends: readonly Dim[];
  /** One per axis, >= 1. */
  readonly steps: readonly number[];
}

export interface PadAttributes {
  /** Cells added before and after, one per axis, >= 0. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

/** How an output coordinate maps to an input coordinate; the names are those of ONNX `Resize`. */
export type CoordinateMode =
  | "half_pixel"
  | "half_pixel_symmetric"
  | "pytorch_half_pixel"
  | "align_corners"
  | "asymmetric";
/** How nearest picks a cell; the names are those of ONNX `Resize`. */
export type NearestMode = "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";

export interface ResizeAttributes {
  readonly mode: "nearest" | "linear";
  /** Height and width of the result. */
  readonly size: Pair;
  readonly coordinateMode: CoordinateMode;
  readonly nearestMode: NearestMode;
}

export interface QuantizeAttributes {
  /**
   * `null`: one scale for the whole tensor (scalar). Otherwise scale and zero point belong to this axis: shape
   * `[dim]` when `blockSize` is 0, the shape of x with the axis divided by `blockSize` when it is not.
   */
  readonly axis: number | null;
  readonly blockSize: number;
  /** Dtype of the result. */
  readonly dtype: DType;
}

export interface ScanAttributes {
  /**
   * One step: inputs `[…carry, …slices, …constants]`, outputs `[…carry, …results]`. A slice is one entry of a
   * scanned input along its axis 0.
   */
  readonly body: Graph;
  readonly carries: number;
  readonly scanned: number;
  /** Number of steps. */
  readonly length: Dim;
  /** Walk from the last slice to the first; results are stacked at the place of their slice. */
  readonly reverse: boolean;
}

export interface CustomVjpAttributes {
  /** inputs -> outputs */
  readonly primal: Graph;
  /** inputs -> […outputs, …residuals] */
  readonly forward: Graph;
  /** […residuals, …output cotangents] -> input cotangents, one per input (zeros for those that are no floats) */
  readonly backward: Graph;
}

/**
 * The vocabulary: every primitive op and what it is told besides its inputs. A new op starts with a line here;
 * the compiler then asks for its record, its lowering in each backend and its test cases.
 *
 * Binary ops and `where` broadcast as NumPy does and want equal dtypes; results of comparisons are bool.
 */
export interface OpAttributes {
  // one input, element by element; float in, float out unless said otherwise
  neg: NoAttributes; // any number dtype
  abs: NoAttributes; // any number dtype
  sign: NoAttributes; // any number dtype
  exp: NoAttributes;
  expm1: NoAttributes;
  log: NoAttributes;
  log1p: NoAttributes;
  sqrt: NoAttributes;
  rsqrt: NoAttributes;
  reciprocal: NoAttributes;
  sin: NoAttributes;
  cos: NoAttributes;
  tan: NoAttributes;
  asin: NoAttributes;
  acos: NoAttributes;
  atan: NoAttributes;
  sinh: NoAttributes;
  cosh: NoAttributes;
  tanh: NoAttributes;
  asinh: NoAttributes;
  acosh: NoAttributes;
  atanh: NoAttributes;
  sigmoid: NoAttributes;
  relu: NoAttributes; // any number dtype; derivative 0 at 0
  /** log(1 + exp(x)) without overflow. */
  softplus: NoAttributes;
  erf: NoAttributes;
  erfInv: NoAttributes;
  lgamma: NoAttributes;
  /** Derivative of order `order + 1` of lgamma; order 0 is digamma. */
  polygamma: { readonly order: number };
  floor: NoAttributes;
  ceil: NoAttributes;
  round: NoAttributes; // halves to even
  isNan: NoAttributes; // bool
  isInf: NoAttributes; // bool
  logicalNot: NoAttributes; // bool

  // two inputs, element by element
  add: NoAttributes;
  sub: NoAttributes;
  mul: NoAttributes;
  div: NoAttributes; // whole numbers: truncated towards zero
  pow: NoAttributes;
  rem: NoAttributes; // remainder with the sign of the divisor (floor modulo)
  atan2: NoAttributes;
  minimum: NoAttributes;
  maximum: NoAttributes;
  equal: NoAttributes;
  notEqual: NoAttributes;
  less: NoAttributes;
  lessEqual: NoAttributes;
  greater: NoAttributes;
  greaterEqual: NoAttributes;
  logicalAnd: NoAttributes;
  logicalOr: NoAttributes;
  logicalXor: NoAttributes;
  /** (condition bool, then, else) */
  where: NoAttributes;

  // along axes
  sum: ReduceAttributes;
  mean: ReduceAttributes;
  prod: ReduceAttributes;
  // max, min, argMax, argMin, topK, sort, maxPool2d: with NaN among the elements the reference gives NaN (or its place:
  // NaN counts as the largest, and for argMin as the smallest); engines may overlook it, as ONNX Runtime does.
  max: ReduceAttributes;
  min: ReduceAttributes;
  any: ReduceAttributes;
  all: ReduceAttributes;
  argMax: ArgAttributes; // int32, first of equals
  argMin: ArgAttributes; // int32, first of equals
  topK: TopKAttributes; // -> values, indices int32; best first, ties by lower index
  sort: SortAttributes; // -> values, indices int32; stable
  cumsum: CumsumAttributes;
  softmax: AxisAttributes;
  logSoftmax: AxisAttributes;

  // linear algebra and images; layouts [batch, channels, height, width] and [out, in / groups, height, width]
  /** [..., n, k] x [..., k, m] -> [..., n, m]; leading axes broadcast. */
  matmul: NoAttributes;
  conv2d: ConvAttributes;
  /** (x [N, C, h, w], weight [C, O / groups, kh, kw]); the adjoint of conv2d in its image. */
  convTranspose2d: ConvTransposeAttributes;
  /** (x [N, C, H, W], dy [N, O, oh, ow]) -> [O, C / groups, kh, kw]; the adjoint of conv2d in its weight. */
  conv2dWeightGrad: ConvWeightGradAttributes;
  /** -> values, and int32 positions in the flattened [H * W] plane of the image (first of equals). NaN: as for `max`. */
  maxPool2d: MaxPoolAttributes;
  avgPool2d: AvgPoolAttributes;
  /** On the last two axes of [N, C, H, W]. */
  resize2d: ResizeAttributes;

  // moving elements
  reshape: { readonly shape: readonly Dim[] };
  /** Output axis i is input axis `permutation[i]`. */
  transpose: { readonly permutation: readonly number[] };
  broadcastTo: { readonly shape: readonly Dim[] };
  /** Any number of inputs. */
  concat: AxisAttributes;
  slice: SliceAttributes;
  pad: PadAttributes;
  reverse: { readonly axes: readonly number[] };
  /** (x, indices int32 or int64): out shape = x.shape with `axis` replaced by the shape of indices. Indices inside the axis. */
  gather: AxisAttributes;
  /** (x, indices of the rank of x): out[i, j] = x[indices[i, j], j] for axis 0. */
  gatherElements: AxisAttributes;
  /** (x, indices, updates of the shape that gather would give): x with updates added; repeats add up. The adjoint of gather. */
  scatterAdd: AxisAttributes;
  /** (x, indices, updates of the shape of indices): the adjoint of gatherElements. */
  scatterAddElements: AxisAttributes;
  /** 0, 1, …, length - 1. No inputs. */
  iota: { readonly length: Dim; readonly dtype: DType };
  /** The value of a dimension as a scalar. No inputs. */
  dimValue: { readonly dim: Dim; readonly dtype: DType };
  /** Indices int32 or int64 -> a new axis of length depth with 1 at the index, 0 elsewhere (everywhere for indices outside). */
  oneHot: { readonly depth: number; readonly axis: number; readonly dtype: DType };

  // element types
  /** Floats to whole numbers: towards zero, saturating, NaN to 0. Whole to narrower whole: wraps. To bool: != 0. */
  cast: { readonly dtype: DType };
  /**
   * (x float, scale, zero point of the result's dtype): saturate(roundHalfEven(x / scale) + zero point). NaN: the
   * reference gives the zero point; engines may give another number (ONNX Runtime the smallest).
   */
  quantize: QuantizeAttributes;
  /** (q, scale, zero point of q's dtype): (q - zero point) * scale, in scale's dtype. */
  dequantize: QuantizeAttributes;

  // programs in programs, and the derivative's border
  scan: ScanAttributes;
  customVjp: CustomVjpAttributes;
  /** The value itself; no derivative flows back. */
  stopGradient: NoAttributes;
}

/** The name of a primitive. */
export type OpName = keyof OpAttributes;
