import { PatchInferError } from "../../base/errors.ts";
import type { AveragePool2d, GlobalPool, MaxPool2d } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import { type Around, demandOf, finished, real, windowOf } from "./around.ts";

function pooled(
  layer: MaxPool2d | AveragePool2d,
  around: Around,
): { x: string; pads: readonly [number, number, number, number] } {
  const { value, height, width } = windowOf(0, demandOf(layer, 0, around), around);
  if (value === undefined) {
    const message = `layer "${layer.name}": a window lies in the padding with all of its cells`;
    throw new PatchInferError("BAD_MODEL", message, { layer: layer.name });
  }
  const x = real(value, around.maps.inputs[0] as FeatureMap, around);
  return { x, pads: [height[0], width[0], height[1], width[1]] };
}

export function maxPool2d(layer: MaxPool2d, around: Around): string {
  const { kernel, strides, dilations, clamp } = layer;
  const { x, pads } = pooled(layer, around);
  return finished(around.writer.op("maxPool2d", [x], { kernel, strides, dilations, pads }), clamp, around);
}

export function averagePool2d(layer: AveragePool2d, around: Around): string {
  const { kernel, strides, dilations, countIncludePad, clamp, name } = layer;
  if (dilations.some((dilation) => dilation !== 1)) {
    const message = `layer "${name}": standard programs have no mean over windows with holes`;
    throw new PatchInferError("UNSUPPORTED_OP", message, { layer: name });
  }
  const { x, pads } = pooled(layer, around);
  return finished(around.writer.op("avgPool2d", [x], { kernel, strides, pads, countIncludePad }), clamp, around);
}

export function globalPool({ fn, clamp }: GlobalPool, around: Around): string {
  const { writer, maps, read } = around;
  const input = maps.inputs[0] as FeatureMap;
  const rows = { start: 0, end: input.height };
  const columns = { start: 0, end: input.width };
  const x = real(writer.slice(read(0), { rows, columns }), input, around);
  return finished(writer.op(fn, [x], { axes: [2, 3], keepDims: true }), clamp, around);
}
