import type { HostTensor } from "@parsimony/core-tensor";
import type { Lowering } from "../lowering.ts";

/** Elements in row-major order as doubles. */
export function doubles(value: HostTensor): Float64Array {
  return Float64Array.from(value.dataSync() as ArrayLike<number | bigint>, Number);
}

/** The number that a constant repeats everywhere; undefined if it is no constant or has several. */
export function uniform(at: Lowering, name: string): number | undefined {
  const constant = at.constant(name);
  if (constant === undefined || constant.value.size === 0) return undefined;
  const numbers = doubles(constant.value);
  const [first] = numbers;
  return numbers.every((number) => Object.is(number, first)) ? first : undefined;
}
