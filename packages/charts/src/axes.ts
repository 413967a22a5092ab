import { ChartError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { type Scale, type TickFormat, extent, linearScale, logScale, withTicks } from "./scale.ts";
import { element } from "./svg.ts";
import { hundredth, label, shorten } from "./text.ts";

/** An axis of numbers. */
export interface AxisOptions {
  readonly label?: string;
  /** Default "linear". A logarithmic axis needs positive values. */
  readonly scale?: "linear" | "log";
  /** Largest value first, as the density of ever sparser nets. Default false. */
  readonly reversed?: boolean;
  /** Default "number". */
  readonly format?: TickFormat;
  /** Values to write beside the axis. Default: about six of 1, 2 or 5 times powers of ten. */
  readonly ticks?: readonly number[];
  /** Ends of the axis in place of the data's, widened to whole ticks; what lies beyond is drawn at the edge. */
  readonly from?: number;
  readonly to?: number;
}

/**
 * The scale of an axis that shows these values, from position `start` to `end` (the other way round when reversed).
 *
 * @throws ChartError E_RANGE for values that a logarithmic axis can't show, and for ends that are not finite
 */
export function axisScale(
  where: string,
  axis: AxisOptions,
  values: Iterable<number>,
  [start, end]: readonly [number, number],
  count = 5,
): Scale {
  const { scale = "linear", reversed = false, format = "number", ticks, from, to } = axis;
  const isLog = scale === "log";
  for (const value of [from, to, ...(ticks ?? [])]) {
    if (value !== undefined && !Number.isFinite(value)) {
      throw new ChartError("E_RANGE", `${where}: ends and ticks of an axis must be finite, got ${value}`);
    }
  }
  const found = extent(values, isLog ? [1, 10] : [0, 1]);
  const low = from ?? found[0];
  if (isLog && !(found[0] > 0 && low > 0)) {
    throw new ChartError("E_RANGE", `${where}: a logarithmic axis needs values > 0`);
  }
  const ends = [low, Math.max(low, to ?? found[1])] as const;
  const places = reversed ? ([end, start] as const) : ([start, end] as const);
  const automatic = isLog
    ? logScale(ends, places, { format })
    : linearScale(ends, places, { count, format, ...(to === undefined ? {} : { most: ends[1] }) });
  return ticks === undefined ? automatic : withTicks(automatic, ticks, format);
}

/** The y axis with grid lines across the frame. */
export function yAxis(frame: Frame, scale: Scale, name: string): string {
  const lines = scale.ticks.map(
    (tick) =>
      element("path", { class: "pc-grid", d: `M${frame.left} ${hundredth(scale.at(tick))}H${frame.right}` }) +
      label(frame.left - 8, scale.at(tick) + 4, scale.print(tick), { class: "pc-quiet", "text-anchor": "end" }),
  );
  const middle = (frame.top + frame.bottom) / 2;
  const rotated = {
    class: "pc-quiet",
    "text-anchor": "middle",
    transform: `rotate(-90 12 ${hundredth(middle)})`,
  };
  return lines.join("") + label(12, middle + 4, shorten(name, (frame.bottom - frame.top) / 6), rotated);
}

/** The x axis of numbers. A tick whose number would run into the one before it is drawn without its number. */
export function xAxis(frame: Frame, scale: Scale, name: string): string {
  let free = 0;
  const marks = scale.ticks
    .toSorted((a, b) => scale.at(a) - scale.at(b))
    .map((tick) => {
      const x = scale.at(tick);
      const text = scale.print(tick);
      const half = 3.1 * Array.from(text).length;
      const mark = element("path", { class: "pc-axis", d: `M${hundredth(x)} ${frame.bottom}v4` });
      if (x - half < free) return mark;
      free = x + half + 4;
      return mark + label(x, frame.bottom + 17, text, { class: "pc-quiet", "text-anchor": "middle" });
    });
  return baseLine(frame) + marks.join("") + xName(frame, name);
}

/** The x axis of names, and the centre of each. Names are shortened to fit, or left out where they are too many. */
export function bandAxis(
  frame: Frame,
  names: readonly string[],
  name: string,
): { axis: string; at(i: number): number; step: number } {
  const step = (frame.right - frame.left) / Math.max(1, names.length);
  const at = (i: number): number => frame.left + (i + 0.5) * step;
  const every = Math.max(1, Math.ceil(26 / step));
  const marks = names.map((text, i) =>
    i % every > 0
      ? ""
      : label(at(i), frame.bottom + 17, shorten(text, (every * step) / 6.6), {
          class: "pc-quiet",
          "text-anchor": "middle",
        }),
  );
  return { axis: baseLine(frame) + marks.join("") + xName(frame, name), at, step };
}

function baseLine(frame: Frame): string {
  return element("path", { class: "pc-axis", d: `M${frame.left} ${frame.bottom}H${frame.right}` });
}

function xName(frame: Frame, name: string): string {
  const middle = (frame.left + frame.right) / 2;
  const most = (frame.right - frame.left) / 6;
  return label(middle, frame.bottom + 38, shorten(name, most), { class: "pc-quiet", "text-anchor": "middle" });
}

/** A scale of shares in [0, 1] that begins below the least one. */
export function shareScale(frame: Frame, least: number): Scale {
  const low = Math.min(0.95, Math.max(0, least));
  return linearScale([low, 1], [frame.bottom, frame.top], { format: "percent", most: 1 });
}
