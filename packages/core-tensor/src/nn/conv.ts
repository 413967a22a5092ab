import {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  concat,
  conv2d,
  convTranspose2d,
  transpose,
} from "../ops/index.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type Key, split } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type LayerOptions, initBias } from "./dense.ts";
import { heNormal } from "./initializers.ts";

export interface ConvParams {
  /** `[out, in / groups, height, width]` */
  readonly weight: Tensor;
  /** `[out]` */
  readonly bias?: Tensor;
}

export interface ConvTransposeParams {
  /** `[in, out / groups, height, width]` */
  readonly weight: Tensor;
  /** `[out]` */
  readonly bias?: Tensor;
}

export interface ConvLayerOptions extends LayerOptions {
  /** Parts that the channels are split into; each begins as a convolution of its own. Default 1. */
  readonly groups?: number;
}

/** One length for height and width, or `[height, width]`. */
export type KernelSize = number | readonly [height: number, width: number];

/**
 * Parameters of a 2-D convolution; weights by He's normal rule if not given.
 *
 * @throws ArgumentError when the groups do not divide the channels.
 */
export function initConv(
  key: Key,
  inputs: number,
  outputs: number,
  kernel: KernelSize,
  options: ConvLayerOptions = {},
): ConvParams {
  const [weightKey, biasKey] = split(key) as [Key, Key];
  const weight = concat(initGroups("initConv", weightKey, inputs, outputs, kernel, options), 0);
  return { weight, ...initBias(biasKey, outputs, options) };
}

/** Convolution of `[batch, in, height, width]`; options as for the op `conv2d`. */
export function conv({ weight, bias }: ConvParams, x: Tensor, options: Omit<Conv2dOptions, "bias"> = {}): Tensor {
  return conv2d(x, weight, bias === undefined ? options : { ...options, bias });
}

/** As `initConv`, for a transposed convolution. */
export function initConvTranspose(
  key: Key,
  inputs: number,
  outputs: number,
  kernel: KernelSize,
  options: ConvLayerOptions = {},
): ConvTransposeParams {
  const [weightKey, biasKey] = split(key) as [Key, Key];
  // Drawn as the kernels of the convolution from inputs to outputs, so that the fans are right, then turned.
  const groups = initGroups("initConvTranspose", weightKey, inputs, outputs, kernel, options);
  const weight = concat(
    groups.map((group) => transpose(group, [1, 0, 2, 3])),
    0,
  );
  return { weight, ...initBias(biasKey, outputs, options) };
}

/** Transposed convolution of `[batch, in, height, width]`; options as for the op `convTranspose2d`. */
export function convTranspose(
  { weight, bias }: ConvTransposeParams,
  x: Tensor,
  options: Omit<ConvTranspose2dOptions, "bias"> = {},
): Tensor {
  return convTranspose2d(x, weight, bias === undefined ? options : { ...options, bias });
}

/** One `[out / groups, in / groups, height, width]` per group. */
function initGroups(
  op: string,
  key: Key,
  inputs: number,
  outputs: number,
  kernel: KernelSize,
  { weight = heNormal, dtype = "float32", groups = 1 }: ConvLayerOptions,
): Tensor[] {
  if (!Number.isInteger(groups) || groups < 1 || inputs % groups !== 0 || outputs % groups !== 0) {
    const expected = `a divisor of ${inputs} inputs and ${outputs} outputs`;
    throw new ArgumentError({ op, argument: "groups", expected, found: String(groups) });
  }
  const size = typeof kernel === "number" ? [kernel, kernel] : kernel;
  return split(key, groups).map((own) => weight(own, [outputs / groups, inputs / groups, ...size], dtype));
}
