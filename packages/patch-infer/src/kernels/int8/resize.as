import { Call } from "../call";
import { inputCell, outputCell, storeBytes8 } from "./common";

@unmanaged
class Resize extends Call {
  channels: i32;
  /** By output row and output column: the first and the second position, and the share of the second in 1024ths. */
  rowLow: usize;
  rowHigh: usize;
  rowShare: usize;
  columnLow: usize;
  columnHigh: usize;
  columnShare: usize;
}

/** Eight codes of two neighbours in a row, times their shares. */
// @ts-ignore: decorator
@inline
function blend(a: v128, b: v128, shares: v128, upper: bool): v128 {
  return upper
    ? i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), shares)
    : i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), shares);
}

/** Divided by 2^20, halves away from zero. */
// @ts-ignore: decorator
@inline
function rounded20(sums: v128): v128 {
  const sign = i32x4.shr_s(sums, 31);
  const size = i32x4.shr_u(i32x4.add(i32x4.abs(sums), i32x4.splat(1 << 19)), 20);
  return i32x4.sub(v128.xor(size, sign), sign);
}

export function resize2d(record: usize): void {
  const r = changetype<Resize>(record);
  const channels = r.channels;
  for (let y = r.rowStart; y < r.rowEnd; y++) {
    const at = <usize>y << 2;
    const below = load<i32>(r.rowShare + at);
    const top = load<i32>(r.rowLow + at);
    const bottom = below == 0 ? top : load<i32>(r.rowHigh + at);
    const belowShare = i32x4.splat(below);
    const topShare = i32x4.splat(1024 - below);
    for (let x = r.columnStart; x < r.columnEnd; x++) {
      const there = <usize>x << 2;
      const right = load<i32>(r.columnShare + there);
      const first = load<i32>(r.columnLow + there);
      const second = right == 0 ? first : load<i32>(r.columnHigh + there);
      const to = outputCell(r, y, x, channels);
      const a = inputCell(r, top, first, channels);
      if (below == 0 && right == 0) {
        memory.copy(to, a, channels);
        continue;
      }
      const b = inputCell(r, top, second, channels);
      const c = inputCell(r, bottom, first, channels);
      const d = inputCell(r, bottom, second, channels);
      const shares = i32x4.splat((1024 - right) | (right << 16));
      for (let i = 0; i < channels; i += 8) {
        const e = v128.load8x8_s(a + i);
        const f = v128.load8x8_s(b + i);
        const g = v128.load8x8_s(c + i);
        const h = v128.load8x8_s(d + i);
        const low = i32x4.add(
          i32x4.mul(blend(e, f, shares, false), topShare),
          i32x4.mul(blend(g, h, shares, false), belowShare),
        );
        const high = i32x4.add(
          i32x4.mul(blend(e, f, shares, true), topShare),
          i32x4.mul(blend(g, h, shares, true), belowShare),
        );
        const wide = i16x8.narrow_i32x4_s(rounded20(low), rounded20(high));
        storeBytes8(to + i, i8x16.narrow_i16x8_s(wide, wide), channels - i);
      }
    }
  }
}
