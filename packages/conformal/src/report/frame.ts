import { linearScale, type Scale } from "./scale.ts";
import { element, textOf } from "./svg.ts";
import { chartStyle } from "./theme.ts";

/** Options that every chart has. */
export interface ChartOptions {
  /** Written above the chart, and read aloud. */
  readonly title?: string;
  /** Read aloud by screen readers in place of the picture. Default: a sentence with the main numbers. */
  readonly description?: string;
  /** In CSS pixels, at least 200. Default 560. */
  readonly width?: number;
  /** In CSS pixels, at least 150. Default 310. */
  readonly height?: number;
}

/** The rectangle of the marks. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** An entry of the legend. */
export interface LegendEntry {
  readonly name: string;
  /** Class of the sample line, or of the sample dot. */
  readonly line?: string;
  readonly dot?: string;
}

/** The frame of a chart of the wanted size. */
export function frameOf({ width = 560, height = 310 }: ChartOptions, bottom = 48): Frame {
  const size = { width: Math.max(200, finite(width, 560)), height: Math.max(150, finite(height, 300)) };
  return { left: 70, right: size.width - 20, top: 56, bottom: size.height - bottom, ...size };
}

function finite(value: number, fallback: number): number {
  return Number.isFinite(value) ? value : fallback;
}

/** A chart: title, legend, axes and marks as one SVG document. */
export function chart(
  frame: Frame,
  text: { readonly title: string; readonly description: string; readonly legend?: readonly LegendEntry[] },
  ...parts: readonly string[]
): string {
  const { width, height } = frame;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "pc",
      viewBox: `0 0 ${Math.round(width)} ${Math.round(height)}`,
      width,
      height,
      role: "img",
      "aria-label": text.title,
    },
    element("title", {}, textOf(text.title)),
    element("desc", {}, textOf(text.description)),
    `<style>${chartStyle}</style>`,
    element("rect", { class: "pc-paper", width, height }),
    label(12, 18, shorten(text.title, (width - 24) / 7.4), { class: "pc-ink pc-title" }),
    ...legend(frame, text.legend ?? []),
    ...parts,
  );
}

function legend(frame: Frame, entries: readonly LegendEntry[]): string[] {
  let x = 12;
  return entries.map(({ name, line, dot }) => {
    const shown = shorten(name, Math.min(44, (frame.width - x - 30) / 6.3));
    const end = x + 40 + 6.3 * Array.from(shown).length;
    if (end > frame.width) return "";
    const sample =
      line === undefined
        ? element("circle", { class: dot, cx: x + 8, cy: 33, r: 3.5 })
        : element("path", { class: line, d: `M${hundredth(x)} 33h16` });
    const entry = sample + label(x + 22, 37, shown, { class: "pc-quiet" });
    x = end;
    return entry;
  });
}

/** Text at a point. */
export function label(
  x: number,
  y: number,
  text: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  return element("text", { x, y, ...attributes }, textOf(text) || " ");
}

/** A text of at most so many characters. */
function shorten(text: string, most: number): string {
  const characters = Array.from(text);
  const room = Math.max(1, Math.floor(most));
  return characters.length <= room ? text : `${characters.slice(0, Math.max(0, room - 1)).join("")}…`;
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

/** The x axis of numbers. */
export function xAxis(frame: Frame, scale: Scale, name: string): string {
  const marks = scale.ticks.map(
    (tick) =>
      element("path", { class: "pc-axis", d: `M${hundredth(scale.at(tick))} ${frame.bottom}v4` }) +
      label(scale.at(tick), frame.bottom + 17, scale.print(tick), { class: "pc-quiet", "text-anchor": "middle" }),
  );
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

/** A dashed line across the frame at a promised value. */
export function promiseLine(frame: Frame, y: number): string {
  return element("path", { class: "pc-promise", d: `M${frame.left} ${hundredth(y)}H${frame.right}` });
}

/** A vertical interval with small caps. */
export function whisker(x: number, y1: number, y2: number, cap = 4): string {
  const [a, b, left, right] = [y1, y2, x - cap, x + cap].map(hundredth);
  return element("path", {
    class: "pc-line1",
    d: `M${left} ${a}H${right}M${left} ${b}H${right}M${hundredth(x)} ${a}V${b}`,
  });
}

function hundredth(value: number): number {
  return Math.round(100 * value) / 100;
}

/** A scale of shares in [0, 1] that begins below the least one. */
export function shareScale(frame: Frame, least: number): Scale {
  const low = Math.min(0.95, Math.max(0, least));
  return linearScale([low, 1], [frame.bottom, frame.top], { format: "percent", most: 1 });
}
