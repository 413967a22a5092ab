import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import type { Box } from "@parsimony/patch-infer";

/** Height x width x red, green and blue, from 0 to 255. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
}

export function picture(height: number, width: number): Picture {
  return { height, width, pixels: new Float32Array(height * width * 3) };
}

/** A photo, or the part of it that begins at (top, left). */
export function decodeJpeg(bytes: Uint8Array, { rows, columns }: Box): Picture {
  const photo = jpeg.decode(bytes, { useTArray: true });
  const made = picture(rows.end - rows.start, columns.end - columns.start);
  for (let y = 0; y < made.height; y++) {
    for (let x = 0; x < made.width; x++) {
      const from = 4 * ((rows.start + y) * photo.width + columns.start + x);
      for (let c = 0; c < 3; c++) made.pixels[3 * (y * made.width + x) + c] = photo.data[from + c] as number;
    }
  }
  return made;
}

/** The pixels inside a box, row by row. */
export function readBox({ width, pixels }: Picture, { rows, columns }: Box, into: Float32Array): void {
  const length = 3 * (columns.end - columns.start);
  for (let y = rows.start; y < rows.end; y++) {
    const start = 3 * (y * width + columns.start);
    into.set(pixels.subarray(start, start + length), (y - rows.start) * length);
  }
}

/** Puts pixels into a box. */
export function writeBox({ width, pixels }: Picture, { rows, columns }: Box, cells: Float32Array): void {
  const length = 3 * (columns.end - columns.start);
  for (let y = rows.start; y < rows.end; y++) {
    const start = (y - rows.start) * length;
    pixels.set(cells.subarray(start, start + length), 3 * (y * width + columns.start));
  }
}

export function encodePng({ height, width, pixels }: Picture): Buffer {
  const png = new PNG({ height, width, colorType: 2 });
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++)
      png.data[4 * i + c] = Math.min(Math.max(Math.round(pixels[3 * i + c] as number), 0), 255);
    png.data[4 * i + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: 2 });
}

/** How two pictures of one size differ: per pixel the largest difference of its colours. */
export function difference(
  a: Picture,
  b: Picture,
): { readonly max: number; readonly mean: number; readonly each: Float32Array } {
  let max = 0;
  let sum = 0;
  const each = new Float32Array(a.height * a.width);
  for (let i = 0; i < a.pixels.length; i++) {
    const apart = Math.abs((a.pixels[i] as number) - (b.pixels[i] as number));
    max = Math.max(max, apart);
    sum += apart;
    each[Math.floor(i / 3)] = Math.max(each[Math.floor(i / 3)] as number, apart);
  }
  return { max, mean: sum / a.pixels.length, each };
}

/** Differences as brightness: black for none, white from `white` levels on. */
export function differencePicture({ height, width }: Picture, each: Float32Array, white: number): Picture {
  return {
    height,
    width,
    pixels: Float32Array.from(
      { length: 3 * each.length },
      (_, i) => (255 * (each[Math.floor(i / 3)] as number)) / white,
    ),
  };
}
