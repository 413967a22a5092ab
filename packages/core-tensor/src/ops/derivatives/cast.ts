import { isFloat } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { cast, dequantize } from "../cast/index.ts";
import type { CastOps } from "../cast/primitives.ts";
import { divideDims } from "../dimensions.ts";
import { mul } from "../elementwise/index.ts";
import { onesLike, reshape } from "../movement/index.ts";
import type { DerivativeTable, VjpRule } from "../primitive.ts";
import { sum } from "../reduce/index.ts";
import type { QuantizeAttributes } from "../vocabulary.ts";

/** Sums elements over those that share a scale. */
function sumToScale(x: Tensor, { axis, blockSize }: QuantizeAttributes): Tensor {
  if (axis === null) return sum(x);
  if (blockSize === 0)
    return sum(
      x,
      x.shape.flatMap((_, i) => (i === axis ? [] : [i])),
    );
  const blocks = divideDims(x.shape[axis] as number, blockSize);
  return sum(reshape(x, [...x.shape.slice(0, axis), blocks, blockSize, ...x.shape.slice(axis + 1)]), axis + 1);
}

/** The value is linear in the scale, with the factor `q - zeroPoint`: what dequantize gives for a scale of 1. */
const dequantizeRule: VjpRule<QuantizeAttributes> = ({ inputs, cotangents, attributes }) => {
  const [q, scale, zeroPoint] = inputs as readonly [Tensor, Tensor, Tensor];
  const [g] = cotangents as readonly [Tensor];
  const { axis, blockSize } = attributes;
  const steps = dequantize(q, onesLike(scale), zeroPoint, axis === null ? {} : { axis, blockSize });
  return [null, sumToScale(mul(g, steps), attributes), null];
};

/** Derivatives of the ops that change element types. Nothing flows through whole numbers. */
export const castDerivatives: DerivativeTable<CastOps> = {
  cast: ({ inputs, cotangents }) => {
    const [x] = inputs as readonly [Tensor];
    const [g] = cotangents as readonly [Tensor];
    return [isFloat(x.dtype) ? cast(g, x.dtype) : null];
  },
  quantize: "none",
  dequantize: dequantizeRule,
  stopGradient: "none",
};
