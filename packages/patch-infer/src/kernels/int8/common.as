import { Call } from "../call";

// @ts-ignore: decorator
@inline
export function inputCell(r: Call, y: i32, x: i32, channels: i32): usize {
  return r.input + ((y - r.inputTop) * r.inputRowCells + (x - r.inputLeft)) * channels;
}

/** The address of a cell of the output. */
// @ts-ignore: decorator
@inline
export function outputCell(r: Call, y: i32, x: i32, channels: i32): usize {
  return r.output + ((y - r.outputTop) * r.outputRowCells + (x - r.outputLeft)) * channels;
}

/** The lower `count` (1 to 8) bytes of a lane. */
// @ts-ignore: decorator
@inline
export function storeBytes(to: usize, bytes: i64, count: i32): void {
  if (count & 4) {
    store<i32>(to, <i32>bytes);
    to += 4;
    bytes >>= 32;
  }
  if (count & 2) {
    store<i16>(to, <i16>bytes);
    to += 2;
    bytes >>= 16;
  }
  if (count & 1) store<i8>(to, <i8>bytes);
}

// @ts-ignore: decorator
@inline
export function storeBytes8(to: usize, codes: v128, count: i32): void {
  if (count >= 8) v128.store64_lane(to, codes, 0);
  else storeBytes(to, i64x2.extract_lane(codes, 0), count);
}

/** The first `count` bytes of a register, all of them if `count` is larger. */
// @ts-ignore: decorator
@inline
export function store16(to: usize, codes: v128, count: i32): void {
  if (count >= 16) v128.store(to, codes);
  else if (count >= 8) {
    v128.store64_lane(to, codes, 0);
    storeBytes(to + 8, i64x2.extract_lane(codes, 1), count - 8);
  } else storeBytes(to, i64x2.extract_lane(codes, 0), count);
}

// @ts-ignore: decorator
@inline
export function firstTap(origin: i32, dilation: i32): i32 {
  return origin >= 0 ? 0 : (dilation - 1 - origin) / dilation;
}

/** One more than the last tap inside. */
// @ts-ignore: decorator
@inline
export function endTap(origin: i32, dilation: i32, kernel: i32, size: i32): i32 {
  return origin >= size ? 0 : min(kernel, (size - origin + dilation - 1) / dilation);
}
