import { type DType, dtypes, isDType } from "../../tensor/dtype.ts";
import { DTypeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { applyOne } from "../applyOne.ts";
import { expectInput } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { NoAttributes, Primitive } from "../primitive.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { convertDType } from "./convert.ts";

/** The record of `cast`. */
export const castRecord: Primitive<OpAttributes["cast"]> = {
  name: "cast",
  infer(inputs, { dtype }) {
    const { shape } = expectInput("cast", inputs);
    if (!isDType(dtype)) {
      throw new DTypeError({
        op: "cast",
        argument: "dtype",
        expected: Object.keys(dtypes).join(", "),
        found: String(dtype),
      });
    }
    return [{ dtype, shape }];
  },
  kernel(inputs, { dtype }) {
    const [x] = inputs as readonly [HostTensor];
    return [convertDType(x, dtype)];
  },
};

/**
 * The values in another dtype. To a float: rounded once, to nearest even. Float to whole: towards zero, saturating,
 * NaN to 0. Whole to narrower whole: wraps. To bool: whether it differs from 0. Packed dtypes are taken and given.
 * A value that has the dtype already is returned as it is.
 *
 * @example cast(tensor([1.9, -300]), "int8") // [1, -128]
 */
export function cast(x: Operand, dtype: DType): Tensor {
  const value = operand(x);
  return value.dtype === dtype ? value : applyOne(castRecord, [value], { dtype });
}

/** The record of `stopGradient`. */
export const stopGradientRecord: Primitive<NoAttributes> = {
  name: "stopGradient",
  infer(inputs) {
    return [expectInput("stopGradient", inputs)];
  },
  kernel: (inputs) => inputs,
};

/** The value itself, through which no derivative flows back. */
export function stopGradient(x: Operand): Tensor {
  return applyOne(stopGradientRecord, [operand(x)], {});
}
