import { type LegendEntry, legend, legendRow, legendRows } from "./legend.ts";
import { element, textOf } from "./svg.ts";
import { label, shorten } from "./text.ts";
import { chartStyle, moreColorsStyle } from "./theme.ts";

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
  /** Of the whole chart. */
  readonly width: number;
  readonly height: number;
  /** Rows that the legend has between title and frame. */
  readonly legendRows: number;
}

/**
 * The frame of a chart of the wanted size, with `bottom` pixels for the x axis. With `legend` it leaves as many rows for the
 * legend as that needs and the height allows; without, one.
 */
export function frameOf(
  { width = 560, height = 310 }: ChartOptions,
  bottom = 48,
  entries: readonly LegendEntry[] = [],
): Frame {
  const size = { width: Math.max(200, finite(width, 560)), height: Math.max(150, finite(height, 300)) };
  const most = 1 + Math.floor((size.height - bottom - 56 - 80) / legendRow);
  const rows = legendRows(entries, size.width, most);
  const top = 56 + legendRow * (rows - 1);
  return { left: 70, right: size.width - 20, top, bottom: size.height - bottom, ...size, legendRows: rows };
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
  const content = [...legend(text.legend ?? [], width, frame.legendRows), ...parts].join("");
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
    `<style>${chartStyle}${/pc-(?:line|fill)[3-6]/.test(content) ? moreColorsStyle : ""}</style>`,
    element("rect", { class: "pc-paper", width, height }),
    label(12, 18, shorten(text.title, (width - 24) / 7.4), { class: "pc-ink pc-title" }),
    content,
  );
}
