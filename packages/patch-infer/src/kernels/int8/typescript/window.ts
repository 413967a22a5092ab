import type { Window } from "../../../network/layer.ts";

/** Taps of a window along one axis that lie inside the image: `first` to `end - 1`; tap k reads `origin + k * dilation`. */
export interface Taps {
  readonly origin: number;
  readonly first: number;
  readonly end: number;
}

/** By axis: 0 rows, 1 columns. */
export function tapsAt(
  { kernel, strides, dilations, padBefore }: Window,
  axis: 0 | 1,
  position: number,
  size: number,
): Taps {
  const dilation = dilations[axis];
  const origin = position * strides[axis] - padBefore[axis];
  return {
    origin,
    first: Math.max(0, Math.ceil(-origin / dilation)),
    end: Math.min(kernel[axis], Math.ceil((size - origin) / dilation)),
  };
}
