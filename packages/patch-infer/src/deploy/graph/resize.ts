import type { OpAttributes } from "@parsimony/core-tensor";
import { PatchInferError } from "../../base/errors.ts";
import { type Box, type Interval, length } from "../../base/interval.ts";
import { resizeAxis } from "../../lower/ops/resize.ts";
import type { Resize2d, ResizeAxis } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import { type Around, demandOf, real, stored, windowOf } from "./around.ts";
import type { GraphWriter } from "./writer.ts";

type Modes = Pick<OpAttributes["resize2d"], "mode" | "coordinateMode" | "nearestMode">;

const coordinateModes = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"] as const;
const nearestModes = ["floor", "round_prefer_floor", "round_prefer_ceil", "ceil"] as const;

function sameAxis(a: ResizeAxis, b: ResizeAxis): boolean {
  return a.low.every((low, i) => low === b.low[i] && a.high[i] === b.high[i] && a.share[i] === b.share[i]);
}

/** The part of an axis's table that belongs to positions of the output, counted from a position of the input. */
function part({ low, high, share }: ResizeAxis, { start, end }: Interval, origin: number): ResizeAxis {
  const moved = (positions: Int32Array): Int32Array => positions.slice(start, end).map((position) => position - origin);
  return { low: moved(low), high: moved(high), share: share.slice(start, end) };
}

/** How the op would resample a value so; undefined if it cannot. */
function modesOf(
  rows: ResizeAxis,
  columns: ResizeAxis,
  height: number,
  width: number,
  mode: Modes["mode"],
): Modes | undefined {
  for (const coordinateMode of coordinateModes) {
    for (const nearestMode of mode === "nearest" ? nearestModes : (["round_prefer_floor"] as const)) {
      const modes = { mode, coordinateMode, nearestMode };
      const fits = (axis: ResizeAxis, from: number): boolean =>
        sameAxis(axis, resizeAxis(from, axis.low.length, modes));
      if (fits(rows, height) && fits(columns, width)) return modes;
    }
  }
  return undefined;
}

/** Cells picked and mixed along one axis of the value. */
function along(
  value: string,
  axis: 2 | 3,
  { low, high, share }: ResizeAxis,
  mode: Modes["mode"],
  writer: GraphWriter,
): string {
  const first = writer.op("gather", [value, writer.constant(low, [low.length])], { axis });
  if (mode === "nearest" || share.every((own) => own === 0)) return first;
  const second = writer.op("gather", [value, writer.constant(high, [high.length])], { axis });
  const shape = axis === 2 ? [share.length, 1] : [share.length];
  const rest = writer.constant(
    share.map((own) => 1 - own),
    shape,
  );
  return writer.op(
    "add",
    [writer.op("mul", [first, rest], {}), writer.op("mul", [second, writer.constant(share, shape)], {})],
    {},
  );
}

/**
 * Resampling of a part. Where the op resamples the part as the whole image is resampled, it does; otherwise cells are picked
 * by their positions, and mixed by their shares.
 */
export function resize2d(layer: Resize2d, around: Around): string {
  const { writer, maps } = around;
  const input = maps.inputs[0] as FeatureMap;
  const window = windowOf(0, demandOf(layer, 0, around), around);
  const [, , height = 0, width = 0] = writer.shape(window.value as string);
  const rows = part(layer.rows, around.rows, window.rows.start);
  const columns = part(layer.columns, around.columns, window.columns.start);
  const modes = modesOf(rows, columns, height, width, layer.mode);
  const size = [rows.low.length, columns.low.length] as const;
  if (layer.mode === "nearest") {
    const value = window.value as string;
    if (modes !== undefined) return writer.op("resize2d", [value], { ...modes, size });
    return along(along(value, 2, rows, "nearest", writer), 3, columns, "nearest", writer);
  }
  const x = real(window.value as string, input, around);
  if (modes !== undefined) return stored(writer.op("resize2d", [x], { ...modes, size }), around);
  const enlarged = enlargedPart(layer, x, window, around);
  if (enlarged !== undefined) return stored(enlarged, around);
  if (input.type === "int8") {
    const message = `layer "${layer.name}": part of it cannot be written in standard ops with the same codes`;
    throw new PatchInferError("UNSUPPORTED_OP", message, { layer: layer.name });
  }
  return along(along(x, 2, rows, "linear", writer), 3, columns, "linear", writer);
}

/** A part of an image that is enlarged by whole factors: all that the input part gives is made, and cut. */
function enlargedPart(layer: Resize2d, x: string, window: Box, around: Around): string | undefined {
  const { writer, maps, rows, columns } = around;
  const input = maps.inputs[0] as FeatureMap;
  const factors = [maps.output.height / input.height, maps.output.width / input.width] as const;
  if (!factors.every(Number.isInteger)) return undefined;
  const modes = modesOf(layer.rows, layer.columns, input.height, input.width, "linear");
  if (modes === undefined || modes.coordinateMode === "align_corners") return undefined;
  const size = [length(window.rows) * factors[0], length(window.columns) * factors[1]] as const;
  const value = writer.op("resize2d", [x], { ...modes, size });
  const wide = ({ start, end }: Interval, factor: number): Interval => ({ start: start * factor, end: end * factor });
  const all = { value, rows: wide(window.rows, factors[0]), columns: wide(window.columns, factors[1]) };
  return writer.slice(all, { rows, columns });
}
