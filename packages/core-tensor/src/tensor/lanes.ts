import { encodeBfloat16 } from "./bfloat16.ts";
import { type DType, type NumberArray, type Storage, dtypes } from "./dtype.ts";
import { encodeFloat16 } from "./float16.ts";
import { HostTensor } from "./host.ts";
import { pack } from "./packed.ts";

/**
 * The elements as plain numbers in row-major order, for flat loops. float32, float64, int32, int8, uint8 and
 * bool tensors that are dense are seen in place; the others are decoded into a new array.
 *
 * int64 values beyond ±(2^53 - 1) are no exact doubles: they throw a RangeError instead of being rounded.
 */
export function readLanes(tensor: HostTensor): NumberArray {
  const data = tensor.dataSync();
  if (!(data instanceof BigInt64Array)) return data;
  const lanes = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(
        `int64 element ${i} is ${data[i]}: arithmetic in the reference is exact within ±(2^53 - 1) only`,
      );
    }
    lanes[i] = value;
  }
  return lanes;
}

/** A zeroed array to compute `size` elements of this dtype in; `fromLanes` turns it into a tensor. */
export function newLanes(dtype: DType, size: number): NumberArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(size);
    case "int32":
      return new Int32Array(size);
    case "int8":
    case "int4":
    case "int2":
      return new Int8Array(size);
    case "uint8":
    case "uint4":
    case "bool":
      return new Uint8Array(size);
    default:
      // float16 and bfloat16 round once, from the double; int64 is exact to 2^53.
      return new Float64Array(size);
  }
}

/**
 * A tensor of the computed numbers. Arrays that already are the dtype's storage are adopted, not copied; others
 * are converted: floats round to nearest even, whole numbers drop their fraction and wrap.
 */
export function fromLanes(dtype: DType, shape: readonly number[], lanes: ArrayLike<number>): HostTensor {
  return new HostTensor(dtype, shape, encodeLanes(dtype, lanes));
}

/** Numbers to storage codes; see `fromLanes`. */
export function encodeLanes(dtype: DType, lanes: ArrayLike<number>): Storage {
  const { storage } = dtypes[dtype];
  switch (dtype) {
    case "float16":
      return encodeFloat16(lanes);
    case "bfloat16":
      return encodeBfloat16(lanes);
    case "int64": {
      const codes = new BigInt64Array(lanes.length);
      for (let i = 0; i < lanes.length; i++) codes[i] = BigInt(Math.trunc(lanes[i] as number));
      return codes;
    }
    case "int4":
    case "uint4":
    case "int2":
      return pack(lanes, dtype);
    case "bool": {
      if (lanes instanceof Uint8Array) return lanes;
      const codes = new Uint8Array(lanes.length);
      for (let i = 0; i < lanes.length; i++) codes[i] = lanes[i] === 0 ? 0 : 1;
      return codes;
    }
    default: {
      if (lanes instanceof storage) return lanes as Storage;
      const codes = new storage(lanes.length);
      for (let i = 0; i < lanes.length; i++) codes[i] = lanes[i] as never;
      return codes;
    }
  }
}
