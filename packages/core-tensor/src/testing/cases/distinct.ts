import fc from "fast-check";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";

/** float64 tensors whose elements are at least 1/8 apart: no ties, and none within reach of a small step. */
export function distinctTensor(shape: readonly number[]): fc.Arbitrary<HostTensor> {
  const size = sizeOf(shape);
  const places = Array.from({ length: size }, (_, i) => i - Math.floor(size / 2) + 0.3);
  return fc.shuffledSubarray(places, { minLength: size, maxLength: size }).map((values) =>
    fromLanes(
      "float64",
      shape,
      values.map((v) => v / 4),
    ),
  );
}
