import { type DType, dtypes } from "../../tensor/dtype.ts";
import { HostTensor } from "../../tensor/host.ts";
import { encodeLanes } from "../../tensor/lanes.ts";
import { TfliteError } from "./errors.ts";
import type { TensorInfo } from "./schema.ts";

/** What the whole numbers of a tensor stand for: `scale * (q - zeroPoint)`. */
export interface Quantization {
  readonly scales: readonly number[];
  /** As many as scales. */
  readonly zeroPoints: readonly number[];
  /** The axis of the file's tensor that the scales belong to; `null` for one scale. */
  readonly axis: number | null;
  /** Scales and zero points as `quantize` and `dequantize` take them: made once, so that both share the constants. */
  readonly parameters: { readonly scale: HostTensor; readonly zeroPoint: HostTensor };
}

/** A quantisation to whole numbers of a dtype. */
export function quantization(
  dtype: DType,
  scales: readonly number[],
  zeroPoints: readonly number[],
  axis: number | null,
): Quantization {
  const parameter = (values: readonly number[], type: DType): HostTensor =>
    new HostTensor(type, axis === null ? [] : [values.length], encodeLanes(type, values));
  const parameters = { scale: parameter(scales, "float32"), zeroPoint: parameter(zeroPoints, dtype) };
  return { scales, zeroPoints, axis, parameters };
}

/**
 * The quantisation of a tensor of whole numbers; undefined where it has none.
 *
 * @param dtype that of the tensor.
 * @throws TfliteError unless there is one positive scale for the tensor, or one for each index of the axis, and zero
 *   points that the dtype holds.
 */
export function readQuantization(tensor: TensorInfo, dtype: DType): Quantization | undefined {
  if (tensor.quantization === undefined || dtypes[dtype].kind !== "int") return undefined;
  const scales = tensor.quantization.float32s(2);
  if (scales.length === 0) return undefined;
  const fail = (expected: string, found: unknown): never => {
    const message = `tensor ${tensor.index}: expected ${expected}, got ${String(found)}`;
    throw new TfliteError("invalid-quantization", tensor.offset, message);
  };
  const bad = scales.find((scale) => !(scale > 0 && scale < Infinity));
  if (bad !== undefined) fail("positive scales", bad);
  const zeros = tensor.quantization.int64s(3);
  const { min, max } = dtypes[dtype];
  const outside = zeros.find((zero) => zero < min || zero > max);
  if (outside !== undefined) fail(`zero points in [${min}, ${max}]`, outside);
  if (zeros.length > 1 && zeros.length !== scales.length) fail(`${scales.length} zero points`, zeros.length);
  const zeroPoints = scales.map((_, i) => zeros[i] ?? zeros[0] ?? 0);
  if (scales.length === 1) return quantization(dtype, scales, zeroPoints, null);
  const axis = tensor.quantization.int32(6);
  if (tensor.shape[axis] !== scales.length) {
    fail(`${tensor.shape[axis] ?? "no"} scales for axis ${axis} of [${tensor.shape.join(", ")}]`, scales.length);
  }
  return quantization(dtype, scales, zeroPoints, axis);
}

/** Do two tensors say the same with the same numbers? */
export function sameQuantization(a: Quantization | undefined, b: Quantization | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const equal = (left: readonly number[], right: readonly number[]): boolean =>
    left.length === right.length && left.every((value, i) => value === right[i]);
  return a.axis === b.axis && equal(a.scales, b.scales) && equal(a.zeroPoints, b.zeroPoints);
}
