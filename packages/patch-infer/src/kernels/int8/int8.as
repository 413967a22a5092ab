// Kernels on int8 cells, with the bits of the kernels in TypeScript. Sums of whole numbers don't depend on their order; the
// fixed-point factors are rounded as TFLite rounds them.

import { Call } from "../call";
import { Lines, begin, nextBand, restore } from "../lines";

/** From sums to codes. Arrays have one entry per output channel and some more behind, because lanes read beyond the last. */
@unmanaged
class Scaled extends Call {
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
class Windowed extends Scaled {
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
function highMul(a: v128, b: v128): v128 {
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
function rescale(
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
function finishSlowly(r: Scaled, sums: usize, channel: i32, count: i32, to: usize): void {
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

/** The lower `count` (1 to 8) bytes of a lane. */
// @ts-ignore: decorator
@inline
function storeBytes(to: usize, bytes: i64, count: i32): void {
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
function clamped(r: Scaled, codes: v128): v128 {
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
function finishFour(
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

// Convolutions: the taps of a few cells side by side as 16-bit numbers less the zero point, times weights.

@unmanaged
class Convolution extends Windowed {
  weights: usize;
  groups: i32;
  /** Channels per group: read and made. */
  taken: i32;
  made: i32;
  /** Numbers of one cell: taps times channels, filled up to a multiple of 4. */
  depth: i32;
  /** Cells that are done together; a multiple of 4. */
  tile: i32;
  /** One tap, always inside. */
  pointwise: i32;
  /** A record of `Pairwise`: results are added to what stands at the output. 0: they are not. */
  addition: usize;
  /** The result is the right operand. */
  swapped: i32;
}

/** `count` numbers; up to seven more are written behind them. */
// @ts-ignore: decorator
@inline
function widen(from: usize, to: usize, count: i32, zeroPoint: v128): void {
  for (let i = 0; i < count; i += 8) {
    v128.store(to + (<usize>i << 1), i16x8.sub(v128.load8x8_s(from + i), zeroPoint));
  }
}

// @ts-ignore: decorator
@inline
function fillZeros(to: usize, count: i32): void {
  for (let i = 0; i < count; i += 8) v128.store(to + (<usize>i << 1), i64x2.splat(0));
}

/** The taps of the cell whose first tap is at (row, column), for the channels from `channel` on. */
function gather(r: Convolution, row: i32, column: i32, channel: i32, to: usize): void {
  const zeroPoint = i16x8.splat(<i16>r.inputZeroPoint);
  const channels = r.channels;
  const taken = r.taken;
  // Padding may follow the image even where none comes before it.
  if (r.pointwise && row < r.height && column < r.width) {
    const cell = (row - r.inputTop) * r.inputRowCells + (column - r.inputLeft);
    widen(r.input + cell * channels + channel, to, taken, zeroPoint);
    return;
  }
  const kernelX = r.kernelX;
  const together = r.dilationX == 1 && r.groups == 1;
  const rowCount = kernelX * taken;
  const step = <usize>taken << 1;
  const columnsInside = together && column >= 0 && column + kernelX <= r.width;
  for (let i = 0; i < r.kernelY; i++) {
    const y = row + i * r.dilationY;
    if (y < 0 || y >= r.height) {
      fillZeros(to, rowCount);
      to += <usize>rowCount << 1;
      continue;
    }
    const line = (y - r.inputTop) * r.inputRowCells - r.inputLeft;
    if (columnsInside) {
      widen(r.input + (line + column) * channels, to, rowCount, zeroPoint);
      to += <usize>rowCount << 1;
    } else if (together) {
      const first = min(max(0, -column), kernelX);
      const end = max(first, min(kernelX, r.width - column));
      if (first > 0) {
        fillZeros(to, first * channels);
        to += <usize>(first * channels) << 1;
      }
      widen(r.input + (line + column + first) * channels, to, (end - first) * channels, zeroPoint);
      to += <usize>((end - first) * channels) << 1;
      if (end < kernelX) {
        fillZeros(to, (kernelX - end) * channels);
        to += <usize>((kernelX - end) * channels) << 1;
      }
    } else {
      for (let j = 0; j < kernelX; j++) {
        const x = column + j * r.dilationX;
        if (x < 0 || x >= r.width) fillZeros(to, taken);
        else widen(r.input + (line + x) * channels + channel, to, taken, zeroPoint);
        to += step;
      }
    }
  }
}

/**
 * Four cells times eight output channels, of which `cellCount` and `count` are wanted. `a`: taps of the cells, `w`: weights,
 * `cells`: addresses of the cells' first channels.
 */
function multiply(r: Convolution, a: usize, w: usize, channel: i32, count: i32, cells: usize, cellCount: i32): void {
  const rowBytes = <usize>r.depth << 1;
  const bias = r.bias + (<usize>channel << 2);
  const biasLow = v128.load(bias);
  const biasHigh = v128.load(bias, 16);
  let low0 = biasLow;
  let low1 = biasLow;
  let low2 = biasLow;
  let low3 = biasLow;
  let high0 = biasHigh;
  let high1 = biasHigh;
  let high2 = biasHigh;
  let high3 = biasHigh;
  let a0 = a;
  let a1 = a0 + rowBytes;
  let a2 = a1 + rowBytes;
  let a3 = a2 + rowBytes;
  const stop = a1;
  while (a0 < stop) {
    let wLow = v128.load8x8_s(w);
    let wHigh = v128.load8x8_s(w, 8);
    let x = v128.load32_splat(a0);
    low0 = i32x4.add(low0, i32x4.dot_i16x8_s(x, wLow));
    high0 = i32x4.add(high0, i32x4.dot_i16x8_s(x, wHigh));
    x = v128.load32_splat(a1);
    low1 = i32x4.add(low1, i32x4.dot_i16x8_s(x, wLow));
    high1 = i32x4.add(high1, i32x4.dot_i16x8_s(x, wHigh));
    x = v128.load32_splat(a2);
    low2 = i32x4.add(low2, i32x4.dot_i16x8_s(x, wLow));
    high2 = i32x4.add(high2, i32x4.dot_i16x8_s(x, wHigh));
    x = v128.load32_splat(a3);
    low3 = i32x4.add(low3, i32x4.dot_i16x8_s(x, wLow));
    high3 = i32x4.add(high3, i32x4.dot_i16x8_s(x, wHigh));
    wLow = v128.load8x8_s(w, 16);
    wHigh = v128.load8x8_s(w, 24);
    x = v128.load32_splat(a0, 4);
    low0 = i32x4.add(low0, i32x4.dot_i16x8_s(x, wLow));
    high0 = i32x4.add(high0, i32x4.dot_i16x8_s(x, wHigh));
    x = v128.load32_splat(a1, 4);
    low1 = i32x4.add(low1, i32x4.dot_i16x8_s(x, wLow));
    high1 = i32x4.add(high1, i32x4.dot_i16x8_s(x, wHigh));
    x = v128.load32_splat(a2, 4);
    low2 = i32x4.add(low2, i32x4.dot_i16x8_s(x, wLow));
    high2 = i32x4.add(high2, i32x4.dot_i16x8_s(x, wHigh));
    x = v128.load32_splat(a3, 4);
    low3 = i32x4.add(low3, i32x4.dot_i16x8_s(x, wLow));
    high3 = i32x4.add(high3, i32x4.dot_i16x8_s(x, wHigh));
    a0 += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
    w += 32;
  }
  finishFour(r, low0, high0, low1, high1, low2, high2, low3, high3, channel, count, cells, cellCount);
}

/** As `multiply` for the last one to four output channels of layers whose sums are scaled in lanes. */
function multiplyFew(r: Convolution, a: usize, w: usize, channel: i32, count: i32, cells: usize, cellCount: i32): void {
  const rowBytes = <usize>r.depth << 1;
  const at = <usize>channel << 2;
  let sums0 = v128.load(r.bias + at);
  let sums1 = sums0;
  let sums2 = sums0;
  let sums3 = sums0;
  let a0 = a;
  let a1 = a0 + rowBytes;
  let a2 = a1 + rowBytes;
  let a3 = a2 + rowBytes;
  const stop = a1;
  while (a0 < stop) {
    let weights = v128.load8x8_s(w);
    sums0 = i32x4.add(sums0, i32x4.dot_i16x8_s(v128.load32_splat(a0), weights));
    sums1 = i32x4.add(sums1, i32x4.dot_i16x8_s(v128.load32_splat(a1), weights));
    sums2 = i32x4.add(sums2, i32x4.dot_i16x8_s(v128.load32_splat(a2), weights));
    sums3 = i32x4.add(sums3, i32x4.dot_i16x8_s(v128.load32_splat(a3), weights));
    weights = v128.load8x8_s(w, 16);
    sums0 = i32x4.add(sums0, i32x4.dot_i16x8_s(v128.load32_splat(a0, 4), weights));
    sums1 = i32x4.add(sums1, i32x4.dot_i16x8_s(v128.load32_splat(a1, 4), weights));
    sums2 = i32x4.add(sums2, i32x4.dot_i16x8_s(v128.load32_splat(a2, 4), weights));
    sums3 = i32x4.add(sums3, i32x4.dot_i16x8_s(v128.load32_splat(a3, 4), weights));
    a0 += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
    w += 32;
  }
  const multiplier = v128.load(r.multiplier + at);
  const power = v128.load(r.power + at);
  const limit = v128.load(r.limit + at);
  const rounding = v128.load(r.lanes);
  const codes = clamped(
    r,
    i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(
        rescale(sums0, multiplier, power, limit, rounding, true),
        rescale(sums1, multiplier, power, limit, rounding, true),
      ),
      i16x8.narrow_i32x4_s(
        rescale(sums2, multiplier, power, limit, rounding, true),
        rescale(sums3, multiplier, power, limit, rounding, true),
      ),
    ),
  );
  storeBytes(<usize>load<u32>(cells) + channel, i32x4.extract_lane(codes, 0), count);
  if (cellCount > 1) storeBytes(<usize>load<u32>(cells, 4) + channel, i32x4.extract_lane(codes, 1), count);
  if (cellCount > 2) storeBytes(<usize>load<u32>(cells, 8) + channel, i32x4.extract_lane(codes, 2), count);
  if (cellCount > 3) storeBytes(<usize>load<u32>(cells, 12) + channel, i32x4.extract_lane(codes, 3), count);
}

/** The first position from `start` on that belongs to the phase. */
// @ts-ignore: decorator
@inline
function firstOfPhase(start: i32, step: i32, phase: i32): i32 {
  return start + ((((phase - start) % step) + step) % step);
}

/** The address of a cell of the output. */
// @ts-ignore: decorator
@inline
function outputCell(r: Call, y: i32, x: i32, channels: i32): usize {
  return r.output + ((y - r.outputTop) * r.outputRowCells + (x - r.outputLeft)) * channels;
}

/**
 * Scratch: 32 bytes for sums, 144 for the record of an addition, the addresses of a tile's outputs, the codes of a tile
 * (where results are added to others), its taps.
 */
export function conv2d(record: usize): void {
  const r = changetype<Convolution>(record);
  const tile = r.tile;
  const outputChannels = r.outputChannels;
  const cells = r.scratch + 176;
  const codes = cells + (<usize>tile << 2);
  const taps = codes + (r.addition ? (tile * outputChannels + 15) & ~15 : 0);
  const rowBytes = <usize>r.depth << 1;
  const blocks = (r.made + 7) >> 3;
  const blockBytes = <usize>r.depth << 3;
  const columnStart = firstOfPhase(r.columnStart, r.stepX, r.phaseX);
  let y = firstOfPhase(r.rowStart, r.stepY, r.phaseY);
  let x = columnStart;
  if (x >= r.columnEnd) return;
  while (y < r.rowEnd) {
    const tileY = y;
    const tileX = x;
    let cellCount = 0;
    for (let group = 0; group < r.groups; group++) {
      y = tileY;
      x = tileX;
      cellCount = 0;
      let to = taps;
      while (cellCount < tile && y < r.rowEnd) {
        const row = r.originY + ((y - r.phaseY) / r.stepY) * r.strideY;
        const column = r.originX + ((x - r.phaseX) / r.stepX) * r.strideX;
        gather(r, row, column, group * r.taken, to);
        const at = r.addition ? codes + cellCount * outputChannels : outputCell(r, y, x, outputChannels);
        store<u32>(cells + (<usize>cellCount << 2), <u32>at);
        to += rowBytes;
        cellCount++;
        x += r.stepX;
        if (x >= r.columnEnd) {
          x = columnStart;
          y += r.stepY;
        }
      }
      let w = r.weights + <usize>(group * blocks) * blockBytes;
      for (let block = 0; block < blocks; block++) {
        const first = block << 3;
        const few = r.fast && r.made - first <= 4;
        for (let cell = 0; cell < cellCount; cell += 4) {
          const a = taps + <usize>cell * rowBytes;
          const at = cells + (<usize>cell << 2);
          if (few) multiplyFew(r, a, w, group * r.made + first, r.made - first, at, min(4, cellCount - cell));
          else multiply(r, a, w, group * r.made + first, r.made - first, at, min(4, cellCount - cell));
        }
        w += blockBytes;
      }
    }
    if (r.addition) addTile(r, tileY, tileX, cellCount, columnStart, codes);
  }
}

function addTile(r: Convolution, y: i32, x: i32, cellCount: i32, columnStart: i32, codes: usize): void {
  const addition = changetype<Pairwise>(r.addition);
  const channels = r.outputChannels;
  for (let cell = 0; cell < cellCount; cell++) {
    const to = outputCell(r, y, x, channels);
    if (r.swapped) combine(addition, to, codes, to, channels);
    else combine(addition, codes, to, to, channels);
    codes += channels;
    x += r.stepX;
    if (x >= r.columnEnd) {
      x = columnStart;
      y += r.stepY;
    }
  }
}

// Depthwise convolutions: lanes are channels, four cells and two taps at a time.

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

// Pools: lanes are channels.

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

// @ts-ignore: decorator
@inline
function firstTap(origin: i32, dilation: i32): i32 {
  return origin >= 0 ? 0 : (dilation - 1 - origin) / dilation;
}

/** One more than the last tap inside. */
// @ts-ignore: decorator
@inline
function endTap(origin: i32, dilation: i32, kernel: i32, size: i32): i32 {
  return origin >= size ? 0 : min(kernel, (size - origin + dilation - 1) / dilation);
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

/** The first `count` bytes of a register, all of them if `count` is larger. */
// @ts-ignore: decorator
@inline
function store16(to: usize, codes: v128, count: i32): void {
  if (count >= 16) v128.store(to, codes);
  else if (count >= 8) {
    v128.store64_lane(to, codes, 0);
    storeBytes(to + 8, i64x2.extract_lane(codes, 1), count - 8);
  } else storeBytes(to, i64x2.extract_lane(codes, 0), count);
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

// @ts-ignore: decorator
@inline
function storeBytes8(to: usize, codes: v128, count: i32): void {
  if (count >= 8) v128.store64_lane(to, codes, 0);
  else storeBytes(to, i64x2.extract_lane(codes, 0), count);
}

// Two operands cell by cell.

/** What is done with two rows of codes. */
@unmanaged
class Pairwise extends Call {
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
function combine(r: Pairwise, left: usize, right: usize, to: usize, count: i32): void {
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

// @ts-ignore: decorator
@inline
function inputCell(r: Call, y: i32, x: i32, channels: i32): usize {
  return r.input + ((y - r.inputTop) * r.inputRowCells + (x - r.inputLeft)) * channels;
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

// One code by a table, and changes of the cell's type.

@unmanaged
class Cells extends Call {
  channels: i32;
  /** 256 results for the codes -128, ..., 127; `perChannel` bytes on, those of the next channel. */
  table: usize;
  perChannel: i32;
  scale: f32;
  zeroPoint: i32;
}

export function unary(record: usize): void {
  const r = changetype<Cells>(record);
  const channels = r.channels;
  const perChannel = r.perChannel;
  const width = r.columnEnd - r.columnStart;
  for (let y = r.rowStart; y < r.rowEnd; y++) {
    let from = inputCell(r, y, r.columnStart, channels);
    let to = outputCell(r, y, r.columnStart, channels);
    if (perChannel == 0) {
      const table = r.table + 128;
      const end = from + width * channels;
      while (from < end) {
        store<i8>(to, load<i8>(table + load<i8>(from)));
        from++;
        to++;
      }
    } else {
      for (let x = 0; x < width; x++) {
        let table = r.table + 128;
        for (let c = 0; c < channels; c++) {
          store<i8>(to, load<i8>(table + load<i8>(from)));
          from++;
          to++;
          table += perChannel;
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function quantize4(from: usize, scale: v128): v128 {
  // NaN becomes 0 at the conversion, which is the zero point.
  const near = f32x4.nearest(f32x4.div(v128.load(from), scale));
  return i32x4.trunc_sat_f32x4_s(f32x4.min(f32x4.max(near, f32x4.splat(-1024)), f32x4.splat(1024)));
}

export function quantize(record: usize): void {
  const r = changetype<Cells>(record);
  const channels = r.channels;
  const scale = f32x4.splat(r.scale);
  const zeroPoint = i16x8.splat(<i16>r.zeroPoint);
  const count = (r.columnEnd - r.columnStart) * channels;
  for (let y = r.rowStart; y < r.rowEnd; y++) {
    const from = inputCell(r, y, r.columnStart, channels << 2);
    const to = outputCell(r, y, r.columnStart, channels);
    for (let i = 0; i < count; i += 8) {
      const at = from + (<usize>i << 2);
      const wide = i16x8.add(i16x8.narrow_i32x4_s(quantize4(at, scale), quantize4(at + 16, scale)), zeroPoint);
      storeBytes8(to + i, i8x16.narrow_i16x8_s(wide, wide), count - i);
    }
  }
}

export function dequantize(record: usize): void {
  const r = changetype<Cells>(record);
  const channels = r.channels;
  const scale = f32x4.splat(r.scale);
  const zeroPoint = i16x8.splat(<i16>r.zeroPoint);
  const count = (r.columnEnd - r.columnStart) * channels;
  for (let y = r.rowStart; y < r.rowEnd; y++) {
    const from = inputCell(r, y, r.columnStart, channels);
    const to = outputCell(r, y, r.columnStart, channels << 2);
    let i = 0;
    for (; i + 8 <= count; i += 8) {
      const codes = i16x8.sub(v128.load8x8_s(from + i), zeroPoint);
      const at = to + (<usize>i << 2);
      v128.store(at, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(codes)), scale));
      v128.store(at, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(codes)), scale), 16);
    }
    for (; i < count; i++) {
      store<f32>(to + (<usize>i << 2), <f32>(<i32>load<i8>(from + i) - r.zeroPoint) * r.scale);
    }
  }
}

// Resampling.

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
