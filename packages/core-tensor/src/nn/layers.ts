import {
  type Conv2dOptions,
  add,
  attention as attentionOp,
  conv2d,
  gather,
  groupNorm as groupNormOp,
  layerNorm as layerNormOp,
  linear,
  reshape,
  rmsNorm as rmsNormOp,
  transpose,
} from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type Key, normal, split } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type FloatDType, type Initializer, constantInitializer, glorotUniform, heNormal } from "./initializers.ts";

/** A layer is a tree of parameters and a pure function that takes it first. */
export interface LayerOptions {
  readonly weight?: Initializer;
  /** Default: zeros. `false` leaves the bias out. */
  readonly bias?: Initializer | false;
  readonly dtype?: FloatDType;
}

export interface DenseParams {
  /** [in, out] */
  readonly weight: Tensor;
  /** [out] */
  readonly bias?: Tensor;
}

function bias(key: Key, length: number, { bias: init = constantInitializer(0), dtype = "float32" }: LayerOptions): { readonly bias?: Tensor } {
  return init === false ? {} : { bias: init(key, [length], dtype) };
}

/** Parameters of a dense layer; weights by Glorot's uniform rule unless said otherwise. */
export function initDense(key: Key, inputs: number, outputs: number, options: LayerOptions = {}): DenseParams {
  const [weightKey, biasKey] = split(key) as [Key, Key];
  const { weight = glorotUniform, dtype = "float32" } = options;
  return { weight: weight(weightKey, [inputs, outputs], dtype), ...bias(biasKey, outputs, options) };
}

/** `x @ weight + bias`: [..., in] -> [..., out]. */
export function dense({ weight, bias: shift }: DenseParams, x: Tensor): Tensor {
  return linear(x, weight, shift);
}

export interface ConvParams {
  /** [out, in / groups, height, width] */
  readonly weight: Tensor;
  /** [out] */
  readonly bias?: Tensor;
}

export interface ConvLayerOptions extends LayerOptions {
  /** Default 1. */
  readonly groups?: number;
}

/** Parameters of a 2-D convolution; weights by He's normal rule unless said otherwise. `kernel` is one length or [height, width]. */
export function initConv(key: Key, inputs: number, outputs: number, kernel: number | readonly [number, number], options: ConvLayerOptions = {}): ConvParams {
  const [weightKey, biasKey] = split(key) as [Key, Key];
  const { weight = heNormal, dtype = "float32", groups = 1 } = options;
  if (inputs % groups !== 0) throw new ArgumentError({ op: "initConv", argument: "groups", expected: `a divisor of ${inputs} inputs`, found: String(groups) });
  const size = typeof kernel === "number" ? [kernel, kernel] : kernel;
  return { weight: weight(weightKey, [outputs, inputs / groups, ...size], dtype), ...bias(biasKey, outputs, options) };
}

/** Convolution of [batch, in, height, width]; options as for the op `conv2d`. */
export function conv({ weight, bias: shift }: ConvParams, x: Tensor, options: Omit<Conv2dOptions, "bias"> = {}): Tensor {
  const y = conv2d(x, weight, options);
  return shift === undefined ? y : add(y, reshape(shift, [-1, 1, 1]));
}

export interface NormParams {
  /** Multiplied after normalising; starts at 1. */
  readonly scale: Tensor;
  /** Added after that; starts at 0. */
  readonly bias?: Tensor;
}

/** Scale 1 and shift 0 for `length` features; `bias: false` for RMS norm. */
export function initNorm(length: number, { bias: hasBias = true, dtype = "float32" }: { readonly bias?: boolean; readonly dtype?: FloatDType } = {}): NormParams {
  const filled = (value: number): Tensor => tensor(new Float64Array(length).fill(value), { dtype });
  return hasBias ? { scale: filled(1), bias: filled(0) } : { scale: filled(1) };
}

/** Layer norm over the last axis (Ba, Kiros and Hinton 2016). */
export function layerNorm({ scale, bias: shift }: NormParams, x: Tensor, eps = 1e-5): Tensor {
  return layerNormOp(x, scale, shift, { eps });
}

/** RMS norm over the last axis (Zhang and Sennrich 2019). */
export function rmsNorm({ scale }: NormParams, x: Tensor, eps = 1e-6): Tensor {
  return rmsNormOp(x, scale, { eps });
}

/** Group norm of [batch, channels, height, width] (Wu and He 2018). */
export function groupNorm({ scale, bias: shift }: NormParams, x: Tensor, groups: number, eps = 1e-5): Tensor {
  return groupNormOp(x, groups, scale, shift, { eps });
}

export interface EmbeddingParams {
  /** [entries, width] */
  readonly table: Tensor;
}

/** A table of normal vectors with the given standard deviation (default 0.02, as in GPT-2). */
export function initEmbedding(key: Key, entries: number, width: number, { std = 0.02, dtype = "float32" }: { readonly std?: number; readonly dtype?: FloatDType } = {}): EmbeddingParams {
  return { table: normal(key, [entries, width], { std, dtype }) };
}

/** Rows of the table: indices of any shape -> [...shape, width]. */
export function embedding({ table }: EmbeddingParams, indices: Tensor): Tensor {
  return gather(table, indices, 0);
}

export interface AttentionParams {
  readonly query: DenseParams;
  readonly key: DenseParams;
  readonly value: DenseParams;
  readonly output: DenseParams;
}

/** Four dense layers of `width` x `width`. */
export function initAttention(key: Key, width: number, options: LayerOptions = {}): AttentionParams {
  const [q, k, v, o] = split(key, 4) as [Key, Key, Key, Key];
  const layer = (own: Key): DenseParams => initDense(own, width, width, options);
  return { query: layer(q), key: layer(k), value: layer(v), output: layer(o) };
}

export interface MultiHeadOptions {
  readonly heads: number;
  /** Where keys and values come from: [batch, length, width]. Default: x itself. */
  readonly memory?: Tensor;
  /** bool, broadcast to [batch, heads, queries, keys]; false keeps a query from seeing a key. */
  readonly mask?: Tensor;
  /** A query sees keys up to its own place only. */
  readonly causal?: boolean;
}

/** Multi-head attention of [batch, length, width] (Vaswani et al. 2017, section 3.2). */
export function multiHeadAttention(params: AttentionParams, x: Tensor, { heads, memory = x, ...rest }: MultiHeadOptions): Tensor {
  const width = params.query.weight.shape[1] as number;
  if (width % heads !== 0) throw new ArgumentError({ op: "multiHeadAttention", argument: "heads", expected: `a divisor of the width ${width}`, found: String(heads) });
  const [batch, length] = x.shape as readonly [number, number];
  const toHeads = (y: Tensor): Tensor => transpose(reshape(y, [y.shape[0] as number, y.shape[1] as number, heads, width / heads]), [0, 2, 1, 3]);
  const mixed = attentionOp(toHeads(dense(params.query, x)), toHeads(dense(params.key, memory)), toHeads(dense(params.value, memory)), rest);
  return dense(params.output, reshape(transpose(mixed, [0, 2, 1, 3]), [batch, length, width]));
}
