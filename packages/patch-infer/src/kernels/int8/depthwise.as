// Depthwise convolutions: lanes are channels, four cells and two taps at a time.

import { Call } from "../call";
import { Lines, begin, nextBand, restore } from "../lines";
import { outputCell } from "./common";
import { Windowed, finishFour } from "./scaled";

@unmanaged
class Depthwise extends Windowed {
  /** Per pair of taps and channel two 16-bit numbers; a row of them has `paddedChannels`. */
  weights: usize;
  paddedChannels: i32;
  taps: i32;
  /** As many bytes as channels and some more, all of them the input's zero point. */
  zeros: usize;
  /**
   * 1 or 2: the stride of a 3 x 3 window without gaps, whose pairs of taps are (0, x) with (1, x), then (2, 0) with (2, 1),
   * then nothing with (2, 2). 0: any window, each tap with the next one.
   */
  square: i32;
  /** Channels to compute, and bytes from one output cell to the next. */
  first: i32;
  end: i32;
  cellBytes: i32;
}

/** The address of an input cell (channel 0), or of zeros outside the image. */
// @ts-ignore: decorator
@inline
function cellOrZeros(r: Depthwise, rowInside: bool, line: i32, x: i32): u32 {
  return <u32>(rowInside && x >= 0 && x < r.width ? r.input + (line + x) * r.channels : r.zeros);
}

/** Addresses of the taps of one cell, each four pairs after the last one's. */
function tapAddresses(r: Depthwise, row: i32, column: i32, to: usize): void {
  let tap = 0;
  for (let i = 0; i < r.kernelY; i++) {
    const y = row + i * r.dilationY;
    const inside = y >= 0 && y < r.height;
    const line = (y - r.inputTop) * r.inputRowCells - r.inputLeft;
    for (let j = 0; j < r.kernelX; j++) {
      store<u32>(to + ((tap >> 1) << 5) + ((tap & 1) << 2), cellOrZeros(r, inside, line, column + j * r.dilationX));
      tap++;
    }
  }
  // The partner of an odd last tap has weights of 0.
  if (tap & 1) store<u32>(to + ((tap >> 1) << 5) + 4, <u32>r.zeros);
}

/** Addresses of some columns of three rows. */
function columnAddresses(r: Depthwise, row: i32, column: i32, count: i32, to: usize): void {
  for (let i = 0; i < 3; i++) {
    const y = row + i;
    const inside = y >= 0 && y < r.height;
    const line = (y - r.inputTop) * r.inputRowCells - r.inputLeft;
    for (let j = 0; j < count; j++) {
      store<u32>(to + <usize>(j * 12 + (i << 2)), cellOrZeros(r, inside, line, column + j));
    }
  }
}

// @ts-ignore: decorator
@inline
function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Eight codes from an address in a table on. */
// @ts-ignore: decorator
@inline
function codesAt(table: usize, place: usize, channel: i32): v128 {
  return v128.load8x8_s(<usize>load<u32>(table + place) + channel);
}

// @ts-ignore: decorator
@inline
function plus(sum: v128, pairs: v128, weights: usize): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(pairs, v128.load(weights)));
}

/** Any window. `taps`: by pair, cell and tap of the pair. */
function anyWindow(r: Depthwise, taps: usize, cells: usize, cellCount: i32): void {
  const pairs = (r.taps + 1) >> 1;
  const rowBytes = <usize>r.paddedChannels << 2;
  for (let c = r.first; c < r.end; c += 8) {
    const bias = r.bias + (<usize>c << 2);
    let low0 = v128.load(bias);
    let high0 = v128.load(bias, 16);
    let low1 = low0;
    let high1 = high0;
    let low2 = low0;
    let high2 = high0;
    let low3 = low0;
    let high3 = high0;
    let w = r.weights + (<usize>c << 2);
    let tap = taps;
    for (let pair = 0; pair < pairs; pair++) {
      const wLow = v128.load(w);
      const wHigh = v128.load(w, 16);
      let a = codesAt(tap, 0, c);
      let b = codesAt(tap, 4, c);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(lowPairs(a, b), wLow));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(highPairs(a, b), wHigh));
      a = codesAt(tap, 8, c);
      b = codesAt(tap, 12, c);
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(lowPairs(a, b), wLow));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(highPairs(a, b), wHigh));
      a = codesAt(tap, 16, c);
      b = codesAt(tap, 20, c);
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(lowPairs(a, b), wLow));
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(highPairs(a, b), wHigh));
      a = codesAt(tap, 24, c);
      b = codesAt(tap, 28, c);
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(lowPairs(a, b), wLow));
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(highPairs(a, b), wHigh));
      tap += 32;
      w += rowBytes;
    }
    finishFour(r, low0, high0, low1, high1, low2, high2, low3, high3, c, r.end - c, cells, cellCount);
  }
}

/** A 3 x 3 window that moves by one: each column of the input serves up to three cells. `table`: by column and row. */
function squareByOne(r: Depthwise, table: usize, cells: usize, cellCount: i32): void {
  const rowBytes = <usize>r.paddedChannels << 2;
  for (let c = r.first; c < r.end; c += 8) {
    const bias = r.bias + (<usize>c << 2);
    let low0 = v128.load(bias);
    let high0 = v128.load(bias, 16);
    let low1 = low0;
    let high1 = high0;
    let low2 = low0;
    let high2 = high0;
    let low3 = low0;
    let high3 = high0;
    const w0 = r.weights + (<usize>c << 2);
    const w1 = w0 + rowBytes;
    const w2 = w1 + rowBytes;
    const w3 = w2 + rowBytes;
    const w4 = w3 + rowBytes;
    let a = codesAt(table, 0, c);
    let b = codesAt(table, 4, c);
    let last = codesAt(table, 8, c);
    let low = lowPairs(a, b);
    let high = highPairs(a, b);
    low0 = plus(low0, low, w0);
    high0 = plus(high0, high, w0 + 16);

    a = codesAt(table, 12, c);
    b = codesAt(table, 16, c);
    let next = codesAt(table, 20, c);
    low = lowPairs(a, b);
    high = highPairs(a, b);
    low0 = plus(low0, low, w1);
    high0 = plus(high0, high, w1 + 16);
    low1 = plus(low1, low, w0);
    high1 = plus(high1, high, w0 + 16);
    low = lowPairs(last, next);
    high = highPairs(last, next);
    low0 = plus(low0, low, w3);
    high0 = plus(high0, high, w3 + 16);

    a = codesAt(table, 24, c);
    b = codesAt(table, 28, c);
    last = codesAt(table, 32, c);
    low = lowPairs(a, b);
    high = highPairs(a, b);
    low0 = plus(low0, low, w2);
    high0 = plus(high0, high, w2 + 16);
    low1 = plus(low1, low, w1);
    high1 = plus(high1, high, w1 + 16);
    low2 = plus(low2, low, w0);
    high2 = plus(high2, high, w0 + 16);
    low = lowPairs(next, last);
    high = highPairs(next, last);
    low0 = plus(low0, low, w4);
    high0 = plus(high0, high, w4 + 16);
    low1 = plus(low1, low, w3);
    high1 = plus(high1, high, w3 + 16);

    a = codesAt(table, 36, c);
    b = codesAt(table, 40, c);
    next = codesAt(table, 44, c);
    low = lowPairs(a, b);
    high = highPairs(a, b);
    low1 = plus(low1, low, w2);
    high1 = plus(high1, high, w2 + 16);
    low2 = plus(low2, low, w1);
    high2 = plus(high2, high, w1 + 16);
    low3 = plus(low3, low, w0);
    high3 = plus(high3, high, w0 + 16);
    low = lowPairs(last, next);
    high = highPairs(last, next);
    low1 = plus(low1, low, w4);
    high1 = plus(high1, high, w4 + 16);
    low2 = plus(low2, low, w3);
    high2 = plus(high2, high, w3 + 16);

    a = codesAt(table, 48, c);
    b = codesAt(table, 52, c);
    last = codesAt(table, 56, c);
    low = lowPairs(a, b);
    high = highPairs(a, b);
    low2 = plus(low2, low, w2);
    high2 = plus(high2, high, w2 + 16);
    low3 = plus(low3, low, w1);
    high3 = plus(high3, high, w1 + 16);
    low = lowPairs(next, last);
    high = highPairs(next, last);
    low2 = plus(low2, low, w4);
    high2 = plus(high2, high, w4 + 16);
    low3 = plus(low3, low, w3);
    high3 = plus(high3, high, w3 + 16);

    a = codesAt(table, 60, c);
    b = codesAt(table, 64, c);
    next = codesAt(table, 68, c);
    low3 = plus(low3, lowPairs(a, b), w2);
    high3 = plus(high3, highPairs(a, b), w2 + 16);
    low3 = plus(low3, lowPairs(last, next), w4);
    high3 = plus(high3, highPairs(last, next), w4 + 16);
    finishFour(r, low0, high0, low1, high1, low2, high2, low3, high3, c, r.end - c, cells, cellCount);
  }
}

/** A 3 x 3 window that moves by two: neighbours share one column. `table`: by column and row. */
function squareByTwo(r: Depthwise, table: usize, cells: usize, cellCount: i32): void {
  const rowBytes = <usize>r.paddedChannels << 2;
  for (let c = r.first; c < r.end; c += 8) {
    const bias = r.bias + (<usize>c << 2);
    let low0 = v128.load(bias);
    let high0 = v128.load(bias, 16);
    let low1 = low0;
    let high1 = high0;
    let low2 = low0;
    let high2 = high0;
    let low3 = low0;
    let high3 = high0;
    const w0 = r.weights + (<usize>c << 2);
    const w1 = w0 + rowBytes;
    const w2 = w1 + rowBytes;
    const w3 = w2 + rowBytes;
    const w4 = w3 + rowBytes;
    let a = codesAt(table, 0, c);
    let b = codesAt(table, 4, c);
    let last = codesAt(table, 8, c);
    low0 = plus(low0, lowPairs(a, b), w0);
    high0 = plus(high0, highPairs(a, b), w0 + 16);

    a = codesAt(table, 12, c);
    b = codesAt(table, 16, c);
    let next = codesAt(table, 20, c);
    low0 = plus(low0, lowPairs(a, b), w1);
    high0 = plus(high0, highPairs(a, b), w1 + 16);
    low0 = plus(low0, lowPairs(last, next), w3);
    high0 = plus(high0, highPairs(last, next), w3 + 16);

    a = codesAt(table, 24, c);
    b = codesAt(table, 28, c);
    last = codesAt(table, 32, c);
    let low = lowPairs(a, b);
    let high = highPairs(a, b);
    low0 = plus(low0, low, w2);
    high0 = plus(high0, high, w2 + 16);
    low1 = plus(low1, low, w0);
    high1 = plus(high1, high, w0 + 16);
    low0 = plus(low0, lowPairs(next, last), w4);
    high0 = plus(high0, highPairs(next, last), w4 + 16);

    a = codesAt(table, 36, c);
    b = codesAt(table, 40, c);
    next = codesAt(table, 44, c);
    low1 = plus(low1, lowPairs(a, b), w1);
    high1 = plus(high1, highPairs(a, b), w1 + 16);
    low1 = plus(low1, lowPairs(last, next), w3);
    high1 = plus(high1, highPairs(last, next), w3 + 16);

    a = codesAt(table, 48, c);
    b = codesAt(table, 52, c);
    last = codesAt(table, 56, c);
    low = lowPairs(a, b);
    high = highPairs(a, b);
    low1 = plus(low1, low, w2);
    high1 = plus(high1, high, w2 + 16);
    low2 = plus(low2, low, w0);
    high2 = plus(high2, high, w0 + 16);
    low1 = plus(low1, lowPairs(next, last), w4);
    high1 = plus(high1, highPairs(next, last), w4 + 16);

    a = codesAt(table, 60, c);
    b = codesAt(table, 64, c);
    next = codesAt(table, 68, c);
    low2 = plus(low2, lowPairs(a, b), w1);
    high2 = plus(high2, highPairs(a, b), w1 + 16);
    low2 = plus(low2, lowPairs(last, next), w3);
    high2 = plus(high2, highPairs(last, next), w3 + 16);

    a = codesAt(table, 72, c);
    b = codesAt(table, 76, c);
    last = codesAt(table, 80, c);
    low = lowPairs(a, b);
    high = highPairs(a, b);
    low2 = plus(low2, low, w2);
    high2 = plus(high2, high, w2 + 16);
    low3 = plus(low3, low, w0);
    high3 = plus(high3, high, w0 + 16);
    low2 = plus(low2, lowPairs(next, last), w4);
    high2 = plus(high2, highPairs(next, last), w4 + 16);

    a = codesAt(table, 84, c);
    b = codesAt(table, 88, c);
    next = codesAt(table, 92, c);
    low3 = plus(low3, lowPairs(a, b), w1);
    high3 = plus(high3, highPairs(a, b), w1 + 16);
    low3 = plus(low3, lowPairs(last, next), w3);
    high3 = plus(high3, highPairs(last, next), w3 + 16);

    a = codesAt(table, 96, c);
    b = codesAt(table, 100, c);
    last = codesAt(table, 104, c);
    low3 = plus(low3, lowPairs(a, b), w2);
    high3 = plus(high3, highPairs(a, b), w2 + 16);
    low3 = plus(low3, lowPairs(next, last), w4);
    high3 = plus(high3, highPairs(next, last), w4 + 16);
    finishFour(r, low0, high0, low1, high1, low2, high2, low3, high3, c, r.end - c, cells, cellCount);
  }
}

/** Scratch: 32 bytes for sums, the addresses of four outputs, the addresses of their taps. */
export function depthwiseConv2d(record: usize): void {
  const r = changetype<Depthwise>(record);
  const cells = r.scratch + 32;
  const taps = cells + 16;
  const strideX = r.strideX;
  for (let y = r.rowStart; y < r.rowEnd; y++) {
    const row = r.originY + y * r.strideY;
    for (let x = r.columnStart; x < r.columnEnd; x += 4) {
      const column = r.originX + x * strideX;
      const cellCount = min(4, r.columnEnd - x);
      const to = outputCell(r, y, x, r.cellBytes);
      for (let i = 0; i < 4; i++) store<u32>(cells + (<usize>i << 2), <u32>(to + i * r.cellBytes));
      if (r.square == 1) {
        columnAddresses(r, row, column, 6, taps);
        squareByOne(r, taps, cells, cellCount);
      } else if (r.square == 2) {
        columnAddresses(r, row, column, 9, taps);
        squareByTwo(r, taps, cells, cellCount);
      } else {
        for (let i = 0; i < 4; i++) tapAddresses(r, row, column + i * strideX, taps + (<usize>i << 3));
        anyWindow(r, taps, cells, cellCount);
      }
    }
  }
}

/** Over its own input. Returns false, with nothing done, if that takes a detour over other memory. */
export function depthwiseInPlace(record: usize, linesRecord: usize): bool {
  const r = changetype<Depthwise>(record);
  const lines = changetype<Lines>(linesRecord);
  if (!begin(lines, r)) return false;
  r.channels = lines.cellChannels;
  while (nextBand(lines, r)) {
    r.first = lines.first;
    r.end = lines.end;
    depthwiseConv2d(record);
  }
  restore(lines, r);
  r.channels = lines.channels;
  r.first = 0;
  r.end = lines.channels;
  return true;
}

/** Cells of `size` bytes that stand without gaps at `from`, to the box of the output, `first` bytes into each cell. */
export function spread(record: usize, from: usize, size: i32, first: i32, channels: i32): void {
  const r = changetype<Call>(record);
  for (let y = r.rowStart; y < r.rowEnd; y++) {
    let to = outputCell(r, y, r.columnStart, channels) + first;
    for (let x = r.columnStart; x < r.columnEnd; x++) {
      if (size == 16) v128.store(to, v128.load(from));
      else if (size == 8) store<i64>(to, load<i64>(from));
      else if (size == 4) store<i32>(to, load<i32>(from));
      else for (let i = 0; i < size; i++) store<i8>(to + i, load<i8>(from + i));
      from += size;
      to += channels;
    }
  }
}
