import type { Dim } from "../../tensor/dims.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { HostTensor } from "../../tensor/host.ts";
import { checkShape, formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";

/** x repeated along axes of length 1 and along new leading axes: a view with stride 0. */
export const broadcastToPrimitive: Primitive<{ readonly shape: readonly Dim[] }> = {
  name: "broadcastTo",
  dims: ["shape"],
  infer(inputs, { shape }) {
    const x = expectInput("broadcastTo", inputs);
    expectDType("broadcastTo", "x", x.dtype, "any");
    checkShape("broadcastTo", shape);
    const missing = shape.length - x.shape.length;
    if (missing < 0 || x.shape.some((dim, axis) => dim !== 1 && dim !== shape[missing + axis])) {
      throw new ShapeError({
        op: "broadcastTo",
        argument: "shape",
        expected: `a shape that ${formatShape(x.shape)} broadcasts to (equal dimensions or 1, the last axes aligned)`,
        found: formatShape(shape),
      });
    }
    return [{ dtype: x.dtype, shape: [...shape] }];
  },
  kernel([input], _attributes, [type]) {
    const x = input as HostTensor;
    const { shape } = type as ConcreteType;
    const missing = shape.length - x.rank;
    const strides = shape.map((dim, axis) =>
      axis < missing || x.shape[axis - missing] !== dim ? 0 : (x.strides[axis - missing] as number),
    );
    return [new HostTensor(x.dtype, shape, x.storage, { strides, offset: x.offset })];
  },
};

/**
 * x repeated to a shape under NumPy's broadcasting rule. Nothing is copied. Symbolic dimensions are allowed.
 *
 * @throws ShapeError when x does not broadcast to `shape`.
 * @example broadcastTo([[1], [2]], [2, 3]).toArray() // [[1, 1, 1], [2, 2, 2]]
 */
export function broadcastTo(x: Operand, shape: readonly number[]): Tensor {
  return apply(broadcastToPrimitive, [operand(x)], { shape })[0] as Tensor;
}
