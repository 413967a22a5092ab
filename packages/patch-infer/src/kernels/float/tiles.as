// Convolutions by tiles: some cells times some outputs.

import { Call } from "../call";
import { clampTo, storeLanes } from "./common";

@unmanaged
export class Conv extends Call {
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
export function runCells(conv: Conv, runs: usize, runCount: usize, segments: usize, step: usize, group: i32, first: i32, end: i32, to: usize): void {
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
export function addSegment(list: usize, input: usize, weight: i32, inputs: i32): void {
  store<u32>(list, <u32>input);
  store<u32>(list, <u32>weight, 4);
  store<u32>(list, <u32>(inputs << 2), 8);
}
