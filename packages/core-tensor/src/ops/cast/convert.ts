/**
 * Conversion between dtypes, exact or rounded once.
 *
 * - to a float: rounded to nearest even, straight from the exact value (int64 to a narrow float included);
 * - float to a whole number: towards zero, saturating at the ends of the range, NaN to 0;
 * - whole number to a narrower one: modulo 2^bits; to a wider one: exact;
 * - to bool: whether it differs from 0 (NaN does); from bool: 0 or 1.
 */
import { type DType, type NumberArray, dtypes } from "../../tensor/dtype.ts";
import { HostTensor } from "../../tensor/host.ts";
import { fromLanes, newLanes } from "../../tensor/lanes.ts";

/** The largest and smallest int64. */
const maxInt64 = 2n ** 63n - 1n;
const minInt64 = -(2n ** 63n);

/**
 * int64 values as doubles that round to every float narrower than 40 bits as the exact values do. Beyond 53 bits the
 * ten lowest bits are dropped, and the last bit kept says whether one of them was set ("round to odd"): rounding
 * the result again then never meets a false tie (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums:
 * proved algorithms using rounding to odd", 2008).
 */
function oddRounded(values: BigInt64Array): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const value = values[i] as bigint;
    const near = Number(value);
    result[i] = Number.isSafeInteger(near) ? near : Number((value >> 10n) | ((value & 1023n) === 0n ? 0n : 1n)) * 1024;
  }
  return result;
}

/** int64 values as numbers from which a narrower dtype follows. */
function fromInt64(values: BigInt64Array, dtype: DType): NumberArray {
  if (dtype === "float64") return Float64Array.from(values, Number);
  if (dtypes[dtype].kind === "float") return oddRounded(values);
  if (dtype === "bool") return Uint8Array.from(values, (value) => (value === 0n ? 0 : 1));
  return Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value)));
}

function toInt64(values: NumberArray): BigInt64Array {
  const result = new BigInt64Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const x = values[i] as number;
    if (x !== x) continue;
    // 2^63 itself is a double, the largest int64 below it is none.
    result[i] = x >= 2 ** 63 ? maxInt64 : x <= -(2 ** 63) ? minInt64 : BigInt(Math.trunc(x));
  }
  return result;
}

function saturate(values: NumberArray, dtype: DType): NumberArray {
  const { min, max } = dtypes[dtype];
  const result = newLanes(dtype, values.length);
  for (let i = 0; i < result.length; i++) {
    const x = values[i] as number;
    result[i] = x !== x ? 0 : Math.trunc(Math.min(Math.max(x, min), max));
  }
  return result;
}

function wrap(values: NumberArray, dtype: DType): NumberArray {
  const { min, bits } = dtypes[dtype];
  const result = newLanes(dtype, values.length);
  const unused = 32 - bits;
  for (let i = 0; i < result.length; i++) {
    const high = (values[i] as number) << unused;
    result[i] = min < 0 ? high >> unused : high >>> unused;
  }
  return result;
}

/** A host tensor's values in another dtype: see the top of this file for the rules. */
export function convertDType(x: HostTensor, dtype: DType): HostTensor {
  if (x.dtype === dtype) return x;
  const data = x.dataSync();
  const values = data instanceof BigInt64Array ? fromInt64(data, dtype) : data;
  if (dtype === "int64") return new HostTensor(dtype, x.shape, toInt64(values));
  const { kind } = dtypes[dtype];
  if (kind === "float") return fromLanes(dtype, x.shape, values);
  if (kind === "bool")
    return fromLanes(
      dtype,
      x.shape,
      Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
    );
  const whole = dtypes[x.dtype].kind !== "float";
  return fromLanes(dtype, x.shape, whole ? wrap(values, dtype) : saturate(values, dtype));
}
