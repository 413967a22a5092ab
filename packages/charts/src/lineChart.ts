import { type AxisOptions, axisScale, xAxis, yAxis } from "./axes.ts";
import { ChartError } from "./errors.ts";
import { type ChartOptions, chart, frameOf } from "./frame.ts";
import type { LegendEntry } from "./legend.ts";
import { looksCount, marker } from "./looks.ts";
import { levelLine, uprightLine, whisker } from "./marks.ts";
import { type Scale, extent } from "./scale.ts";
import { type DrawnSeries, type LineSeries, type Point, readSeries, valuesOf } from "./series.ts";
import { element, pathThrough, textOf } from "./svg.ts";

/** A dashed line across the chart: level at `y`, or upright at `x`. */
export type ReferenceLine =
  | { readonly y: number; readonly x?: never; readonly name?: string | undefined }
  | { readonly x: number; readonly y?: never; readonly name?: string | undefined };

/** Options of `lineChart`. */
export interface LineChartOptions extends ChartOptions {
  readonly x?: AxisOptions;
  readonly y?: AxisOptions;
  readonly references?: readonly ReferenceLine[];
}

/**
 * Lines with confidence bands or error bars, or points without lines: curves of training, measurements against a parameter,
 * scatter plots. Series differ in colour, dash and mark, so that they are told apart without colours too.
 *
 * @returns one SVG document
 * @throws ChartError E_LENGTH for lists of one series that differ in length; E_RANGE for more than 12 series, for values that
 *   a logarithmic axis can't show, and for reference lines and ends of axes that aren't finite
 */
export function lineChart(series: readonly LineSeries[], options: LineChartOptions = {}): string {
  const where = "lineChart";
  const { title = "Over time", x: across = {}, y: up = {}, references = [] } = options;
  if (series.length > looksCount) {
    throw new ChartError("E_RANGE", `${where}: shows at most ${looksCount} series; make another chart`);
  }
  references.forEach(({ x, y }, i) => {
    if (!Number.isFinite(x ?? y)) {
      throw new ChartError("E_RANGE", `${where}: references[${i}] is not finite: ${x ?? y}`, i);
    }
  });
  const lines = series.map((line, k) => readSeries(where, line, k));
  const legend = [...lines.flatMap(seriesEntry), ...references.flatMap(referenceEntry)];
  const frame = frameOf(options, 48, legend);
  const xs = [...valuesOf(lines, "x"), ...references.flatMap(({ x }) => (x === undefined ? [] : [x]))];
  const ys = [...valuesOf(lines, "y"), ...references.flatMap(({ y }) => (y === undefined ? [] : [y]))];
  const x = axisScale(where, across, xs, [frame.left, frame.right], 6);
  const y = axisScale(where, up, ys, [frame.bottom, frame.top]);
  const drawn = lines.flatMap((line) => drawSeries(line, x, y));
  const crossing = references.map((at) =>
    at.x === undefined ? levelLine(frame, y.at(at.y)) : uprightLine(frame, x.at(at.x)),
  );
  return chart(
    frame,
    { title, description: options.description ?? sentence(lines, ys, up), legend },
    yAxis(frame, y, up.label ?? "value"),
    xAxis(frame, x, across.label ?? "step"),
    ...crossing,
    ...drawn,
  );
}

function seriesEntry({ name, look, line, markers }: DrawnSeries): LegendEntry[] {
  if (name === undefined) return [];
  const sample = line ? { line: look.line, dash: look.dash } : {};
  return [{ name, ...sample, ...(markers ? { dot: look.fill, shape: look.shape } : {}) }];
}

function referenceEntry({ name }: ReferenceLine): LegendEntry[] {
  return name === undefined ? [] : [{ name, line: "pc-promise" }];
}

function drawSeries(
  { name, look, step, line, markers, points, band, bars }: DrawnSeries,
  x: Scale,
  y: Scale,
): string[] {
  const place = (list: readonly Point[]): Point[] => list.map(([px, py]): Point => [x.at(px), y.at(py)]);
  const r = points.length > 200 ? 1.6 : points.length > 40 ? 2.4 : 3.2;
  const said = name === undefined ? "" : `${name}: `;
  return [
    band.length === 0
      ? ""
      : element("path", { class: look.fill, "fill-opacity": "0.18", d: `${pathThrough(place(band))}Z` }),
    ...bars.map((bar) => whisker(x.at(bar.x), y.at(bar.lower), y.at(bar.upper), 3, look.line)),
    points.length === 0 || !line
      ? ""
      : element("path", {
          class: look.line,
          "stroke-dasharray": look.dash,
          d: pathThrough(place(points), step),
        }),
    ...(markers
      ? points.map(([px, py]) =>
          element(
            "g",
            {},
            element("title", {}, textOf(`${said}${digits(px)}, ${digits(py)}`)),
            marker(look, x.at(px), y.at(py), r),
          ),
        )
      : []),
  ];
}

function sentence(lines: readonly DrawnSeries[], values: readonly number[], { scale }: AxisOptions): string {
  const [low, high] = extent(values, scale === "log" ? [1, 10] : [0, 1]);
  const count = lines.reduce((sum, { points }) => sum + points.length, 0);
  return `${count} points between ${low} and ${high}`;
}

/** A number for a tooltip. */
function digits(value: number): string {
  const rounded = Number(value.toPrecision(5));
  return String(Number.isFinite(rounded) ? rounded : value);
}
