import type { DType, NumberArray } from "../tensor/dtype.ts";
import { fromLanes } from "../tensor/lanes.ts";
import type { HostTensor } from "../tensor/host.ts";

/**
 * `fromLanes` for results of arithmetic: int64 results beyond ±(2^53 - 1) may have been rounded on the way and
 * throw a RangeError, as such inputs do in `readLanes`. Narrower whole numbers wrap.
 */
export function fromComputedLanes(op: string, dtype: DType, shape: readonly number[], lanes: NumberArray): HostTensor {
  if (dtype === "int64") {
    for (let i = 0; i < lanes.length; i++) {
      if (!Number.isSafeInteger(lanes[i])) {
        throw new RangeError(
          `${op}: int64 result ${i} is ${lanes[i]}: expected one within ±(2^53 - 1), where the reference is exact`,
        );
      }
    }
  }
  return fromLanes(dtype, shape, lanes);
}
