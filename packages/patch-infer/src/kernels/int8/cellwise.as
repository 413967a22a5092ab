// One code by a table, and changes of the cell's type.

import { Call } from "../call";
import { inputCell, outputCell, storeBytes8 } from "./common";

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
