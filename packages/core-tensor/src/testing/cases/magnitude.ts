import type { HostTensor } from "../../tensor/host.ts";

/** Largest absolute value among the finite elements; 0 when there is none. */
export function largestFinite(x: HostTensor | undefined): number {
  let largest = 0;
  if (x === undefined) return largest;
  for (const element of x.dataSync()) {
    const size = Math.abs(Number(element));
    if (size > largest && size < Infinity) largest = size;
  }
  return largest;
}
