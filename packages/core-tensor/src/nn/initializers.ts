import { tensor } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type FloatDType, type Key, normal, truncatedNormal, uniform } from "../tensor/random/index.ts";
import { checkShape, formatShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Makes a parameter of a shape; the same key gives the same numbers. Default dtype: float32. */
export type Initializer = (key: Key, shape: readonly number[], dtype?: FloatDType) => Tensor;

/** How many values feed one output of a weight, and how many outputs one input feeds. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Fans by shape: dense weights are `[in, out]`, convolution weights `[out, in, ...kernel]`, whose fans count every
 * cell of the kernel; `[n]` counts as `[1, n]`.
 *
 * @throws ArgumentError for a scalar, ShapeError for what is no shape.
 */
export function fans(shape: readonly number[]): Fans {
  checkShape("fans", shape);
  const [first, second, ...kernel] = shape;
  if (first === undefined) {
    throw new ArgumentError({
      op: "fans",
      argument: "shape",
      expected: "at least one axis",
      found: formatShape(shape),
    });
  }
  if (second === undefined) return { fanIn: 1, fanOut: first };
  if (kernel.length === 0) return { fanIn: first, fanOut: second };
  const cells = sizeOf(kernel);
  return { fanIn: second * cells, fanOut: first * cells };
}

export interface VarianceScalingOptions {
  /** Which count the variance is divided by: `"average"` is the mean of the two. */
  readonly mode: "fanIn" | "fanOut" | "average";
  /** `"truncatedNormal"` is cut at two standard deviations of the normal that it comes from. */
  readonly distribution: "normal" | "truncatedNormal" | "uniform";
}

/** Standard deviation of a standard normal variable cut at ±2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)). */
const truncatedStd = 0.8796256610342398;

/** Values of mean 0 and variance `scale / fan`, whatever the distribution. The rules below are special cases. */
export function varianceScaling(scale: number, { mode, distribution }: VarianceScalingOptions): Initializer {
  if (!(scale > 0 && scale < Infinity)) {
    throw new ArgumentError({
      op: "varianceScaling",
      argument: "scale",
      expected: "a finite number > 0",
      found: String(scale),
    });
  }
  return (key, shape, dtype = "float32") => {
    const { fanIn, fanOut } = fans(shape);
    const fan = { fanIn, fanOut, average: (fanIn + fanOut) / 2 }[mode];
    // A weight without elements has fan 0 and no variance to speak of.
    const std = Math.sqrt(scale / Math.max(1, fan));
    if (distribution === "normal") return normal(key, shape, { dtype, std });
    if (distribution === "truncatedNormal") return truncatedNormal(key, shape, { dtype, std: std / truncatedStd });
    const bound = Math.sqrt(3) * std;
    return uniform(key, shape, { dtype, min: -bound, max: bound });
  };
}

/** Uniform of variance `2 / (fanIn + fanOut)` (Glorot and Bengio 2010, equation 16). */
export const glorotUniform: Initializer = varianceScaling(1, { mode: "average", distribution: "uniform" });
/** Normal, cut at two deviations, of variance `2 / (fanIn + fanOut)` (Glorot and Bengio 2010, equation 12). */
export const glorotNormal: Initializer = varianceScaling(1, { mode: "average", distribution: "truncatedNormal" });
/** Uniform of variance `2 / fanIn`, for layers before a ReLU (He et al. 2015, equation 10). */
export const heUniform: Initializer = varianceScaling(2, { mode: "fanIn", distribution: "uniform" });
/** Normal, cut at two deviations, of variance `2 / fanIn`, for layers before a ReLU (He et al. 2015, equation 10). */
export const heNormal: Initializer = varianceScaling(2, { mode: "fanIn", distribution: "truncatedNormal" });
/** Uniform of variance `1 / fanIn` (LeCun et al. 1998, equation 16). */
export const lecunUniform: Initializer = varianceScaling(1, { mode: "fanIn", distribution: "uniform" });
/** Normal, cut at two deviations, of variance `1 / fanIn` (LeCun et al. 1998, equation 16). */
export const lecunNormal: Initializer = varianceScaling(1, { mode: "fanIn", distribution: "truncatedNormal" });

/** Normal of mean 0 and a given standard deviation, whatever the shape. */
export function normalInitializer(std: number): Initializer {
  return (key, shape, dtype = "float32") => normal(key, shape, { dtype, std });
}

/** Every element the same. */
export function constantInitializer(value: number): Initializer {
  return (_key, shape, dtype = "float32") => {
    checkShape("constantInitializer", shape);
    return tensor(new Float64Array(sizeOf(shape)).fill(value), { shape, dtype });
  };
}
