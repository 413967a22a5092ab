import { Call } from "../call";
import { Lines, begin, nextBand, restore } from "../lines";
import { clampTo, storeLanes, inputRow, outputRow, firstTap, endTap } from "./common";

@unmanaged
class Depthwise extends Call {
  height: i32;
  width: i32;
  inputChannels: i32;
  outputChannels: i32;
  kernelY: i32;
  kernelX: i32;
  strideY: i32;
  strideX: i32;
  dilationY: i32;
  dilationX: i32;
  padY: i32;
  padX: i32;
  /** [kernel row, kernel column][channels, filled up to a multiple of 4]. */
  weights: usize;
  bias: usize;
  min: f32;
  max: f32;
  /** Per output channel, where its input channel stands in a cell (bytes); 0 when all have the same place. */
  offsets: usize;
  /** In place: room for the box with `channelBlock` channels; and that number. */
  scratch: usize;
  channelBlock: i32;
}

export function depthwiseConv2d(record: usize): void {
  const layer = changetype<Depthwise>(record);
  const cellBytes = <usize>layer.outputChannels << 2;
  const rowBytes = <usize>layer.outputRowCells * cellBytes;
  const to = outputRow(layer, layer.rowStart, layer.outputChannels) + <usize>layer.columnStart * cellBytes;
  depthwiseBox(layer, 0, layer.outputChannels, to, rowBytes, cellBytes);
}

/** Over its own input: over rows set aside where that does, else over `scratch`. */
export function depthwiseInPlace(record: usize, linesRecord: usize): void {
  const layer = changetype<Depthwise>(record);
  const lines = changetype<Lines>(linesRecord);
  if (!begin(lines, layer)) {
    depthwiseOverScratch(layer);
    return;
  }
  const channels = layer.outputChannels;
  const cellBytes = <usize>channels << 2;
  const rowBytes = <usize>layer.outputRowCells * cellBytes;
  layer.inputChannels = lines.cellChannels;
  while (nextBand(lines, layer)) {
    const to = outputRow(layer, layer.rowStart, channels) + (<usize>(layer.columnStart * channels + lines.first) << 2);
    depthwiseBox(layer, lines.first, lines.end, to, rowBytes, cellBytes);
  }
  restore(lines, layer);
  layer.inputChannels = channels;
}

function depthwiseOverScratch(layer: Depthwise): void {
  const channels = layer.outputChannels;
  const columns = layer.columnEnd - layer.columnStart;
  for (let first = 0; first < channels; first += layer.channelBlock) {
    const count = min(layer.channelBlock, channels - first);
    const cellBytes = <usize>count << 2;
    depthwiseBox(layer, first, first + count, layer.scratch, <usize>columns * cellBytes, cellBytes);
    let from = layer.scratch;
    for (let y = layer.rowStart; y < layer.rowEnd; y++) {
      let to = outputRow(layer, y, channels) + (<usize>(layer.columnStart * channels + first) << 2);
      for (let x = 0; x < columns; x++) {
        let c = 0;
        for (; c + 4 <= count; c += 4) v128.store(to + (<usize>c << 2), v128.load(from + (<usize>c << 2)));
        for (; c < count; c++) store<f32>(to + (<usize>c << 2), load<f32>(from + (<usize>c << 2)));
        from += cellBytes;
        to += <usize>channels << 2;
      }
    }
  }
}

/** Output channels `first`, …, `end - 1` of the box; its first cell goes to `to`. */
function depthwiseBox(layer: Depthwise, first: i32, end: i32, to: usize, rowBytes: usize, cellBytes: usize): void {
  const kernelX = layer.kernelX;
  const stride = layer.strideX;
  const reach = (kernelX - 1) * layer.dilationX;
  // Cells whose windows don't leave the image sideways.
  const room = layer.width - 1 - reach + layer.padX;
  const insideStart = (layer.padX + stride - 1) / stride;
  const insideEnd = layer.offsets != 0 || room < 0 ? 0 : room / stride + 1;
  for (let y = layer.rowStart; y < layer.rowEnd; y++) {
    const startY = y * layer.strideY - layer.padY;
    const firstY = firstTap(startY, layer.dilationY);
    const endY = max(firstY, endTap(startY, layer.dilationY, layer.kernelY, layer.height));
    let x = layer.columnStart;
    while (x < layer.columnEnd) {
      const startX = x * stride - layer.padX;
      const at = to + <usize>(x - layer.columnStart) * cellBytes;
      if (x >= insideStart && x + 4 <= min(insideEnd, layer.columnEnd)) {
        const row = inputRow(layer, startY + firstY * layer.dilationY, layer.inputChannels);
        const from = row + (<usize>(startX * layer.inputChannels) << 2);
        if (layer.dilationX == 1 && kernelX == 3) {
          if (stride == 1) depthwise3(layer, first, end, from, firstY, endY, at, cellBytes, 1);
          else if (stride == 2) depthwise3(layer, first, end, from, firstY, endY, at, cellBytes, 2);
          else depthwiseCells(layer, first, end, from, firstY, endY, at, cellBytes);
        } else if (layer.dilationX == 1 && kernelX == 5) {
          if (stride == 1) depthwise5(layer, first, end, from, firstY, endY, at, cellBytes, 1);
          else if (stride == 2) depthwise5(layer, first, end, from, firstY, endY, at, cellBytes, 2);
          else depthwiseCells(layer, first, end, from, firstY, endY, at, cellBytes);
        } else {
          depthwiseCells(layer, first, end, from, firstY, endY, at, cellBytes);
        }
        x += 4;
      } else {
        const firstX = firstTap(startX, layer.dilationX);
        const endX = max(firstX, endTap(startX, layer.dilationX, kernelX, layer.width));
        const row = inputRow(layer, startY + firstY * layer.dilationY, layer.inputChannels);
        const from = row + (<usize>((startX + firstX * layer.dilationX) * layer.inputChannels) << 2);
        depthwiseCell(layer, first, end, from, firstY, endY, firstX, endX, at);
        x++;
      }
    }
    to += rowBytes;
  }
}

/** One cell; taps outside the image are left out. `from`: the first tap. */
function depthwiseCell(layer: Depthwise, first: i32, end: i32, from: usize, firstY: i32, endY: i32, firstX: i32, endX: i32, to: usize): void {
  const weightStep = <usize>((layer.outputChannels + 3) & ~3) << 2;
  const rowBytes = <usize>(layer.dilationY * layer.inputRowCells * layer.inputChannels) << 2;
  const tapBytes = <usize>(layer.dilationX * layer.inputChannels) << 2;
  const least = f32x4.splat(layer.min);
  const most = f32x4.splat(layer.max);
  for (let c = first; c < end; c += 4) {
    const channel = <usize>c << 2;
    let sum = v128.load(layer.bias + channel);
    for (let ky = firstY; ky < endY; ky++) {
      let w = layer.weights + <usize>(ky * layer.kernelX + firstX) * weightStep + channel;
      let x = from + <usize>(ky - firstY) * rowBytes;
      for (let kx = firstX; kx < endX; kx++) {
        sum = f32x4.add(sum, f32x4.mul(inputsOf(layer, x, channel), v128.load(w)));
        w += weightStep;
        x += tapBytes;
      }
    }
    storeLanes(to, clampTo(sum, least, most), end - c);
    to += 16;
  }
}

/** The inputs of four output channels at one tap. */
// @ts-ignore: decorator
@inline
function inputsOf(layer: Depthwise, x: usize, channel: usize): v128 {
  if (layer.offsets == 0) return v128.load(x + channel);
  const offsets = layer.offsets + channel;
  let v = v128.load32_zero(x + <usize>load<u32>(offsets));
  v = v128.load_lane<f32>(x + <usize>load<u32>(offsets, 4), v, 1);
  v = v128.load_lane<f32>(x + <usize>load<u32>(offsets, 8), v, 2);
  return v128.load_lane<f32>(x + <usize>load<u32>(offsets, 12), v, 3);
}

// Four cells at once, which share the weights, and whose kernel columns are all inside the image.

/** Any kernel, stride and dilation. */
function depthwiseCells(layer: Depthwise, first: i32, end: i32, from: usize, firstY: i32, endY: i32, to: usize, cellBytes: usize): void {
  const weightStep = <usize>((layer.outputChannels + 3) & ~3) << 2;
  const inputBytes = <usize>layer.inputChannels << 2;
  const rowBytes = <usize>(layer.dilationY * layer.inputRowCells) * inputBytes;
  const tapBytes = <usize>layer.dilationX * inputBytes;
  const step = <usize>layer.strideX * inputBytes;
  const least = f32x4.splat(layer.min);
  const most = f32x4.splat(layer.max);
  const kernelX = layer.kernelX;
  const weights = layer.weights + <usize>(firstY * kernelX) * weightStep;
  for (let c = first; c < end; c += 4) {
    const channel = <usize>c << 2;
    let s0 = v128.load(layer.bias + channel);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let w = weights + channel;
    let row = from + channel;
    for (let ky = firstY; ky < endY; ky++) {
      let x0 = row;
      let x1 = x0 + step;
      let x2 = x1 + step;
      let x3 = x2 + step;
      for (let kx = 0; kx < kernelX; kx++) {
        const weight = v128.load(w);
        s0 = f32x4.add(s0, f32x4.mul(v128.load(x0), weight));
        s1 = f32x4.add(s1, f32x4.mul(v128.load(x1), weight));
        s2 = f32x4.add(s2, f32x4.mul(v128.load(x2), weight));
        s3 = f32x4.add(s3, f32x4.mul(v128.load(x3), weight));
        x0 += tapBytes;
        x1 += tapBytes;
        x2 += tapBytes;
        x3 += tapBytes;
        w += weightStep;
      }
      row += rowBytes;
    }
    storeCells(to, cellBytes, clampTo(s0, least, most), clampTo(s1, least, most), clampTo(s2, least, most), clampTo(s3, least, most), end - c);
    to += 16;
  }
}

// @ts-ignore: decorator
@inline
function storeCells(to: usize, cellBytes: usize, a: v128, b: v128, c: v128, d: v128, lanes: i32): void {
  storeLanes(to, a, lanes);
  storeLanes(to + cellBytes, b, lanes);
  storeLanes(to + 2 * cellBytes, c, lanes);
  storeLanes(to + 3 * cellBytes, d, lanes);
}

/** Three kernel columns; `stride` is a literal. */
// @ts-ignore: decorator
@inline
function depthwise3(layer: Depthwise, first: i32, end: i32, from: usize, firstY: i32, endY: i32, to: usize, cellBytes: usize, stride: usize): void {
  const weightStep = <usize>((layer.outputChannels + 3) & ~3) << 2;
  const inputBytes = <usize>layer.inputChannels << 2;
  const rowBytes = <usize>(layer.dilationY * layer.inputRowCells) * inputBytes;
  const least = f32x4.splat(layer.min);
  const most = f32x4.splat(layer.max);
  const weights = layer.weights + <usize>(firstY * 3) * weightStep;
  for (let c = first; c < end; c += 4) {
    const channel = <usize>c << 2;
    let s0 = v128.load(layer.bias + channel);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let w = weights + channel;
    let row = from + channel;
    for (let ky = firstY; ky < endY; ky++) {
      const w0 = v128.load(w);
      const w1 = v128.load(w + weightStep);
      const w2 = v128.load(w + 2 * weightStep);
      if (stride == 1) {
        const x0 = v128.load(row);
        const x1 = v128.load(row + inputBytes);
        const x2 = v128.load(row + 2 * inputBytes);
        const x3 = v128.load(row + 3 * inputBytes);
        const x4 = v128.load(row + 4 * inputBytes);
        const x5 = v128.load(row + 5 * inputBytes);
        s0 = f32x4.add(f32x4.add(f32x4.add(s0, f32x4.mul(x0, w0)), f32x4.mul(x1, w1)), f32x4.mul(x2, w2));
        s1 = f32x4.add(f32x4.add(f32x4.add(s1, f32x4.mul(x1, w0)), f32x4.mul(x2, w1)), f32x4.mul(x3, w2));
        s2 = f32x4.add(f32x4.add(f32x4.add(s2, f32x4.mul(x2, w0)), f32x4.mul(x3, w1)), f32x4.mul(x4, w2));
        s3 = f32x4.add(f32x4.add(f32x4.add(s3, f32x4.mul(x3, w0)), f32x4.mul(x4, w1)), f32x4.mul(x5, w2));
      } else {
        const x2 = v128.load(row + 2 * inputBytes);
        const x4 = v128.load(row + 4 * inputBytes);
        const x6 = v128.load(row + 6 * inputBytes);
        s0 = f32x4.add(f32x4.add(f32x4.add(s0, f32x4.mul(v128.load(row), w0)), f32x4.mul(v128.load(row + inputBytes), w1)), f32x4.mul(x2, w2));
        s1 = f32x4.add(f32x4.add(f32x4.add(s1, f32x4.mul(x2, w0)), f32x4.mul(v128.load(row + 3 * inputBytes), w1)), f32x4.mul(x4, w2));
        s2 = f32x4.add(f32x4.add(f32x4.add(s2, f32x4.mul(x4, w0)), f32x4.mul(v128.load(row + 5 * inputBytes), w1)), f32x4.mul(x6, w2));
        s3 = f32x4.add(f32x4.add(f32x4.add(s3, f32x4.mul(x6, w0)), f32x4.mul(v128.load(row + 7 * inputBytes), w1)), f32x4.mul(v128.load(row + 8 * inputBytes), w2));
      }
      w += 3 * weightStep;
      row += rowBytes;
    }
    storeCells(to, cellBytes, clampTo(s0, least, most), clampTo(s1, least, most), clampTo(s2, least, most), clampTo(s3, least, most), end - c);
    to += 16;
  }
}

/** One sum and its products at five kernel columns. */
// @ts-ignore: decorator
@inline
function add5(sum: v128, a: v128, b: v128, c: v128, d: v128, e: v128, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128): v128 {
  const three = f32x4.add(f32x4.add(f32x4.add(sum, f32x4.mul(a, w0)), f32x4.mul(b, w1)), f32x4.mul(c, w2));
  return f32x4.add(f32x4.add(three, f32x4.mul(d, w3)), f32x4.mul(e, w4));
}

/** Five kernel columns; `stride` is a literal. */
// @ts-ignore: decorator
@inline
function depthwise5(layer: Depthwise, first: i32, end: i32, from: usize, firstY: i32, endY: i32, to: usize, cellBytes: usize, stride: usize): void {
  const weightStep = <usize>((layer.outputChannels + 3) & ~3) << 2;
  const inputBytes = <usize>layer.inputChannels << 2;
  const rowBytes = <usize>(layer.dilationY * layer.inputRowCells) * inputBytes;
  const least = f32x4.splat(layer.min);
  const most = f32x4.splat(layer.max);
  const weights = layer.weights + <usize>(firstY * 5) * weightStep;
  for (let c = first; c < end; c += 4) {
    const channel = <usize>c << 2;
    let s0 = v128.load(layer.bias + channel);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let w = weights + channel;
    let row = from + channel;
    for (let ky = firstY; ky < endY; ky++) {
      const w0 = v128.load(w);
      const w1 = v128.load(w + weightStep);
      const w2 = v128.load(w + 2 * weightStep);
      const w3 = v128.load(w + 3 * weightStep);
      const w4 = v128.load(w + 4 * weightStep);
      let a = v128.load(row);
      let b = v128.load(row + inputBytes);
      let c2 = v128.load(row + 2 * inputBytes);
      let d = v128.load(row + 3 * inputBytes);
      let e = v128.load(row + 4 * inputBytes);
      s0 = add5(s0, a, b, c2, d, e, w0, w1, w2, w3, w4);
      if (stride == 1) {
        a = v128.load(row + 5 * inputBytes);
        s1 = add5(s1, b, c2, d, e, a, w0, w1, w2, w3, w4);
        b = v128.load(row + 6 * inputBytes);
        s2 = add5(s2, c2, d, e, a, b, w0, w1, w2, w3, w4);
        c2 = v128.load(row + 7 * inputBytes);
        s3 = add5(s3, d, e, a, b, c2, w0, w1, w2, w3, w4);
      } else {
        a = v128.load(row + 5 * inputBytes);
        b = v128.load(row + 6 * inputBytes);
        s1 = add5(s1, c2, d, e, a, b, w0, w1, w2, w3, w4);
        c2 = v128.load(row + 7 * inputBytes);
        d = v128.load(row + 8 * inputBytes);
        s2 = add5(s2, e, a, b, c2, d, w0, w1, w2, w3, w4);
        e = v128.load(row + 9 * inputBytes);
        a = v128.load(row + 10 * inputBytes);
        s3 = add5(s3, b, c2, d, e, a, w0, w1, w2, w3, w4);
      }
      w += 5 * weightStep;
      row += rowBytes;
    }
    storeCells(to, cellBytes, clampTo(s0, least, most), clampTo(s1, least, most), clampTo(s2, least, most), clampTo(s3, least, most), end - c);
    to += 16;
  }
}
