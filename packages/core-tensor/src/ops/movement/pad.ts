import { addDims } from "../../tensor/dims.ts";
import { type Storage, dtypes } from "../../tensor/dtype.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import { encodeLanes } from "../../tensor/lanes.ts";
import { rowMajorStrides, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { PadAttributes } from "../vocabulary.ts";
import { copyRun } from "./concat.ts";

/** x inside a larger tensor of one value. */
export const padPrimitive: Primitive<PadAttributes> = {
  name: "pad",
  infer(inputs, { before, after, value }) {
    const x = expectInput("pad", inputs);
    expectDType("pad", "x", x.dtype, "any");
    const rank = x.shape.length;
    const counts = [...before, ...after];
    if (
      before.length !== rank ||
      after.length !== rank ||
      counts.some((count) => !Number.isInteger(count) || count < 0)
    ) {
      throw new ArgumentError({
        op: "pad",
        argument: "padding",
        expected: `two whole numbers >= 0 for each of the ${rank} axes`,
        found: `before [${before.join(", ")}], after [${after.join(", ")}]`,
      });
    }
    const { kind, min, max } = dtypes[x.dtype];
    if (kind !== "float" && (!Number.isInteger(value) || value < min || value > max)) {
      throw new ArgumentError({
        op: "pad",
        argument: "value",
        expected: `a value of ${x.dtype}`,
        found: String(value),
      });
    }
    return [
      {
        dtype: x.dtype,
        shape: x.shape.map((dim, axis) => addDims(dim, (before[axis] as number) + (after[axis] as number))),
      },
    ];
  },
  kernel([input], { before, value }, [type]) {
    const x = input as HostTensor;
    const { dtype, shape } = type as ConcreteType;
    const target = new dtypes[dtype].storage(sizeOf(shape));
    if (value !== 0 || Object.is(value, -0)) target.fill(encodeLanes(dtype, [value])[0] as never);
    copyInto(target, rowMajorStrides(shape), denseStorage(x), x.shape, before);
    return [new HostTensor(dtype, shape, target)];
  },
};

/** Copies a dense block into a larger one, row by row. */
function copyInto(
  target: Storage,
  strides: readonly number[],
  source: Storage,
  shape: readonly number[],
  at: readonly number[],
): void {
  const length = shape.at(-1) ?? 1;
  const outer = shape.slice(0, -1);
  const rows = length === 0 ? 0 : sizeOf(outer);
  const counter = outer.map(() => 0);
  let to = at.reduce((sum, start, axis) => sum + start * (strides[axis] as number), 0);
  for (let row = 0; row < rows; row++) {
    copyRun(target, to, source, row * length, length);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      to += strides[axis] as number;
      if (++(counter[axis] as number) < (outer[axis] as number)) break;
      to -= (strides[axis] as number) * (outer[axis] as number);
      counter[axis] = 0;
    }
  }
}

export interface PadOptions {
  /** What the new cells hold. Default 0. */
  readonly value?: number;
}

/**
 * x with cells added before and after it along each axis.
 *
 * @param padding `[before, after]` for each axis, whole numbers >= 0; axes after those given get none.
 * @throws ArgumentError for negative or too many counts, or a value that the dtype does not hold.
 * @example pad([1, 2], [[1, 2]]).toArray() // [0, 1, 2, 0, 0]
 */
export function pad(
  x: Operand,
  padding: readonly (readonly [before: number, after: number])[],
  options: PadOptions = {},
): Tensor {
  const tensor = operand(x);
  const rank = Math.max(tensor.rank, padding.length);
  const side = (which: 0 | 1): number[] => Array.from({ length: rank }, (_, axis) => padding[axis]?.[which] ?? 0);
  return apply(padPrimitive, [tensor], { before: side(0), after: side(1), value: options.value ?? 0 })[0] as Tensor;
}
