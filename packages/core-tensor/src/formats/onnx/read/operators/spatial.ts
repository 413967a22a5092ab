import { reshape } from "../../../../ops/index.ts";
import { plainDim } from "../../../../ops/traced.ts";
import type { Pads2d, Pair } from "../../../../ops/vocabulary.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";

/** More cells than this along an axis are no image. */
const largest = 1 << 24;

/** Cells before and after along one axis. */
export type Ends = readonly [before: number, after: number];

/** A window that moves over the spatial axes of `[N, C, …]`: one entry per axis. */
export interface SpatialWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly Ends[];
}

/** The spatial lengths of `[N, C, …]` with one or two spatial axes, which must be numbers. */
export function spatialSizes(x: Tensor): number[] {
  if (x.rank < 3) return invalid(`expected an input [N, C, …] with spatial axes, got ${x.rank} axes`);
  if (x.rank > 4) return unsupported(`over ${x.rank - 2} spatial axes`);
  return x.shape.slice(2).map((dim) => {
    const length = plainDim(dim);
    if (typeof length === "number" && length > largest) return unsupported(`over ${length} cells`);
    return typeof length === "number"
      ? length
      : unsupported(`over the unknown length "${length}"; give the input's shape, or a number for it among dims`);
  });
}

export function extentOf(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/**
 * The window that the attributes describe. `SAME_UPPER` and `SAME_LOWER` pad so that the output has
 * ceil(length / stride) cells, with an odd cell after or before; `VALID` does not pad.
 */
export function windowOf(context: NodeContext, sizes: readonly number[], kernel: readonly number[]): SpatialWindow {
  const { attributes } = context;
  const each = (name: string, fallback: number): readonly number[] => {
    const values = attributes.ints(
      name,
      sizes.map(() => fallback),
    );
    if (values.length !== sizes.length || values.some((value) => value < 1 || value > largest))
      invalid(`${name} [${values.join(", ")}]`);
    return values;
  };
  if (kernel.length !== sizes.length) return invalid(`a kernel of ${kernel.length} axes over ${sizes.length}`);
  const strides = each("strides", 1);
  const dilations = each("dilations", 1);
  const mode = attributes.text("auto_pad", "NOTSET");
  const pads = sizes.map((size, i): Ends => {
    if (mode === "VALID") return [0, 0];
    if (mode === "NOTSET" || mode === "") return explicitEnds(context, sizes.length, i);
    if (mode !== "SAME_UPPER" && mode !== "SAME_LOWER") return invalid(`auto_pad="${mode}"`);
    const stride = strides[i] as number;
    const total = Math.max(
      (Math.ceil(size / stride) - 1) * stride + extentOf(kernel[i] as number, dilations[i] as number) - size,
      0,
    );
    const small = Math.floor(total / 2);
    return mode === "SAME_UPPER" ? [small, total - small] : [total - small, small];
  });
  return { kernel, strides, dilations, pads };
}

/** `pads` holds the cells before along every axis, then those after. */
export function explicitEnds(context: NodeContext, axes: number, axis: number): Ends {
  const pads = context.attributes.ints("pads", new Array<number>(2 * axes).fill(0));
  if (pads.length !== 2 * axes) return invalid(`expected ${2 * axes} pads, got ${pads.length}`);
  if (pads.some((cells) => Math.abs(cells) > largest)) return invalid(`pads [${pads.join(", ")}]`);
  return [pads[axis] as number, pads[axis + axes] as number];
}

/** Values for height and width, where a single spatial axis is the width of an image of height 1. */
export function pairOf(values: readonly number[], height: number): Pair {
  return values.length === 2 ? [values[0] as number, values[1] as number] : [height, values[0] as number];
}

export function pads2dOf(pads: readonly Ends[]): Pads2d {
  const [rows, columns] = pads.length === 2 ? (pads as readonly [Ends, Ends]) : [[0, 0] as const, pads[0] as Ends];
  return [rows[0], columns[0], rows[1], columns[1]];
}

/** `[N, C, L]` as `[N, C, 1, L]`; images as they are. */
export function asImage(x: Tensor): Tensor {
  return x.rank === 3 ? reshape(x, [...x.shape.slice(0, 2), 1, ...x.shape.slice(2)]) : x;
}

/** The way back, to as many axes as `like` has. */
export function fromImage(y: Tensor, like: Tensor): Tensor {
  return like.rank === 3 ? reshape(y, [...y.shape.slice(0, 2), ...y.shape.slice(3)]) : y;
}
