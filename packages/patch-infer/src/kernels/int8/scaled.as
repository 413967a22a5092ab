import { Call } from "../call";
import { storeBytes8 } from "./common";

/** From sums to codes. Arrays have one entry per output channel and some more behind, because lanes read beyond the last. */
@unmanaged
export class Scaled extends Call {
  /** Written before each call: memory that holds nothing between calls. */
  scratch: usize;
  bias: usize;
  multiplier: usize;
  /** In lanes: 2^(16 - shift to the right), and the largest result whose product with it fits. Otherwise shifts, left > 0. */
  power: usize;
  limit: usize;
  /** In lanes: three registers: 2^15 + 2^16 * zeroPoint, min, max. */
  lanes: usize;
  /** 0: one sum after the other. 1: in lanes. 2: in lanes, and no sum gives more than the limit. */
  fast: i32;
  zeroPoint: i32;
  min: i32;
  max: i32;
}

/** Where a window reads, by axis: output position p of those with p % step == phase is number n = (p - phase) / step; its
 *  tap k reads position `origin + n * stride + k * dilation` of the input, if that is inside. */
@unmanaged
export class Windowed extends Scaled {
  height: i32;
  width: i32;
  channels: i32;
  outputChannels: i32;
  kernelY: i32;
  kernelX: i32;
  strideY: i32;
  strideX: i32;
  dilationY: i32;
  dilationX: i32;
  originY: i32;
  originX: i32;
  stepY: i32;
  stepX: i32;
  phaseY: i32;
  phaseX: i32;
  inputZeroPoint: i32;
}

// Fixed point.

/** (a * b) / 2^31, halves upwards: bits 31 to 62 of a * b + 2^30. */
// @ts-ignore: decorator
@inline
export function highMul(a: v128, b: v128): v128 {
  const half = i64x2.splat(1 << 30);
  const low = i64x2.add(i64x2.extmul_low_i32x4_s(a, b), half);
  const high = i64x2.add(i64x2.extmul_high_i32x4_s(a, b), half);
  return v128.shuffle<i32>(i64x2.add(low, low), i64x2.add(high, high), 1, 3, 5, 7);
}

/**
 * Four sums (below 2^30) to codes, for shifts of 0 to 16 bits to the right that are given as powers. `rounding`: a half and
 * the zero point. `limited`: some sums may give more than the limit.
 */
// @ts-ignore: decorator
@inline
export function rescale(
  sums: v128,
  multiplier: v128,
  power: v128,
  limit: v128,
  rounding: v128,
  limited: bool,
): v128 {
  const half = i64x2.splat(1 << 31);
  const doubled = i32x4.add(sums, sums);
  const product = v128.shuffle<i32>(
    i64x2.add(i64x2.extmul_low_i32x4_s(doubled, multiplier), half),
    i64x2.add(i64x2.extmul_high_i32x4_s(doubled, multiplier), half),
    1,
    3,
    5,
    7,
  );
  const near = limited ? i32x4.max_s(i32x4.min_s(product, limit), i32x4.neg(limit)) : product;
  const value = i32x4.mul(near, power);
  // Halves away from zero: down by one below zero, then up by a half.
  return i32x4.shr_s(i32x4.add(i32x4.add(value, i32x4.shr_s(value, 31)), rounding), 16);
}

function multiplyByQuantizedMultiplier(value: i32, multiplier: i32, shift: i32): i32 {
  const left = shift > 0 ? value << shift : value;
  const product = <i32>((<i64>left * <i64>multiplier + (1 << 30)) >> 31);
  if (shift >= 0) return product;
  const mask = <i32>(((<i64>1) << -shift) - 1);
  const rest = product & mask;
  const threshold = (mask >> 1) + (product < 0 ? 1 : 0);
  return (product >> -shift) + (rest > threshold ? 1 : 0);
}

/** `count` (up to 8) sums at `sums` to codes at `to`. */
export function finishSlowly(r: Scaled, sums: usize, channel: i32, count: i32, to: usize): void {
  for (let i = 0; i < count; i++) {
    const at = <usize>(channel + i) << 2;
    const scaled = multiplyByQuantizedMultiplier(
      load<i32>(sums + (<usize>i << 2)),
      load<i32>(r.multiplier + at),
      load<i32>(r.power + at),
    );
    // Far from all codes the sum with the zero point must not leave 32 bits.
    const near = max(-1024, min(1024, scaled));
    store<i8>(to + i, <i8>max(r.min, min(r.max, near + r.zeroPoint)));
  }
}

/** Eight sums to codes as 16-bit numbers, not yet clamped. */
// @ts-ignore: decorator
@inline
function scaled8(r: Scaled, low: v128, high: v128, channel: i32, limited: bool): v128 {
  const at = <usize>channel << 2;
  const multiplier = r.multiplier + at;
  const power = r.power + at;
  const limit = r.limit + at;
  const rounding = v128.load(r.lanes);
  return i16x8.narrow_i32x4_s(
    rescale(low, v128.load(multiplier), v128.load(power), v128.load(limit), rounding, limited),
    rescale(high, v128.load(multiplier, 16), v128.load(power, 16), v128.load(limit, 16), rounding, limited),
  );
}

/** Codes moved into [min, max]. */
// @ts-ignore: decorator
@inline
export function clamped(r: Scaled, codes: v128): v128 {
  return i8x16.min_s(i8x16.max_s(codes, v128.load(r.lanes, 16)), v128.load(r.lanes, 32));
}

/** Eight sums of one cell to codes, of which `count` are stored. */
function finishOne(r: Scaled, low: v128, high: v128, channel: i32, count: i32, to: usize): void {
  if (r.fast) {
    const wide = scaled8(r, low, high, channel, true);
    storeBytes8(to, clamped(r, i8x16.narrow_i16x8_s(wide, wide)), count);
  } else {
    v128.store(r.scratch, low);
    v128.store(r.scratch, high, 16);
    finishSlowly(r, r.scratch, channel, min(count, 8), to);
  }
}

/** As `finishOne` for two cells and all eight codes. */
// @ts-ignore: decorator
@inline
function finishPair(
  r: Scaled,
  low0: v128,
  high0: v128,
  low1: v128,
  high1: v128,
  channel: i32,
  cells: usize,
  limited: bool,
): void {
  const codes = clamped(
    r,
    i8x16.narrow_i16x8_s(
      scaled8(r, low0, high0, channel, limited),
      scaled8(r, low1, high1, channel, limited),
    ),
  );
  v128.store64_lane(<usize>load<u32>(cells) + channel, codes, 0);
  v128.store64_lane(<usize>load<u32>(cells, 4) + channel, codes, 1);
}

/** Eight sums of up to four cells, whose first channels stand at the addresses in `cells`. */
// @ts-ignore: decorator
@inline
export function finishFour(
  r: Scaled,
  low0: v128,
  high0: v128,
  low1: v128,
  high1: v128,
  low2: v128,
  high2: v128,
  low3: v128,
  high3: v128,
  channel: i32,
  count: i32,
  cells: usize,
  cellCount: i32,
): void {
  if (r.fast && cellCount == 4 && count >= 8) {
    if (r.fast == 2) {
      finishPair(r, low0, high0, low1, high1, channel, cells, false);
      finishPair(r, low2, high2, low3, high3, channel, cells + 8, false);
    } else {
      finishPair(r, low0, high0, low1, high1, channel, cells, true);
      finishPair(r, low2, high2, low3, high3, channel, cells + 8, true);
    }
    return;
  }
  finishOne(r, low0, high0, channel, count, <usize>load<u32>(cells) + channel);
  if (cellCount > 1) finishOne(r, low1, high1, channel, count, <usize>load<u32>(cells, 4) + channel);
  if (cellCount > 2) finishOne(r, low2, high2, channel, count, <usize>load<u32>(cells, 8) + channel);
  if (cellCount > 3) finishOne(r, low3, high3, channel, count, <usize>load<u32>(cells, 12) + channel);
}
