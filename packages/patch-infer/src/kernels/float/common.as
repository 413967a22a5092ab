import { Call } from "../call";

// @ts-ignore: decorator
@inline
export function clampTo(v: v128, min: v128, max: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, min), max);
}

// @ts-ignore: decorator
@inline
export function storeLanes(to: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(to, v);
  } else if (lanes > 0) {
    v128.store_lane<f32>(to, v, 0);
    if (lanes > 1) v128.store_lane<f32>(to + 4, v, 1);
    if (lanes > 2) v128.store_lane<f32>(to + 8, v, 2);
  }
}

/** Address of channel 0 of column 0 of an input row; column 0 need not be stored. */
// @ts-ignore: decorator
@inline
export function inputRow(call: Call, y: i32, channels: i32): usize {
  return call.input + <usize>((((y - call.inputTop) * call.inputRowCells - call.inputLeft) * channels) << 2);
}

// @ts-ignore: decorator
@inline
export function outputRow(call: Call, y: i32, channels: i32): usize {
  return call.output + <usize>((((y - call.outputTop) * call.outputRowCells - call.outputLeft) * channels) << 2);
}

/** First kernel position that falls on the image, for a cell whose window begins at `start`. */
// @ts-ignore: decorator
@inline
export function firstTap(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/** End of the kernel positions that fall on the image. */
// @ts-ignore: decorator
@inline
export function endTap(start: i32, dilation: i32, kernel: i32, size: i32): i32 {
  const room = size - 1 - start;
  return room < 0 ? 0 : min(kernel, room / dilation + 1);
}
