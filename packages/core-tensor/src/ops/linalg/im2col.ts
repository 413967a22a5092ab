import type { NumberArray } from "../../tensor/dtype.ts";
import type { Pair } from "../vocabulary.ts";
import type { WindowGeometry } from "./window.ts";

/** Channels of one image that a window looks at. */
export interface ImageBlock {
  /** Dense, `[channels, height, width]` from `offset` on. */
  readonly data: NumberArray;
  readonly offset: number;
  readonly channels: number;
  readonly size: Pair;
}

/**
 * Writes what the window sees at one output position: channels by kernel rows by kernel columns, zero in the
 * padding, at `target[to]`, `target[to + step]`, …
 */
function writeWindow(
  target: Float64Array,
  to: number,
  step: number,
  block: ImageBlock,
  geometry: WindowGeometry,
  row: number,
  column: number,
): void {
  const { data, channels } = block;
  const [height, width] = block.size;
  const [kernelHeight, kernelWidth] = geometry.kernel;
  const [down, across] = geometry.dilations;
  const top = row * geometry.strides[0] - geometry.pads[0];
  const left = column * geometry.strides[1] - geometry.pads[1];
  let at = to;
  for (let c = 0; c < channels; c++) {
    const plane = block.offset + c * height * width;
    for (let i = 0, y = top; i < kernelHeight; i++, y += down) {
      const line = plane + y * width;
      const inside = y >= 0 && y < height;
      for (let j = 0, x = left; j < kernelWidth; j++, x += across, at += step) {
        target[at] = inside && x >= 0 && x < width ? (data[line + x] as number) : 0;
      }
    }
  }
}

/**
 * The windows of an image as a matrix `[window cells, output positions]` (Chellapilla, Puri and Simard 2006,
 * section 3.1), in strips of `width` positions, each stored cell by cell: the packed form of a right factor.
 */
export function packWindows(block: ImageBlock, geometry: WindowGeometry, output: Pair, width: number): Float64Array {
  const cells = block.channels * geometry.kernel[0] * geometry.kernel[1];
  const positions = output[0] * output[1];
  const packed = new Float64Array(Math.ceil(positions / width) * width * cells);
  for (let position = 0; position < positions; position++) {
    const strip = Math.floor(position / width);
    const to = strip * width * cells + (position - strip * width);
    const row = Math.floor(position / output[1]);
    writeWindow(packed, to, width, block, geometry, row, position - row * output[1]);
  }
  return packed;
}

/** The adjoint of the matrix above: adds columns, `[window cells, input positions]` row by row, to an image. */
export function addWindows(
  image: Float64Array,
  offset: number,
  channels: number,
  size: Pair,
  columns: Float64Array,
  geometry: WindowGeometry,
  positions: Pair,
): void {
  const [height, width] = size;
  const [rows, perRow] = positions;
  const [kernelHeight, kernelWidth] = geometry.kernel;
  let from = 0;
  for (let c = 0; c < channels; c++) {
    const plane = offset + c * height * width;
    for (let i = 0; i < kernelHeight; i++) {
      for (let j = 0; j < kernelWidth; j++) {
        const top = i * geometry.dilations[0] - geometry.pads[0];
        const left = j * geometry.dilations[1] - geometry.pads[1];
        for (let row = 0, y = top; row < rows; row++, y += geometry.strides[0], from += perRow) {
          if (y < 0 || y >= height) continue;
          const line = plane + y * width;
          for (let column = 0, x = left; column < perRow; column++, x += geometry.strides[1]) {
            if (x >= 0 && x < width) (image[line + x] as number) += columns[from + column] as number;
          }
        }
      }
    }
  }
}
