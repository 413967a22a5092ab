import { AxisError } from "../../tensor/errors.ts";
import { HostTensor } from "../../tensor/host.ts";
import { formatShape, normalizeAxis } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";

function checkPermutation(permutation: readonly number[], rank: number): void {
  const valid =
    permutation.length === rank &&
    new Set(permutation).size === rank &&
    permutation.every((axis) => axis in permutation);
  if (!valid) {
    throw new AxisError({
      op: "transpose",
      argument: "permutation",
      expected: `each of the ${rank} axes once`,
      found: formatShape(permutation),
    });
  }
}

/** Axes in another order: a view. */
export const transposePrimitive: Primitive<{ readonly permutation: readonly number[] }> = {
  name: "transpose",
  infer(inputs, { permutation }) {
    const x = expectInput("transpose", inputs);
    expectDType("transpose", "x", x.dtype, "any");
    checkPermutation(permutation, x.shape.length);
    return [{ dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis] as number) }];
  },
  kernel([input], { permutation }, [type]) {
    const { dtype, storage, strides, offset } = input as HostTensor;
    const layout = { strides: permutation.map((axis) => strides[axis] as number), offset };
    return [new HostTensor(dtype, (type as ConcreteType).shape, storage, layout)];
  },
};

/**
 * x with its axes in another order: axis i of the result is axis `permutation[i]` of x. Nothing is copied.
 *
 * @param permutation each axis once, negative ones from the end. Default: the axes reversed.
 * @throws AxisError when it is no permutation.
 */
export function transpose(x: Operand, permutation?: readonly number[]): Tensor {
  const value = operand(x);
  const order = permutation ?? value.shape.map((_, axis) => value.rank - 1 - axis);
  const normal = order.map((axis) => normalizeAxis("transpose", axis, value.rank, "permutation"));
  return apply(transposePrimitive, [value], { permutation: normal })[0] as Tensor;
}
