import { Call } from "../call";
import { clampTo, storeLanes, inputRow, outputRow, firstTap, endTap } from "./common";

@unmanaged
class Pool extends Call {
  height: i32;
  width: i32;
  channels: i32;
  kernelY: i32;
  kernelX: i32;
  strideY: i32;
  strideX: i32;
  dilationY: i32;
  dilationX: i32;
  padY: i32;
  padX: i32;
  min: f32;
  max: f32;
  /** Average: what to divide by; 0: the number of cells inside the image. */
  divisor: i32;
}

/** The larger ones; NaN where one of the two is. */
// @ts-ignore: decorator
@inline
function larger(a: v128, b: v128): v128 {
  return v128.bitselect(b, a, v128.or(f32x4.gt(b, a), f32x4.ne(b, b)));
}

export function maxPool2d(record: usize): void {
  pool(changetype<Pool>(record), true);
}

export function averagePool2d(record: usize): void {
  pool(changetype<Pool>(record), false);
}

/** `isMax` is a literal. */
// @ts-ignore: decorator
@inline
function pool(layer: Pool, isMax: bool): void {
  const channels = layer.channels;
  const cellBytes = <usize>channels << 2;
  const rowBytes = <usize>(layer.dilationY * layer.inputRowCells) * cellBytes;
  const tapBytes = <usize>layer.dilationX * cellBytes;
  const least = f32x4.splat(layer.min);
  const most = f32x4.splat(layer.max);
  for (let y = layer.rowStart; y < layer.rowEnd; y++) {
    const startY = y * layer.strideY - layer.padY;
    const firstY = firstTap(startY, layer.dilationY);
    const endY = endTap(startY, layer.dilationY, layer.kernelY, layer.height);
    const row = inputRow(layer, startY + firstY * layer.dilationY, channels);
    let to = outputRow(layer, y, channels) + <usize>layer.columnStart * cellBytes;
    for (let x = layer.columnStart; x < layer.columnEnd; x++) {
      const startX = x * layer.strideX - layer.padX;
      const firstX = firstTap(startX, layer.dilationX);
      const endX = endTap(startX, layer.dilationX, layer.kernelX, layer.width);
      const from = row + <usize>(startX + firstX * layer.dilationX) * cellBytes;
      const cells = max(0, endY - firstY) * max(0, endX - firstX);
      const divisor = f32x4.splat(<f32>(layer.divisor == 0 ? max(1, cells) : layer.divisor));
      for (let c = 0; c < channels; c += 4) {
        let folded = f32x4.splat(isMax ? <f32>-Infinity : <f32>0);
        let line = from + (<usize>c << 2);
        for (let ky = firstY; ky < endY; ky++) {
          let at = line;
          for (let kx = firstX; kx < endX; kx++) {
            folded = isMax ? larger(folded, v128.load(at)) : f32x4.add(folded, v128.load(at));
            at += tapBytes;
          }
          line += rowBytes;
        }
        if (!isMax) folded = f32x4.div(folded, divisor);
        storeLanes(to + (<usize>c << 2), clampTo(folded, least, most), channels - c);
      }
      to += cellBytes;
    }
  }
}

@unmanaged
class GlobalPool extends Call {
  height: i32;
  width: i32;
  channels: i32;
  min: f32;
  max: f32;
  /** 0: largest, 1: sum, 2: mean. */
  fn: i32;
  /** What was folded so far, by channel. */
  sums: usize;
  /** 1: nothing was folded yet; 2: this is the last box. */
  turn: i32;
}

/** The box of the call is one of the input. */
export function globalPool(record: usize): void {
  const layer = changetype<GlobalPool>(record);
  const cellBytes = <usize>layer.channels << 2;
  const left = <usize>layer.columnStart * cellBytes;
  const bytes = <usize>(layer.columnEnd - layer.columnStart) * cellBytes;
  const divisor = f32x4.splat(<f32>(layer.height * layer.width));
  for (let c = 0; c < layer.channels; c += 4) {
    const channel = <usize>c << 2;
    let folded = layer.turn & 1 ? f32x4.splat(layer.fn == 0 ? <f32>-Infinity : <f32>0) : v128.load(layer.sums + channel);
    for (let y = layer.rowStart; y < layer.rowEnd; y++) {
      let at = inputRow(layer, y, layer.channels) + channel + left;
      const stop = at + bytes;
      if (layer.fn == 0) for (; at < stop; at += cellBytes) folded = larger(folded, v128.load(at));
      else for (; at < stop; at += cellBytes) folded = f32x4.add(folded, v128.load(at));
    }
    if (!(layer.turn & 2)) {
      storeLanes(layer.sums + channel, folded, layer.channels - c);
      continue;
    }
    if (layer.fn == 2) folded = f32x4.div(folded, divisor);
    const result = clampTo(folded, f32x4.splat(layer.min), f32x4.splat(layer.max));
    storeLanes(outputRow(layer, 0, layer.channels) + channel, result, layer.channels - c);
  }
}
