import { inputRow, outputRow, firstTap, endTap } from "./common";
import { Conv, addSegment, runCells } from "./tiles";

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
