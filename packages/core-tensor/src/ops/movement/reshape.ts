import type { Dim } from "../../tensor/dims.ts";
import { HostTensor, denseStorage, isDense } from "../../tensor/host.ts";
import { resolveReshape, rowMajorStrides } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply, typeOf } from "../apply.ts";
import { expectInput } from "../checks.ts";
import { liveDim } from "../dimensions.ts";
import { type Operand, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import { plainShape } from "../traced.ts";

/** The same elements in row-major order under other dimensions. Takes every dtype; a view where x is dense. */
export const reshapePrimitive: Primitive<{ readonly shape: readonly Dim[] }> = {
  name: "reshape",
  dims: ["shape"],
  infer(inputs, { shape }) {
    const x = expectInput("reshape", inputs);
    return [{ dtype: x.dtype, shape: resolveReshape("reshape", x.shape, shape) }];
  },
  kernel([input], _attributes, [type]) {
    const x = input as HostTensor;
    const { shape } = type as ConcreteType;
    const view = isDense(x);
    const layout = { strides: rowMajorStrides(shape), offset: view ? x.offset : 0 };
    return [new HostTensor(x.dtype, shape, view ? x.storage : denseStorage(x), layout)];
  },
};

/**
 * The elements of x in row-major order under other dimensions.
 *
 * @param shape dimensions; one of them may be -1 and follows from the others. Symbolic dimensions are allowed.
 * @throws ShapeError when the number of elements differs, or -1 stands twice or has no whole value.
 * @example reshape([[1, 2], [3, 4]], [-1]).shape // [4]
 */
export function reshape(x: Operand, shape: readonly number[]): Tensor {
  const value = operand(x);
  const resolved = resolveReshape("reshape", typeOf(value).shape, plainShape(shape));
  const live = resolved.map((dim) => liveDim(dim, shape, value.shape));
  return apply(reshapePrimitive, [value], { shape: live })[0] as Tensor;
}
