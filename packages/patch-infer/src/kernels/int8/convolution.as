// Convolutions: the taps of a few cells side by side as 16-bit numbers less the zero point, times weights.

import { outputCell, storeBytes } from "./common";
import { Windowed, clamped, finishFour, rescale } from "./scaled";
import { Pairwise, combine } from "./pairwise";

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
