// Kernels on float32 cells. The order of all sums is that of the TypeScript kernels: lanes of a register belong to different
// output channels, never to one sum, and taps outside the image are left out. So the bits are the same.

import { Call } from "../call";
import { Lines, begin, nextBand, restore } from "../lines";

@unmanaged
class Conv extends Call {
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
  groups: i32;
  /** Per group blocks of 8 outputs: [kernel row, kernel column, input][8]; a last block of up to 4 outputs has 4 columns. */
  weights: usize;
  bias: usize;
  min: f32;
  max: f32;
  /** 1: the result is added to the output and moved into [addMin, addMax]. */
  accumulate: i32;
  addMin: f32;
  addMax: f32;
  /** Room for runs and segments. */
  scratch: usize;
  /** Bytes of weights that are used again and again before the next ones. */
  panelBytes: i32;
  /** Cells of a 1 x 1 convolution that are worked on together. */
  chunkCells: i32;
  /** Bytes from the outputs of one cell of a run to those of the next. */
  outputStep: usize;
  /** Room for the segments of one run. */
  segmentBytes: usize;
}

// @ts-ignore: decorator
@inline
function clampTo(v: v128, min: v128, max: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, min), max);
}

/** Clamps four results and stores the first `lanes` of them. */
// @ts-ignore: decorator
@inline
function finish(conv: Conv, to: usize, sums: v128, lanes: i32): void {
  let v = clampTo(sums, v128.load32_splat(changetype<usize>(conv) + offsetof<Conv>("min")), v128.load32_splat(changetype<usize>(conv) + offsetof<Conv>("max")));
  if (conv.accumulate) {
    v = clampTo(f32x4.add(v, v128.load(to)), f32x4.splat(conv.addMin), f32x4.splat(conv.addMax));
  }
  storeLanes(to, v, lanes);
}

// @ts-ignore: decorator
@inline
function storeLanes(to: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(to, v);
  } else if (lanes > 0) {
    v128.store_lane<f32>(to, v, 0);
    if (lanes > 1) v128.store_lane<f32>(to + 4, v, 1);
    if (lanes > 2) v128.store_lane<f32>(to + 8, v, 2);
  }
}

// A segment: input cells that stand next to each other, and where their weights begin. 12 bytes: the address of the first
// input for the first cell of a run, the position of the first weight (counted in inputs), the length in bytes.

/** 4 cells x 8 outputs. */
function tile4x8(conv: Conv, segments: usize, end: usize, shift: usize, step: usize, weights: usize, bias: usize, to: usize, lanes: i32): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  for (; segments < end; segments += 12) {
    let a = <usize>load<u32>(segments) + shift;
    let w = weights + (<usize>load<u32>(segments, 4) << 5);
    const stop = a + <usize>load<u32>(segments, 8);
    let b = a + step;
    let c = b + step;
    let d = c + step;
    while (a < stop) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      let x = v128.load32_splat(a);
      a0 = f32x4.add(a0, f32x4.mul(x, w0));
      a1 = f32x4.add(a1, f32x4.mul(x, w1));
      x = v128.load32_splat(b);
      b0 = f32x4.add(b0, f32x4.mul(x, w0));
      b1 = f32x4.add(b1, f32x4.mul(x, w1));
      x = v128.load32_splat(c);
      c0 = f32x4.add(c0, f32x4.mul(x, w0));
      c1 = f32x4.add(c1, f32x4.mul(x, w1));
      x = v128.load32_splat(d);
      d0 = f32x4.add(d0, f32x4.mul(x, w0));
      d1 = f32x4.add(d1, f32x4.mul(x, w1));
      a += 4;
      b += 4;
      c += 4;
      d += 4;
      w += 32;
    }
  }
  const outputStep = conv.outputStep;
  finish(conv, to, a0, 4);
  finish(conv, to + 16, a1, lanes - 4);
  to += outputStep;
  finish(conv, to, b0, 4);
  finish(conv, to + 16, b1, lanes - 4);
  to += outputStep;
  finish(conv, to, c0, 4);
  finish(conv, to + 16, c1, lanes - 4);
  to += outputStep;
  finish(conv, to, d0, 4);
  finish(conv, to + 16, d1, lanes - 4);
}

/** 4 cells x 4 outputs. */
function tile4x4(conv: Conv, segments: usize, end: usize, shift: usize, step: usize, weights: usize, bias: usize, to: usize, lanes: i32): void {
  let a0 = v128.load(bias);
  let b0 = a0;
  let c0 = a0;
  let d0 = a0;
  for (; segments < end; segments += 12) {
    let a = <usize>load<u32>(segments) + shift;
    let w = weights + (<usize>load<u32>(segments, 4) << 4);
    const stop = a + <usize>load<u32>(segments, 8);
    let b = a + step;
    let c = b + step;
    let d = c + step;
    while (a < stop) {
      const w0 = v128.load(w);
      a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(a), w0));
      b0 = f32x4.add(b0, f32x4.mul(v128.load32_splat(b), w0));
      c0 = f32x4.add(c0, f32x4.mul(v128.load32_splat(c), w0));
      d0 = f32x4.add(d0, f32x4.mul(v128.load32_splat(d), w0));
      a += 4;
      b += 4;
      c += 4;
      d += 4;
      w += 16;
    }
  }
  const outputStep = conv.outputStep;
  finish(conv, to, a0, lanes);
  to += outputStep;
  finish(conv, to, b0, lanes);
  to += outputStep;
  finish(conv, to, c0, lanes);
  to += outputStep;
  finish(conv, to, d0, lanes);
}

/** 1 cell x 32 outputs: four blocks, `blockBytes` apart. */
function tile1x32(conv: Conv, segments: usize, end: usize, shift: usize, blockBytes: usize, weights: usize, bias: usize, to: usize, lanes: i32): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let b0 = v128.load(bias, 32);
  let b1 = v128.load(bias, 48);
  let c0 = v128.load(bias, 64);
  let c1 = v128.load(bias, 80);
  let d0 = v128.load(bias, 96);
  let d1 = v128.load(bias, 112);
  for (; segments < end; segments += 12) {
    let from = <usize>load<u32>(segments) + shift;
    let a = weights + (<usize>load<u32>(segments, 4) << 5);
    const stop = from + <usize>load<u32>(segments, 8);
    let b = a + blockBytes;
    let c = b + blockBytes;
    let d = c + blockBytes;
    while (from < stop) {
      const x = v128.load32_splat(from);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(a)));
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(a, 16)));
      b0 = f32x4.add(b0, f32x4.mul(x, v128.load(b)));
      b1 = f32x4.add(b1, f32x4.mul(x, v128.load(b, 16)));
      c0 = f32x4.add(c0, f32x4.mul(x, v128.load(c)));
      c1 = f32x4.add(c1, f32x4.mul(x, v128.load(c, 16)));
      d0 = f32x4.add(d0, f32x4.mul(x, v128.load(d)));
      d1 = f32x4.add(d1, f32x4.mul(x, v128.load(d, 16)));
      from += 4;
      a += 32;
      b += 32;
      c += 32;
      d += 32;
    }
  }
  finish(conv, to, a0, 4);
  finish(conv, to + 16, a1, 4);
  finish(conv, to + 32, b0, 4);
  finish(conv, to + 48, b1, 4);
  finish(conv, to + 64, c0, 4);
  finish(conv, to + 80, c1, 4);
  finish(conv, to + 96, d0, 4);
  finish(conv, to + 112, d1, 4);
}

/** 1 cell x 8 outputs. */
function tile1x8(conv: Conv, segments: usize, end: usize, shift: usize, weights: usize, bias: usize, to: usize, lanes: i32): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  for (; segments < end; segments += 12) {
    let from = <usize>load<u32>(segments) + shift;
    let w = weights + (<usize>load<u32>(segments, 4) << 5);
    const stop = from + <usize>load<u32>(segments, 8);
    while (from < stop) {
      const x = v128.load32_splat(from);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(w)));
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(w, 16)));
      from += 4;
      w += 32;
    }
  }
  finish(conv, to, a0, 4);
  finish(conv, to + 16, a1, lanes - 4);
}

/** 1 cell x 4 outputs. */
function tile1x4(conv: Conv, segments: usize, end: usize, shift: usize, weights: usize, bias: usize, to: usize, lanes: i32): void {
  let a0 = v128.load(bias);
  for (; segments < end; segments += 12) {
    let from = <usize>load<u32>(segments) + shift;
    let w = weights + (<usize>load<u32>(segments, 4) << 4);
    const stop = from + <usize>load<u32>(segments, 8);
    while (from < stop) {
      a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(from), v128.load(w)));
      from += 4;
      w += 16;
    }
  }
  finish(conv, to, a0, lanes);
}

// A run: cells of a row that read the same taps. 16 bytes: the position of its first cell in the row, the number of cells,
// the first and the end of its kernel columns. Its segments follow from its place in the list.

/**
 * All outputs `first`, …, `end - 1` (of a group) for the runs of a row.
 *
 * @param step bytes from the inputs of one cell of a run to those of the next.
 * @param to output channel 0 of the row's first cell.
 */
function runCells(conv: Conv, runs: usize, runCount: usize, segments: usize, step: usize, group: i32, first: i32, end: i32, to: usize): void {
  const groupOutputs = conv.outputChannels / conv.groups;
  const groupInputs = conv.inputChannels / conv.groups;
  const taps = <usize>(conv.kernelY * conv.kernelX * groupInputs);
  const blockBytes = taps << 5;
  const paddedOutputs = (groupOutputs + 3) & ~3;
  const weights = conv.weights + <usize>group * <usize>paddedOutputs * (taps << 2);
  const bias = conv.bias + (<usize>(group * paddedOutputs) << 2);
  const cellBytes = <usize>conv.outputChannels << 2;
  const outputStep = conv.outputStep;
  to += <usize>(group * groupOutputs) << 2;
  let single = false;
  for (let output = first; output < end; output += 8) {
    const blockWeights = weights + <usize>(output >> 3) * blockBytes;
    const blockBias = bias + (<usize>output << 2);
    const lanes = min(8, groupOutputs - output);
    for (let run: usize = 0; run < runCount; run++) {
      const entry = runs + (run << 4);
      const cells = load<i32>(entry, 4);
      const list = segments + run * conv.segmentBytes;
      const stop = list + <usize>load<u32>(entry, 12);
      let at = to + <usize>load<i32>(entry) * cellBytes + (<usize>output << 2);
      let shift: usize = 0;
      let cell = 0;
      for (; cell + 4 <= cells; cell += 4) {
        if (lanes > 4) tile4x8(conv, list, stop, shift, step, blockWeights, blockBias, at, lanes);
        else tile4x4(conv, list, stop, shift, step, blockWeights, blockBias, at, lanes);
        at += outputStep << 2;
        shift += step << 2;
      }
      single = single || cell < cells;
    }
  }
  if (!single) return;
  for (let output = first; output < end; ) {
    const blockWeights = weights + <usize>(output >> 3) * blockBytes;
    const blockBias = bias + (<usize>output << 2);
    const lanes = min(8, groupOutputs - output);
    const wide = output + 32 <= end;
    for (let run: usize = 0; run < runCount; run++) {
      const entry = runs + (run << 4);
      const cells = load<i32>(entry, 4);
      const list = segments + run * conv.segmentBytes;
      const stop = list + <usize>load<u32>(entry, 12);
      for (let cell = cells & ~3; cell < cells; cell++) {
        const at = to + <usize>load<i32>(entry) * cellBytes + <usize>cell * outputStep + (<usize>output << 2);
        const shift = <usize>cell * step;
        if (wide) tile1x32(conv, list, stop, shift, blockBytes, blockWeights, blockBias, at, lanes);
        else if (lanes > 4) tile1x8(conv, list, stop, shift, blockWeights, blockBias, at, lanes);
        else tile1x4(conv, list, stop, shift, blockWeights, blockBias, at, lanes);
      }
    }
    output += wide ? 32 : 8;
  }
}

// @ts-ignore: decorator
@inline
function addSegment(list: usize, input: usize, weight: i32, inputs: i32): void {
  store<u32>(list, <u32>input);
  store<u32>(list, <u32>weight, 4);
  store<u32>(list, <u32>(inputs << 2), 8);
}

/** Address of channel 0 of column 0 of an input row; column 0 need not be stored. */
// @ts-ignore: decorator
@inline
function inputRow(call: Call, y: i32, channels: i32): usize {
  return call.input + <usize>((((y - call.inputTop) * call.inputRowCells - call.inputLeft) * channels) << 2);
}

// @ts-ignore: decorator
@inline
function outputRow(call: Call, y: i32, channels: i32): usize {
  return call.output + <usize>((((y - call.outputTop) * call.outputRowCells - call.outputLeft) * channels) << 2);
}

/** First kernel position that falls on the image, for a cell whose window begins at `start`. */
// @ts-ignore: decorator
@inline
function firstTap(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/** End of the kernel positions that fall on the image. */
// @ts-ignore: decorator
@inline
function endTap(start: i32, dilation: i32, kernel: i32, size: i32): i32 {
  const room = size - 1 - start;
  return room < 0 ? 0 : min(kernel, room / dilation + 1);
}

export function conv2d(record: usize): void {
  const conv = changetype<Conv>(record);
  const columns = conv.columnEnd - conv.columnStart;
  const groupInputs = conv.inputChannels / conv.groups;
  const groupOutputs = conv.outputChannels / conv.groups;
  const taps = conv.kernelY * conv.kernelX * groupInputs;
  const panel = max(32, (conv.panelBytes / (taps << 2)) & ~31);
  const isPlain =
    (conv.kernelY | conv.kernelX | conv.strideY | conv.strideX) == 1 &&
    (conv.padY | conv.padX) == 0 &&
    conv.rowEnd <= conv.height &&
    conv.columnEnd <= conv.width &&
    columns == conv.inputRowCells &&
    columns == conv.outputRowCells;
  if (isPlain) {
    for (let group = 0; group < conv.groups; group++) {
      for (let first = 0; first < groupOutputs; first += panel) {
        convolvePlain(conv, group, first, min(first + panel, groupOutputs), columns * (conv.rowEnd - conv.rowStart));
      }
    }
    return;
  }
  const runs = conv.scratch;
  const runCount = columnRuns(conv, runs);
  const segments = runs + (runCount << 4);
  for (let group = 0; group < conv.groups; group++) {
    for (let first = 0; first < groupOutputs; first += panel) {
      for (let y = conv.rowStart; y < conv.rowEnd; y++) {
        rowSegments(conv, y, group * groupInputs, runs, runCount, segments);
        const step = <usize>(conv.strideX * conv.inputChannels) << 2;
        const to = outputRow(conv, y, conv.outputChannels);
        runCells(conv, runs, runCount, segments, step, group, first, min(first + panel, groupOutputs), to);
      }
    }
  }
}

/** A 1 x 1 convolution whose cells stand one after the other in input and output. */
function convolvePlain(conv: Conv, group: i32, first: i32, end: i32, cells: i32): void {
  const groupInputs = conv.inputChannels / conv.groups;
  const inputBytes = <usize>conv.inputChannels << 2;
  const outputBytes = <usize>conv.outputChannels << 2;
  // The box may begin below rows that are kept from another patch.
  const from = inputRow(conv, conv.rowStart, conv.inputChannels) + <usize>conv.columnStart * inputBytes;
  const to = outputRow(conv, conv.rowStart, conv.outputChannels) + <usize>conv.columnStart * outputBytes;
  const run = conv.scratch;
  const segment = run + 16;
  for (let cell = 0; cell < cells; cell += conv.chunkCells) {
    store<i32>(run, 0);
    store<i32>(run, min(conv.chunkCells, cells - cell), 4);
    store<i32>(run, 12, 12);
    addSegment(segment, from + <usize>cell * inputBytes + (<usize>(group * groupInputs) << 2), 0, groupInputs);
    runCells(conv, run, 1, segment, inputBytes, group, first, end, to + <usize>cell * outputBytes);
  }
}

/** Lists the runs of every row of the box; returns their number. */
function columnRuns(conv: Conv, runs: usize): usize {
  let count: usize = 0;
  let lastFirst = -1;
  let lastEnd = -1;
  for (let x = conv.columnStart; x < conv.columnEnd; x++) {
    const start = x * conv.strideX - conv.padX;
    let first = firstTap(start, conv.dilationX);
    let end = endTap(start, conv.dilationX, conv.kernelX, conv.width);
    if (end <= first) first = end = 0;
    if (count > 0 && first == lastFirst && end == lastEnd) {
      const entry = runs + ((count - 1) << 4);
      store<i32>(entry, load<i32>(entry, 4) + 1, 4);
      continue;
    }
    const entry = runs + (count << 4);
    store<i32>(entry, x);
    store<i32>(entry, 1, 4);
    store<i32>(entry, first << 16 | end, 8);
    lastFirst = first;
    lastEnd = end;
    count++;
  }
  return count;
}

/** Lists the segments of all runs for one output row. */
function rowSegments(conv: Conv, y: i32, firstInput: i32, runs: usize, runCount: usize, segments: usize): void {
  const channels = conv.inputChannels;
  const groupInputs = channels / conv.groups;
  const startY = y * conv.strideY - conv.padY;
  const firstY = firstTap(startY, conv.dilationY);
  const endY = endTap(startY, conv.dilationY, conv.kernelY, conv.height);
  // Inputs of neighbouring taps stand next to each other.
  const whole = conv.dilationX == 1 && conv.groups == 1;
  for (let run: usize = 0; run < runCount; run++) {
    const entry = runs + (run << 4);
    const list = segments + run * conv.segmentBytes;
    const startX = load<i32>(entry) * conv.strideX - conv.padX;
    const firstX = load<i32>(entry, 8) >> 16;
    const endX = load<i32>(entry, 8) & 0xffff;
    let at = list;
    for (let ky = firstY; ky < endY; ky++) {
      const row = inputRow(conv, startY + ky * conv.dilationY, channels) + (<usize>firstInput << 2);
      for (let kx = firstX; kx < endX; kx++) {
        const from = row + <usize>(((startX + kx * conv.dilationX) * channels) << 2);
        addSegment(at, from, (ky * conv.kernelX + kx) * groupInputs, whole ? (endX - firstX) * groupInputs : groupInputs);
        at += 12;
        if (whole) break;
      }
    }
    store<u32>(entry, <u32>(at - list), 12);
  }
}

// A transposed convolution: cells of a row that are `strideX` apart read the same taps, one input cell further each.

/** Along one axis, the input position that tap `k` of output `o` reads; -1 if there is none. */
// @ts-ignore: decorator
@inline
function tapSource(o: i32, k: i32, stride: i32, dilation: i32, pad: i32, size: i32): i32 {
  const at = o + pad - k * dilation;
  return at >= 0 && at % stride == 0 && at / stride < size ? at / stride : -1;
}

export function convTranspose2d(record: usize): void {
  const conv = changetype<Conv>(record);
  const groupInputs = conv.inputChannels / conv.groups;
  const groupOutputs = conv.outputChannels / conv.groups;
  const runs = conv.scratch;
  const runCount = transposedRuns(conv, runs);
  const segments = runs + (runCount << 4);
  const step = <usize>conv.inputChannels << 2;
  for (let group = 0; group < conv.groups; group++) {
    for (let y = conv.rowStart; y < conv.rowEnd; y++) {
      transposedSegments(conv, y, group * groupInputs, runs, runCount, segments);
      runCells(conv, runs, runCount, segments, step, group, 0, groupOutputs, outputRow(conv, y, conv.outputChannels));
    }
  }
}

function transposedRuns(conv: Conv, runs: usize): usize {
  let count: usize = 0;
  for (let phase = 0; phase < conv.strideX; phase++) {
    let last = -1;
    for (let x = conv.columnStart + phase; x < conv.columnEnd; x += conv.strideX) {
      // Of a phase, the taps that fall on the image follow from the first and the last of them.
      let first = 0;
      let end = 0;
      for (let k = 0; k < conv.kernelX; k++) {
        if (tapSource(x, k, conv.strideX, conv.dilationX, conv.padX, conv.width) < 0) continue;
        if (end == 0) first = k;
        end = k + 1;
      }
      const taps = first << 16 | end;
      if (taps == last) {
        const entry = runs + ((count - 1) << 4);
        store<i32>(entry, load<i32>(entry, 4) + 1, 4);
        continue;
      }
      const entry = runs + (count << 4);
      store<i32>(entry, x);
      store<i32>(entry, 1, 4);
      last = taps;
      count++;
    }
  }
  return count;
}

function transposedSegments(conv: Conv, y: i32, firstInput: i32, runs: usize, runCount: usize, segments: usize): void {
  const channels = conv.inputChannels;
  const groupInputs = channels / conv.groups;
  for (let run: usize = 0; run < runCount; run++) {
    const entry = runs + (run << 4);
    const list = segments + run * conv.segmentBytes;
    let at = list;
    for (let ky = 0; ky < conv.kernelY; ky++) {
      const inputY = tapSource(y, ky, conv.strideY, conv.dilationY, conv.padY, conv.height);
      if (inputY < 0) continue;
      const row = inputRow(conv, inputY, channels) + (<usize>firstInput << 2);
      for (let kx = 0; kx < conv.kernelX; kx++) {
        const inputX = tapSource(load<i32>(entry), kx, conv.strideX, conv.dilationX, conv.padX, conv.width);
        if (inputX < 0) continue;
        addSegment(at, row + (<usize>(inputX * channels) << 2), (ky * conv.kernelX + kx) * groupInputs, groupInputs);
        at += 12;
      }
    }
    store<u32>(entry, <u32>(at - list), 12);
  }
}

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

@unmanaged
class Binary extends Call {
  channels: i32;
  /** 0: add, 1: sub, 2: mul, 3: div, 4: minimum, 5: maximum, 6: sub and 7: div with the operands the other way round. */
  fn: i32;
  /** The right operand: 0: a map of equal size, 1: one number per channel, 2: one number. */
  mode: i32;
  min: f32;
  max: f32;
  /** Modes 1 and 2: address of the numbers. */
  constant: usize;
}

// @ts-ignore: decorator
@inline
function combine(fn: i32, a: v128, b: v128): v128 {
  if (fn == 0) return f32x4.add(a, b);
  if (fn == 1) return f32x4.sub(a, b);
  if (fn == 2) return f32x4.mul(a, b);
  if (fn == 3) return f32x4.div(a, b);
  if (fn == 4) return f32x4.min(a, b);
  if (fn == 5) return f32x4.max(a, b);
  if (fn == 6) return f32x4.sub(b, a);
  return f32x4.div(b, a);
}

export function binary(record: usize): void {
  const layer = changetype<Binary>(record);
  // A loop for each function: the choice is made outside.
  switch (layer.fn) {
    case 0: return binaryRows(layer, 0);
    case 1: return binaryRows(layer, 1);
    case 2: return binaryRows(layer, 2);
    case 3: return binaryRows(layer, 3);
    case 4: return binaryRows(layer, 4);
    case 5: return binaryRows(layer, 5);
    case 6: return binaryRows(layer, 6);
    default: return binaryRows(layer, 7);
  }
}

/** `fn` is a literal. */
// @ts-ignore: decorator
@inline
function binaryRows(layer: Binary, fn: i32): void {
  const channels = layer.channels;
  const least = f32x4.splat(layer.min);
  const most = f32x4.splat(layer.max);
  const columns = layer.columnEnd - layer.columnStart;
  const first = <usize>(layer.columnStart * channels) << 2;
  for (let y = layer.rowStart; y < layer.rowEnd; y++) {
    const a = inputRow(layer, y, channels) + first;
    const to = outputRow(layer, y, channels) + first;
    const count = columns * channels;
    if (layer.mode == 0) {
      const b = layer.other + (<usize>(((y - layer.otherTop) * layer.otherRowCells - layer.otherLeft) * channels) << 2) + first;
      for (let i = 0; i < count; i += 4) {
        const at = <usize>i << 2;
        storeLanes(to + at, clampTo(combine(fn, v128.load(a + at), v128.load(b + at)), least, most), count - i);
      }
    } else if (layer.mode == 2) {
      const b = v128.load32_splat(layer.constant);
      for (let i = 0; i < count; i += 4) {
        const at = <usize>i << 2;
        storeLanes(to + at, clampTo(combine(fn, v128.load(a + at), b), least, most), count - i);
      }
    } else {
      for (let i = 0; i < count; i += channels) {
        for (let c = 0; c < channels; c += 4) {
          const at = <usize>(i + c) << 2;
          const b = v128.load(layer.constant + (<usize>c << 2));
          storeLanes(to + at, clampTo(combine(fn, v128.load(a + at), b), least, most), channels - c);
        }
      }
    }
  }
}

@unmanaged
class Unary extends Call {
  channels: i32;
  /** 0: clamp, 1: leakyRelu, 2: leakyRelu with slopes per channel, 3: abs, 4: neg, 5: sqrt, 6: square, 7: hardSwish, 8: floor. */
  fn: i32;
  min: f32;
  max: f32;
  slopes: usize;
}

export function unary(record: usize): void {
  const layer = changetype<Unary>(record);
  switch (layer.fn) {
    case 0: return unaryRows(layer, 0);
    case 1: return unaryRows(layer, 1);
    case 2: return leakyRows(layer);
    case 3: return unaryRows(layer, 3);
    case 4: return unaryRows(layer, 4);
    case 5: return unaryRows(layer, 5);
    case 6: return unaryRows(layer, 6);
    case 7: return unaryRows(layer, 7);
    default: return unaryRows(layer, 8);
  }
}

// @ts-ignore: decorator
@inline
function leaky(x: v128, slope: v128): v128 {
  return v128.bitselect(f32x4.mul(x, slope), x, f32x4.lt(x, f32x4.splat(0)));
}

/** `fn` is a literal. */
// @ts-ignore: decorator
@inline
function unaryRows(layer: Unary, fn: i32): void {
  const channels = layer.channels;
  const least = f32x4.splat(layer.min);
  const most = f32x4.splat(layer.max);
  const first = <usize>(layer.columnStart * channels) << 2;
  const count = (layer.columnEnd - layer.columnStart) * channels;
  for (let y = layer.rowStart; y < layer.rowEnd; y++) {
    const from = inputRow(layer, y, channels) + first;
    const to = outputRow(layer, y, channels) + first;
    for (let i = 0; i < count; i += 4) {
      const at = <usize>i << 2;
      const x = v128.load(from + at);
      let result = x;
      if (fn == 0) result = clampTo(x, least, most);
      else if (fn == 1) result = leaky(x, v128.load32_splat(layer.slopes));
      else if (fn == 3) result = f32x4.abs(x);
      else if (fn == 4) result = f32x4.neg(x);
      else if (fn == 5) result = f32x4.sqrt(x);
      else if (fn == 6) result = f32x4.mul(x, x);
      else if (fn == 7) {
        const gate = clampTo(f32x4.add(x, f32x4.splat(3)), f32x4.splat(0), f32x4.splat(6));
        result = f32x4.div(f32x4.mul(x, gate), f32x4.splat(6));
      } else result = f32x4.floor(x);
      storeLanes(to + at, result, count - i);
    }
  }
}

function leakyRows(layer: Unary): void {
  const channels = layer.channels;
  const first = <usize>(layer.columnStart * channels) << 2;
  const count = (layer.columnEnd - layer.columnStart) * channels;
  for (let y = layer.rowStart; y < layer.rowEnd; y++) {
    const from = inputRow(layer, y, channels) + first;
    const to = outputRow(layer, y, channels) + first;
    for (let i = 0; i < count; i += channels) {
      for (let c = 0; c < channels; c += 4) {
        const at = <usize>(i + c) << 2;
        storeLanes(to + at, leaky(v128.load(from + at), v128.load(layer.slopes + (<usize>c << 2))), channels - c);
      }
    }
  }
}

@unmanaged
class Resize extends Call {
  channels: i32;
  /** Per output position: low and high input positions (whole numbers), and the share of the second (floats). */
  rowLow: usize;
  rowHigh: usize;
  rowShare: usize;
  columnLow: usize;
  columnHigh: usize;
  columnShare: usize;
}

// @ts-ignore: decorator
@inline
function between(low: v128, high: v128, share: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(f32x4.splat(1), share), low), f32x4.mul(share, high));
}

export function resizeLinear(record: usize): void {
  const layer = changetype<Resize>(record);
  const channels = layer.channels;
  const cellBytes = <usize>channels << 2;
  for (let y = layer.rowStart; y < layer.rowEnd; y++) {
    const row = <usize>y << 2;
    const upper = inputRow(layer, load<i32>(layer.rowLow + row), channels);
    const lower = inputRow(layer, load<i32>(layer.rowHigh + row), channels);
    const down = v128.load32_splat(layer.rowShare + row);
    let to = outputRow(layer, y, channels) + <usize>layer.columnStart * cellBytes;
    for (let x = layer.columnStart; x < layer.columnEnd; x++) {
      const column = <usize>x << 2;
      const left = <usize>load<i32>(layer.columnLow + column) * cellBytes;
      const right = <usize>load<i32>(layer.columnHigh + column) * cellBytes;
      const across = v128.load32_splat(layer.columnShare + column);
      for (let c = 0; c < channels; c += 4) {
        const channel = <usize>c << 2;
        const atLeft = between(v128.load(upper + left + channel), v128.load(lower + left + channel), down);
        const atRight = between(v128.load(upper + right + channel), v128.load(lower + right + channel), down);
        storeLanes(to + channel, between(atLeft, atRight, across), channels - c);
      }
      to += cellBytes;
    }
  }
}
