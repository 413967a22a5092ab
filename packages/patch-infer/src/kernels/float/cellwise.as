import { Call } from "../call";
import { clampTo, storeLanes, inputRow, outputRow } from "./common";

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
