import { type Dim, addDims } from "../../tensor/dims.ts";
import { type Storage, dtypes } from "../../tensor/dtype.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectSameDType } from "../checks.ts";
import { type Operand, operands } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import type { AxisAttributes } from "../vocabulary.ts";

/** Copies consecutive elements between arrays of one kind. */
export function copyRun(target: Storage, to: number, source: Storage, from: number, length: number): void {
  (target as Float64Array).set((source as Float64Array).subarray(from, from + length), to);
}

/** Values one after the other along an axis. */
export const concatPrimitive: Primitive<AxisAttributes> = {
  name: "concat",
  infer(inputs, { axis }) {
    const first = inputs[0];
    if (first === undefined)
      throw new ArgumentError({ op: "concat", argument: "values", expected: "at least one value", found: "none" });
    const at = normalizeAxis("concat", axis, first.shape.length);
    expectDType("concat", "value 0", first.dtype, "any");
    let length: Dim = 0;
    inputs.forEach(({ dtype, shape }: ValueType, i) => {
      expectSameDType("concat", `value ${i}`, dtype, first.dtype);
      if (
        shape.length !== first.shape.length ||
        shape.some((dim, other) => other !== at && dim !== first.shape[other])
      ) {
        const expected = `the shape of value 0, ${formatShape(first.shape)}, except along axis ${at}`;
        throw new ShapeError({ op: "concat", argument: `value ${i}`, expected, found: formatShape(shape) });
      }
      length = addDims(length, shape[at] as Dim);
    });
    return [{ dtype: first.dtype, shape: first.shape.map((dim, other) => (other === at ? length : dim)) }];
  },
  kernel(inputs, { axis }, [type]) {
    const { dtype, shape } = type as ConcreteType;
    const target = new dtypes[dtype].storage(sizeOf(shape));
    const rows = sizeOf(shape.slice(0, axis));
    const rowLength = sizeOf(shape.slice(axis));
    let start = 0;
    for (const input of inputs) {
      const source = denseStorage(input);
      const length = sizeOf(input.shape.slice(axis));
      for (let row = 0; row < rows; row++) copyRun(target, row * rowLength + start, source, row * length, length);
      start += length;
    }
    return [new HostTensor(dtype, shape, target)];
  },
};

/**
 * Values one after the other along an existing axis. Dtypes are equal; shapes are equal except along the axis.
 *
 * @param axis negative ones count from the end. Default 0.
 * @throws ArgumentError for no values; AxisError, ShapeError or DTypeError naming the value that does not fit.
 * @example concat([[1, 2], [3]]).toArray() // [1, 2, 3]
 */
export function concat(values: readonly Operand[], axis = 0): Tensor {
  const inputs = operands(...values);
  const at = normalizeAxis("concat", axis, inputs[0]?.rank ?? 1);
  return apply(concatPrimitive, inputs, { axis: at })[0] as Tensor;
}
