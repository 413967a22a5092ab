import type { DType } from "../../tensor/dtype.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, newLanes, readLanes } from "../../tensor/lanes.ts";
import { normalizeAxis, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import type { Operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import { expectIndices, indexOperand } from "./indices.ts";

/** A new axis with 1 at the index and 0 elsewhere. */
export const oneHotPrimitive: Primitive<{ readonly depth: number; readonly axis: number; readonly dtype: DType }> = {
  name: "oneHot",
  infer(inputs, { depth, axis, dtype }) {
    const indices = expectInput("oneHot", inputs);
    expectIndices("oneHot", indices.dtype);
    expectDType("oneHot", "dtype", dtype, "any");
    if (!Number.isInteger(depth) || depth < 0) {
      throw new ArgumentError({
        op: "oneHot",
        argument: "depth",
        expected: "a whole number >= 0",
        found: String(depth),
      });
    }
    const at = normalizeAxis("oneHot", axis, indices.shape.length + 1);
    return [{ dtype, shape: indices.shape.toSpliced(at, 0, depth) }];
  },
  kernel([input], { depth, axis }, [type]) {
    const { dtype, shape } = type as ConcreteType;
    const indices = readLanes(input as HostTensor);
    const inner = sizeOf(shape.slice(axis + 1));
    const lanes = newLanes(dtype, sizeOf(shape));
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      if (index < 0 || index >= depth) continue;
      const outer = Math.floor(i / inner);
      lanes[(outer * depth + index) * inner + (i - outer * inner)] = 1;
    }
    return [fromLanes(dtype, shape, lanes)];
  },
};

export interface OneHotOptions {
  /** Where the new axis stands in the result; negative ones count from the end. Default -1. */
  readonly axis?: number;
  /** Element type of the result. Default float32. */
  readonly dtype?: DType;
}

/**
 * Indicator vectors of indices: a new axis of length `depth` that holds 1 at the index and 0 elsewhere. An
 * index outside `[0, depth)` gives zeros only.
 *
 * @param indices int32 or int64; plain numbers are read as int32.
 * @throws DTypeError for other dtypes; ArgumentError for a depth that is no whole number; AxisError.
 * @example oneHot([1, 0], 2).toArray() // [[0, 1], [1, 0]]
 */
export function oneHot(indices: Operand, depth: number, options: OneHotOptions = {}): Tensor {
  const value = indexOperand(indices);
  const axis = normalizeAxis("oneHot", options.axis ?? -1, value.rank + 1);
  return apply(oneHotPrimitive, [value], { depth, axis, dtype: options.dtype ?? "float32" })[0] as Tensor;
}
