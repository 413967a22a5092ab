import { transpose } from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import type { DType } from "../tensor/dtype.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type Key, normal, truncatedNormal, uniform } from "../tensor/random/index.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type FloatDType = Extract<DType, "float32" | "float64" | "float16" | "bfloat16">;

/** Draws a parameter tensor of a shape. */
export type Initializer = (key: Key, shape: readonly number[], dtype?: FloatDType) => Tensor;

/** Where the inputs and outputs of a weight are: dense weights are `[in, out]`, convolution weights `[out, in / groups, kh, kw]`. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Number of values that feed one output, and that one input feeds. Rank 1 counts as `[1, n]`. */
export function fans(shape: readonly number[]): Fans {
  if (shape.length === 0) throw new ArgumentError({ op: "fans", argument: "shape", expected: "at least one axis", found: "a scalar" });
  if (shape.length === 1) return { fanIn: 1, fanOut: shape[0] as number };
  const [first, second] = shape as readonly [number, number];
  if (shape.length === 2) return { fanIn: first, fanOut: second };
  const receptive = sizeOf(shape.slice(2));
  return { fanIn: second * receptive, fanOut: first * receptive };
}

export interface VarianceOptions {
  /** Which count the variance is divided by. */
  readonly mode: "fanIn" | "fanOut" | "average";
  readonly distribution: "normal" | "truncatedNormal" | "uniform";
}

/** Standard deviation of a standard normal variable cut at two deviations. */
const truncatedStd = 0.8796256610342398;

/** Zero-mean values with variance `scale / fan`. The named initialisers below are special cases. */
export function varianceScaling(scale: number, { mode, distribution }: VarianceOptions): Initializer {
  return (key, shape, dtype = "float32") => {
    const { fanIn, fanOut } = fans(shape);
    const fan = mode === "fanIn" ? fanIn : mode === "fanOut" ? fanOut : (fanIn + fanOut) / 2;
    const std = Math.sqrt(scale / Math.max(1, fan));
    if (distribution === "uniform") return uniform(key, shape, { dtype, min: -std * Math.sqrt(3), max: std * Math.sqrt(3) });
    if (distribution === "normal") return normal(key, shape, { dtype, std });
    return truncatedNormal(key, shape, { dtype, std: std / truncatedStd });
  };
}

/** Uniform with variance `2 / (fanIn + fanOut)` (Glorot and Bengio 2010, equation 16). */
export const glorotUniform: Initializer = varianceScaling(1, { mode: "average", distribution: "uniform" });
/** Normal, cut at two deviations, with variance `2 / (fanIn + fanOut)` (Glorot and Bengio 2010, equation 12). */
export const glorotNormal: Initializer = varianceScaling(1, { mode: "average", distribution: "truncatedNormal" });
/** Uniform with variance `2 / fanIn` for layers before a ReLU (He et al. 2015, equation 10). */
export const heUniform: Initializer = varianceScaling(2, { mode: "fanIn", distribution: "uniform" });
/** Normal, cut at two deviations, with variance `2 / fanIn` (He et al. 2015, equation 10). */
export const heNormal: Initializer = varianceScaling(2, { mode: "fanIn", distribution: "truncatedNormal" });
/** Normal, cut at two deviations, with variance `1 / fanIn` (LeCun et al. 1998, equation 16). */
export const lecunNormal: Initializer = varianceScaling(1, { mode: "fanIn", distribution: "truncatedNormal" });

/** Every element the same. */
export function constantInitializer(value: number): Initializer {
  return (_key, shape, dtype = "float32") => tensor(new Float64Array(sizeOf(shape)).fill(value), { shape, dtype });
}

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain` (Saxe, McClelland and
 * Ganguli 2014). Axes after the first are taken together.
 */
export function orthogonal(gain = 1): Initializer {
  return (key, shape, dtype = "float32") => {
    if (shape.length < 2) throw new ArgumentError({ op: "orthogonal", argument: "shape", expected: "two axes or more", found: `[${shape.join(", ")}]` });
    const rows = shape[0] as number;
    const columns = sizeOf(shape.slice(1));
    const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
    const basis = orthonormalRows(normal(key, [count, length], { dtype: "float64" }).dataSync() as Float64Array, count, length);
    for (let i = 0; i < basis.length; i++) basis[i] = (basis[i] as number) * gain;
    const matrix = tensor(basis, { shape: [count, length] });
    const oriented = rows <= columns ? matrix : transpose(matrix);
    return tensor(oriented.dataSync(), { shape, dtype });
  };
}

/** Gram-Schmidt, each row twice, which is enough for orthogonality to rounding (Giraud et al. 2005). */
function orthonormalRows(values: Float64Array, count: number, length: number): Float64Array {
  const rows = values.slice();
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = rows.subarray(j * length, (j + 1) * length);
        let dot = 0;
        for (let k = 0; k < length; k++) dot += (row[k] as number) * (other[k] as number);
        for (let k = 0; k < length; k++) row[k] = (row[k] as number) - dot * (other[k] as number);
      }
    }
    let square = 0;
    for (const value of row) square += value * value;
    const norm = Math.sqrt(square);
    for (let k = 0; k < length; k++) row[k] = (row[k] as number) / norm;
  }
  return rows;
}
