import { checkLength, checkWhole } from "./errors.ts";
import { type Look, lookOf, looksCount } from "./looks.ts";

/** One line of a `lineChart`, or the points of a scatter plot. */
export interface LineSeries {
  /** In the legend. Default: not there. */
  readonly name?: string | undefined;
  /** Default: 0, 1, 2, ... */
  readonly x?: ArrayLike<number> | undefined;
  /** Points whose value is not finite are left out, and the line goes on after them. */
  readonly y: ArrayLike<number>;
  /** Ends of an interval around each point. */
  readonly lower?: ArrayLike<number> | undefined;
  readonly upper?: ArrayLike<number> | undefined;
  /** How intervals are drawn: as one band, or as an error bar at each point. Default "band". */
  readonly interval?: "band" | "bars" | undefined;
  /** Go level from point to point, as thresholds do. Default false. */
  readonly step?: boolean | undefined;
  /** Draw the line. Default true; false leaves the points of a scatter plot. */
  readonly line?: boolean | undefined;
  /** Draw a mark at each point, with its numbers as a tooltip. Default: only without a line. */
  readonly markers?: boolean | undefined;
  /** Which look (colour, dash, mark) out of 0..11. Default: the series' position; give it where charts should agree. */
  readonly look?: number | undefined;
}

export type Point = readonly [x: number, y: number];

/** A series as it is drawn. */
export interface DrawnSeries {
  readonly name: string | undefined;
  readonly look: Look;
  readonly step: boolean;
  readonly line: boolean;
  readonly markers: boolean;
  readonly points: readonly Point[];
  /** Outline of the band, empty without one. */
  readonly band: readonly Point[];
  readonly bars: readonly { readonly x: number; readonly lower: number; readonly upper: number }[];
}

/** Beyond this many points a line is drawn through every k-th: no screen shows more. */
export const mostPoints = 1200;

/** Every k-th position of `0..length - 1` and the last, so that about `mostPoints` remain. */
export function thinned(length: number): number[] {
  const stride = Math.max(1, Math.ceil(length / mostPoints));
  const positions = Array.from({ length: Math.ceil(length / stride) }, (_, i) => i * stride);
  if (length > 0 && positions[positions.length - 1] !== length - 1) positions.push(length - 1);
  return positions;
}

/**
 * Checks a series and collects what is finite of it.
 *
 * @throws ChartError E_LENGTH, E_RANGE
 */
export function readSeries(where: string, series: LineSeries, k: number): DrawnSeries {
  const { x, y, lower, upper, interval = "band", line = true, markers = !line, look = k } = series;
  for (const [name, values] of Object.entries({ x, lower, upper })) {
    if (values !== undefined) checkLength(where, `series[${k}].${name}`, values.length, y.length);
  }
  checkWhole(where, `series[${k}].look`, look, 0, looksCount - 1);
  const positions = thinned(y.length);
  const at = (i: number): number => (x === undefined ? i : (x[i] as number));
  const through = (values: ArrayLike<number> | undefined): Point[] =>
    values === undefined ? [] : positions.map((i): Point => [at(i), values[i] as number]).filter(isFinitePoint);
  const bars =
    interval === "band"
      ? []
      : positions
          .map((i) => ({ x: at(i), lower: (lower ?? y)[i] as number, upper: (upper ?? y)[i] as number }))
          .filter((bar) => isFinitePoint([bar.x, bar.lower]) && Number.isFinite(bar.upper));
  return {
    name: series.name,
    look: lookOf(look),
    step: series.step ?? false,
    line,
    markers,
    points: through(y),
    band: interval === "band" ? [...through(lower), ...through(upper).reverse()] : [],
    bars,
  };
}

function isFinitePoint([x, y]: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

/** All values of series along one axis. */
export function* valuesOf(series: readonly DrawnSeries[], axis: "x" | "y"): Generator<number> {
  for (const { points, band, bars } of series) {
    for (const [x, y] of points) yield axis === "x" ? x : y;
    for (const [x, y] of band) yield axis === "x" ? x : y;
    for (const { x, lower, upper } of bars) {
      if (axis === "x") yield x;
      else yield* [lower, upper];
    }
  }
}
