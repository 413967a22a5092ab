import fc from "fast-check";
import { type DType, dtypes } from "../../tensor/dtype.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { rowMajorStrides, sizeOf } from "../../tensor/shape.ts";
import { type ShapeOptions, shapes } from "./shapes.ts";
import { type ValueRange, elements } from "./values.ts";

export interface TensorOptions {
  /** Default float32. */
  readonly dtype?: DType;
  /** Default: any of `shapes()`. */
  readonly shape?: readonly number[] | ShapeOptions;
  readonly range?: ValueRange;
}

/** Host tensors of one dtype. They shrink to smaller shapes, then to simpler values. */
export function tensors(options: TensorOptions = {}): fc.Arbitrary<HostTensor> {
  const { dtype = "float32", shape = {}, range = {} } = options;
  return "length" in shape
    ? tensorOf(dtype, shape, range)
    : shapes(shape).chain((dims) => tensorOf(dtype, dims, range));
}

/** Host tensors of one dtype and shape. */
export function tensorOf(dtype: DType, shape: readonly number[], range: ValueRange = {}): fc.Arbitrary<HostTensor> {
  const length = sizeOf(shape);
  return fc
    .array(elements(dtype, range), { minLength: length, maxLength: length })
    .map((values) => fromLanes(dtype, shape, values));
}

/**
 * The same values seen through other strides: stored back to front, or as every second element of a larger array, or
 * in column-major order. Packed dtypes have one layout and stay as they are.
 */
export function relaidOut(value: HostTensor, layout: "reversed" | "spaced" | "columnMajor"): HostTensor {
  const { dtype, shape, size } = value;
  if (dtypes[dtype].packed) return value;
  const dense = denseStorage(value);
  const strides =
    layout === "columnMajor"
      ? columnMajorStrides(shape)
      : rowMajorStrides(shape).map((s) => (layout === "spaced" ? 2 * s : -s));
  const offset = layout === "reversed" ? Math.max(size - 1, 0) : layout === "spaced" ? 1 : 0;
  const storage = new dtypes[dtype].storage(layout === "spaced" ? 2 * size + 1 : size);
  const counter = shape.map(() => 0);
  for (let i = 0; i < size; i++) {
    const at = counter.reduce((sum, count, axis) => sum + count * (strides[axis] as number), offset);
    storage[at] = dense[i] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++(counter[axis] as number) < (shape[axis] as number)) break;
      counter[axis] = 0;
    }
  }
  return new HostTensor(dtype, shape, storage, { strides, offset });
}

function columnMajorStrides(shape: readonly number[]): number[] {
  return rowMajorStrides([...shape].reverse()).reverse();
}
