import { HostTensor } from "../../tensor/host.ts";
import { normalizeAxes } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { Primitive } from "../primitive.ts";

/** Elements from last to first along axes: a view with negative strides. */
export const reversePrimitive: Primitive<{ readonly axes: readonly number[] }> = {
  name: "reverse",
  infer(inputs, { axes }) {
    const x = expectInput("reverse", inputs);
    expectDType("reverse", "x", x.dtype, "any");
    normalizeAxes("reverse", axes, x.shape.length);
    return [x];
  },
  kernel([input], { axes }) {
    const { dtype, shape, storage, strides, offset } = input as HostTensor;
    const turned = [...strides];
    let start = offset;
    for (const axis of axes) {
      const stride = strides[axis] as number;
      start += stride * Math.max((shape[axis] as number) - 1, 0);
      turned[axis] = -stride;
    }
    const empty = shape.includes(0);
    return [new HostTensor(dtype, shape, storage, { strides: turned, offset: empty ? offset : start })];
  },
};

/**
 * x with its elements from last to first along some axes. Nothing is copied.
 *
 * @param axes one axis or several, negative ones from the end. Default: all of them.
 * @throws AxisError for an axis that x does not have, or one named twice.
 */
export function reverse(x: Operand, axes?: number | readonly number[]): Tensor {
  const value = operand(x);
  return apply(reversePrimitive, [value], { axes: normalizeAxes("reverse", axes, value.rank) })[0] as Tensor;
}
