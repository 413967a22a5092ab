import { Call } from "../call";
import { storeLanes, inputRow, outputRow } from "./common";

@unmanaged
class Resize extends Call {
  channels: i32;
  /** Per output position: low and high input positions (whole numbers), and the share of the second (floats). */
  rowLow: usize;
  rowHigh: usize;
  rowShare: usize;
  columnLow: usize;
  columnHigh: usize;
  columnShare: usize;
}

// @ts-ignore: decorator
@inline
function between(low: v128, high: v128, share: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(f32x4.splat(1), share), low), f32x4.mul(share, high));
}

export function resizeLinear(record: usize): void {
  const layer = changetype<Resize>(record);
  const channels = layer.channels;
  const cellBytes = <usize>channels << 2;
  for (let y = layer.rowStart; y < layer.rowEnd; y++) {
    const row = <usize>y << 2;
    const upper = inputRow(layer, load<i32>(layer.rowLow + row), channels);
    const lower = inputRow(layer, load<i32>(layer.rowHigh + row), channels);
    const down = v128.load32_splat(layer.rowShare + row);
    let to = outputRow(layer, y, channels) + <usize>layer.columnStart * cellBytes;
    for (let x = layer.columnStart; x < layer.columnEnd; x++) {
      const column = <usize>x << 2;
      const left = <usize>load<i32>(layer.columnLow + column) * cellBytes;
      const right = <usize>load<i32>(layer.columnHigh + column) * cellBytes;
      const across = v128.load32_splat(layer.columnShare + column);
      for (let c = 0; c < channels; c += 4) {
        const channel = <usize>c << 2;
        const atLeft = between(v128.load(upper + left + channel), v128.load(lower + left + channel), down);
        const atRight = between(v128.load(upper + right + channel), v128.load(lower + right + channel), down);
        storeLanes(to + channel, between(atLeft, atRight, across), channels - c);
      }
      to += cellBytes;
    }
  }
}
