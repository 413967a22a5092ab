// Two operands cell by cell.

import { Call } from "../call";
import { inputCell, outputCell, store16, storeBytes8 } from "./common";
import { highMul } from "./scaled";

/** What is done with two rows of codes. */
@unmanaged
export class Pairwise extends Call {
  /** 0: add, 1: sub, 2: rsub, 3: mul, 4: minimum, 5: maximum. */
  fn: i32;
  leftShift: i32;
  leftZeroPoint: i32;
  rightZeroPoint: i32;
  zeroPoint: i32;
  min: i32;
  max: i32;
  leftMultiplier: i32;
  leftExponent: i32;
  rightMultiplier: i32;
  rightExponent: i32;
  multiplier: i32;
  exponent: i32;
  channels: i32;
  /** 0: the operand is a map like the output. 1: it is 1 cell. 2 (right): it is a constant cell at `constant`. */
  leftCell: i32;
  rightCell: i32;
  constant: usize;
}

/** Four values times one factor. Positive exponents shift to the left. */
// @ts-ignore: decorator
@inline
function scaleBy(values: v128, multiplier: i32, exponent: i32): v128 {
  const product = highMul(exponent > 0 ? i32x4.shl(values, exponent) : values, i32x4.splat(multiplier));
  if (exponent >= 0) return product;
  const away = i32x4.add(product, i32x4.shr_s(product, 31));
  return i32x4.shr_s(i32x4.add(away, i32x4.splat(1 << (-exponent - 1))), -exponent);
}

// @ts-ignore: decorator
@inline
function combine4(r: Pairwise, left: v128, right: v128): v128 {
  let value: v128;
  if (r.fn == 3) value = i32x4.mul(left, right);
  else {
    const a = scaleBy(i32x4.shl(left, r.leftShift), r.leftMultiplier, r.leftExponent);
    const b = scaleBy(i32x4.shl(right, r.leftShift), r.rightMultiplier, r.rightExponent);
    value = r.fn == 0 ? i32x4.add(a, b) : r.fn == 1 ? i32x4.sub(a, b) : i32x4.sub(b, a);
  }
  return scaleBy(value, r.multiplier, r.exponent);
}

/** `count` codes of two rows. The result may stand where an operand stands. */
export function combine(r: Pairwise, left: usize, right: usize, to: usize, count: i32): void {
  const low = i8x16.splat(<i8>r.min);
  const high = i8x16.splat(<i8>r.max);
  if (r.fn >= 4) {
    for (let i = 0; i < count; i += 16) {
      const a = v128.load(left + i);
      const b = v128.load(right + i);
      const codes = r.fn == 4 ? i8x16.min_s(a, b) : i8x16.max_s(a, b);
      store16(to + i, i8x16.min_s(i8x16.max_s(codes, low), high), count - i);
    }
    return;
  }
  const leftZero = i16x8.splat(<i16>r.leftZeroPoint);
  const rightZero = i16x8.splat(<i16>r.rightZeroPoint);
  const zeroPoint = i16x8.splat(<i16>r.zeroPoint);
  for (let i = 0; i < count; i += 8) {
    const a = i16x8.sub(v128.load8x8_s(left + i), leftZero);
    const b = i16x8.sub(v128.load8x8_s(right + i), rightZero);
    const scaled = i16x8.narrow_i32x4_s(
      combine4(r, i32x4.extend_low_i16x8_s(a), i32x4.extend_low_i16x8_s(b)),
      combine4(r, i32x4.extend_high_i16x8_s(a), i32x4.extend_high_i16x8_s(b)),
    );
    const wide = i16x8.add_sat_s(scaled, zeroPoint);
    storeBytes8(to + i, i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(wide, wide), low), high), count - i);
  }
}

export function binary(record: usize): void {
  const r = changetype<Pairwise>(record);
  const channels = r.channels;
  const whole = r.leftCell == 0 && r.rightCell == 0;
  const step = whole ? r.columnEnd - r.columnStart : 1;
  for (let y = r.rowStart; y < r.rowEnd; y++) {
    for (let x = r.columnStart; x < r.columnEnd; x += step) {
      const left = r.leftCell ? inputCell(r, 0, 0, channels) : inputCell(r, y, x, channels);
      let right = r.constant;
      if (r.rightCell < 2) {
        const row = (r.rightCell ? 0 : y) - r.otherTop;
        const column = (r.rightCell ? 0 : x) - r.otherLeft;
        right = r.other + (row * r.otherRowCells + column) * channels;
      }
      combine(r, left, right, outputCell(r, y, x, channels), step * channels);
    }
  }
}
