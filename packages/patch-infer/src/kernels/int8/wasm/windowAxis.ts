import type { Window } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { WindowAxis } from "./windowed.ts";

/** Both axes of a window that moves over its input. */
export function windowAxes(
  window: Window,
  input: FeatureMap,
): { readonly rows: WindowAxis; readonly columns: WindowAxis } {
  const along = (axis: 0 | 1, size: number): WindowAxis => ({
    size,
    kernel: window.kernel[axis],
    stride: window.strides[axis],
    dilation: window.dilations[axis],
    origin: -window.padBefore[axis],
    step: 1,
    phase: 0,
  });
  return { rows: along(0, input.height), columns: along(1, input.width) };
}
