// Pools: lanes are channels.

import { endTap, firstTap, outputCell, store16, storeBytes, storeBytes8 } from "./common";
import { Scaled, Windowed, clamped, finishSlowly } from "./scaled";

@unmanaged
class Pool extends Windowed {
  /** The mean divides by this many; 0: by the cells inside the image. */
  whole: i32;
}

/** Sums divided by a count, halves away from zero. The quotient of floats is exact enough: sums are below 2^24. */
// @ts-ignore: decorator
@inline
function divided(sums: v128, count: v128, half: v128): v128 {
  const sign = i32x4.shr_s(sums, 31);
  const size = i32x4.add(i32x4.abs(sums), half);
  const quotient = i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.convert_i32x4_s(size), count));
  return i32x4.sub(v128.xor(quotient, sign), sign);
}

function pool(r: Pool, mean: bool): void {
  const channels = r.channels;
  const tapStep = <usize>(r.dilationX * channels);
  for (let y = r.rowStart; y < r.rowEnd; y++) {
    const row = r.originY + y * r.strideY;
    const firstY = firstTap(row, r.dilationY);
    const endY = endTap(row, r.dilationY, r.kernelY, r.height);
    for (let x = r.columnStart; x < r.columnEnd; x++) {
      const column = r.originX + x * r.strideX;
      const firstX = firstTap(column, r.dilationX);
      const endX = endTap(column, r.dilationX, r.kernelX, r.width);
      const count = max(0, endY - firstY) * max(0, endX - firstX);
      const to = outputCell(r, y, x, channels);
      const corner =
        r.input +
        ((row + firstY * r.dilationY - r.inputTop) * r.inputRowCells + column + firstX * r.dilationX - r.inputLeft) *
          channels;
      const lineStep = <usize>(r.dilationY * r.inputRowCells * channels);
      if (mean) meanCell(r, corner, lineStep, tapStep, endY - firstY, endX - firstX, count, to);
      else largestCell(r, corner, lineStep, tapStep, endY - firstY, endX - firstX, to);
    }
  }
}

// @ts-ignore: decorator
@inline
function largestCell(r: Pool, corner: usize, lineStep: usize, tapStep: usize, rows: i32, columns: i32, to: usize): void {
  for (let c = 0; c < r.channels; c += 16) {
    let largest = i8x16.splat(-128);
    let line = corner + c;
    for (let i = 0; i < rows; i++) {
      let at = line;
      for (let j = 0; j < columns; j++) {
        largest = i8x16.max_s(largest, v128.load(at));
        at += tapStep;
      }
      line += lineStep;
    }
    store16(to + c, clamped(r, largest), r.channels - c);
  }
}

// @ts-ignore: decorator
@inline
function meanCell(
  r: Pool,
  corner: usize,
  lineStep: usize,
  tapStep: usize,
  rows: i32,
  columns: i32,
  count: i32,
  to: usize,
): void {
  // Cells in the padding count as the zero point; a window without any cell inside is it.
  const divisor = r.whole ? r.whole : max(1, count);
  const outside = i32x4.splat((divisor - count) * r.zeroPoint);
  const half = i32x4.splat(divisor >> 1);
  const share = f32x4.splat(<f32>divisor);
  for (let c = 0; c < r.channels; c += 8) {
    let low = outside;
    let high = outside;
    let line = corner + c;
    for (let i = 0; i < rows; i++) {
      let at = line;
      for (let j = 0; j < columns; j++) {
        const codes = v128.load8x8_s(at);
        low = i32x4.add(low, i32x4.extend_low_i16x8_s(codes));
        high = i32x4.add(high, i32x4.extend_high_i16x8_s(codes));
        at += tapStep;
      }
      line += lineStep;
    }
    const wide = i16x8.narrow_i32x4_s(divided(low, share, half), divided(high, share, half));
    const codes = clamped(r, i8x16.narrow_i16x8_s(wide, wide));
    const rest = r.channels - c;
    if (rest >= 8) v128.store64_lane(to + c, codes, 0);
    else storeBytes(to + c, i64x2.extract_lane(codes, 0), rest);
  }
}

export function maxPool2d(record: usize): void {
  pool(changetype<Pool>(record), false);
}

export function averagePool2d(record: usize): void {
  pool(changetype<Pool>(record), true);
}

@unmanaged
class Global extends Scaled {
  height: i32;
  width: i32;
  channels: i32;
  inputZeroPoint: i32;
  /** The largest code instead of the sum. */
  largest: i32;
  /** What was folded so far, by channel: 32-bit numbers. */
  sums: usize;
  /** 1: nothing was folded yet; 2: this is the last box. */
  turn: i32;
}

/** The box of the call is one of the input. */
export function globalPool(record: usize): void {
  const r = changetype<Global>(record);
  const channels = r.channels;
  const zeroPoint = i16x8.splat(<i16>r.inputZeroPoint);
  for (let c = 0; c < channels; c += 8) {
    let low = i32x4.splat(r.largest ? -128 : 0);
    let high = low;
    const sums = r.sums + (<usize>c << 2);
    if (!(r.turn & 1)) {
      low = v128.load(sums);
      high = v128.load(sums, 16);
    }
    for (let y = r.rowStart; y < r.rowEnd; y++) {
      let at = r.input + ((y - r.inputTop) * r.inputRowCells + (r.columnStart - r.inputLeft)) * channels + c;
      for (let x = r.columnStart; x < r.columnEnd; x++) {
        const codes = v128.load8x8_s(at);
        if (r.largest) {
          low = i32x4.max_s(low, i32x4.extend_low_i16x8_s(codes));
          high = i32x4.max_s(high, i32x4.extend_high_i16x8_s(codes));
        } else {
          const moved = i16x8.sub(codes, zeroPoint);
          low = i32x4.add(low, i32x4.extend_low_i16x8_s(moved));
          high = i32x4.add(high, i32x4.extend_high_i16x8_s(moved));
        }
        at += channels;
      }
    }
    if (!(r.turn & 2)) {
      v128.store(r.scratch, low);
      v128.store(r.scratch, high, 16);
      memory.copy(sums, r.scratch, <usize>min(8, channels - c) << 2);
      continue;
    }
    const to = outputCell(r, 0, 0, channels) + c;
    if (r.largest) {
      const wide = i16x8.narrow_i32x4_s(low, high);
      storeBytes8(to, clamped(r, i8x16.narrow_i16x8_s(wide, wide)), channels - c);
    } else {
      v128.store(r.scratch, low);
      v128.store(r.scratch, high, 16);
      const count = min(8, channels - c);
      // One factor for all channels.
      for (let i = 0; i < count; i++) finishSlowly(r, r.scratch + (<usize>i << 2), 0, 1, to + i);
    }
  }
}
