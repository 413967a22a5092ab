import { type Box, type Interval, clip, isEmpty, length } from "../../base/interval.ts";
import type { LayerMaps } from "../../layers/rule.ts";
import { ruleOf } from "../../layers/rules.ts";
import type { Clamp, Layer } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import { type GraphWriter, type Part, quantizationOf } from "./writer.ts";

/** What stands around a layer that computes a box of its output. */
export interface Around extends Box {
  readonly writer: GraphWriter;
  readonly maps: LayerMaps;
  /** A part of an input that holds what is asked for. */
  readonly read: (input: number) => Part;
}

/** What a box of the output is made from: positions that may lie outside of the input, which are padding. */
export function demandOf(layer: Layer, input: number, { maps, rows, columns }: Around): Box {
  const { demand } = ruleOf(layer);
  const map = maps.inputs[input] as FeatureMap;
  return {
    rows: demand(layer, input, "rows", rows, maps) ?? { start: 0, end: map.height },
    columns: demand(layer, input, "columns", columns, maps) ?? { start: 0, end: map.width },
  };
}

/** Cells of the box that lie before and after the image. */
function outside({ start, end }: Interval, size: number): readonly [number, number] {
  return [Math.max(0, -start), Math.max(0, end - size)];
}

/** The part of an input in a box that may reach beyond the image, and how far it does. */
export interface Window {
  /** undefined where the box lies in the padding with all of its cells. */
  readonly value: string | undefined;
  readonly rows: Interval;
  readonly columns: Interval;
  readonly height: readonly [before: number, after: number];
  readonly width: readonly [before: number, after: number];
}

export function windowOf(input: number, box: Box, { writer, maps, read }: Around): Window {
  const map = maps.inputs[input] as FeatureMap;
  const rows = clip(box.rows, map.height);
  const columns = clip(box.columns, map.width);
  const value = isEmpty(rows) || isEmpty(columns) ? undefined : writer.slice(read(input), { rows, columns });
  const height = outside(box.rows, map.height);
  const width = outside(box.columns, map.width);
  return { value, rows, columns, height, width };
}

/** As `windowOf`, with the padding written out. */
export function paddedWindow(input: number, box: Box, filling: number, around: Around): string {
  const { writer, maps } = around;
  const { value, height, width } = windowOf(input, box, around);
  if (value !== undefined) return writer.pad(value, height, width, filling);
  const map = maps.inputs[input] as FeatureMap;
  const shape = [1, map.channels, length(box.rows), length(box.columns)];
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = map.type === "int8" ? new Int8Array(count) : new Float32Array(count);
  return writer.constant(numbers.fill(filling), shape);
}

/** The same box of an input, which is inside of it. */
export function sameBox(input: number, around: Around): string {
  const { writer, rows, columns, read } = around;
  return writer.slice(read(input), { rows, columns });
}

/** A value of a map as numbers. */
export function real(value: string, map: FeatureMap, { writer }: Around): string {
  return map.type === "int8" ? writer.dequantize(value, quantizationOf(map)) : value;
}

/** Numbers as a value of the output, codes where it has codes. */
export function stored(value: string, { writer, maps }: Around): string {
  const { output } = maps;
  return output.type === "int8" ? writer.quantize(value, quantizationOf(output)) : value;
}

/** Numbers in a range, which an int8 layer has in codes of its output. */
export function clamped(value: string, { min, max }: Clamp, { writer, maps }: Around): string {
  const { output } = maps;
  const limits = output.type === "int8" ? inNumbers({ min, max }, output) : { min, max };
  let result = value;
  if (limits.min === 0) result = writer.op("relu", [result], {});
  else if (limits.min > -Infinity) result = writer.op("maximum", [result, writer.number(limits.min)], {});
  return limits.max < Infinity ? writer.op("minimum", [result, writer.number(limits.max)], {}) : result;
}

function inNumbers({ min, max }: Clamp, output: FeatureMap): Clamp {
  const { scale, zeroPoint } = quantizationOf(output);
  const number = (code: number): number => Math.fround(Math.fround(scale) * (code - zeroPoint));
  return { min: min > -128 ? number(min) : -Infinity, max: max < 127 ? number(max) : Infinity };
}

/** Numbers, in a range, as a value of the output. */
export function finished(value: string, clamp: Clamp, around: Around): string {
  return stored(clamped(value, clamp, around), around);
}
