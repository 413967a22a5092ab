import { type AxisOptions, axisScale, xAxis, yAxis } from "./axes.ts";
import { ChartError, checkLength, checkWhole } from "./errors.ts";
import { type ChartOptions, chart, frameOf } from "./frame.ts";
import type { LegendEntry } from "./legend.ts";
import { lookOf, looksCount } from "./looks.ts";
import { extent } from "./scale.ts";
import { element, pathThrough } from "./svg.ts";

/** How often values fall between edges. */
export interface Histogram {
  /** Ends of the bins, rising: one more than there are bins. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Options of `histogram`. */
export interface HistogramOptions {
  /** Number of bins, all equally wide. Default 30. */
  readonly bins?: number;
  /** Ends of the first and the last bin; values beyond them are not counted. Default: least and largest value. */
  readonly range?: readonly [number, number];
}

/**
 * Counts values in equal bins; the last bin includes its upper end. Values that aren't finite are not counted.
 *
 * @throws ChartError E_RANGE for bins that are no whole number >= 1, or a range that is empty or not finite
 */
export function histogram(values: ArrayLike<number>, options: HistogramOptions = {}): Histogram {
  const { bins = 30 } = options;
  checkWhole("histogram", "bins", bins, 1);
  const [low, high] = options.range ?? widened(extent(Array.from(values), [0, 1]));
  if (!(low < high && Number.isFinite(high - low))) {
    throw new ChartError("E_RANGE", `histogram: the range must rise and be finite, got ${low} to ${high}`);
  }
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + (i / bins) * (high - low)));
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!(value >= low && value <= high)) continue;
    const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { edges, counts };
}

/** One value fills a range around it. */
function widened([low, high]: readonly [number, number]): readonly [number, number] {
  return low < high ? [low, high] : [low - (Math.abs(low) / 2 || 0.5), high + (Math.abs(high) / 2 || 0.5)];
}

/** One outline of a `histogramChart`. */
export interface HistogramSeries extends Histogram {
  readonly name?: string;
  /** As in `LineSeries`. */
  readonly look?: number;
}

/** Options of `histogramChart`. */
export interface HistogramChartOptions extends ChartOptions {
  readonly x?: AxisOptions;
  readonly y?: AxisOptions;
  /** Draw the density (area 1) in place of counts, so that samples of different size can be compared. Default false. */
  readonly isDensity?: boolean;
}

/**
 * Histograms over each other, as filled outlines.
 *
 * @param series what `histogram` gave, or counts between edges of one's own
 * @returns one SVG document
 * @throws ChartError E_LENGTH unless there is one more edge than counts; E_RANGE for edges that don't rise, negative counts
 */
export function histogramChart(series: readonly HistogramSeries[], options: HistogramChartOptions = {}): string {
  const where = "histogramChart";
  const { title = "Distribution", x: across = {}, y: up = {}, isDensity = false } = options;
  if (series.length > looksCount) throw new ChartError("E_RANGE", `${where}: shows at most ${looksCount} series`);
  const outlines = series.map((each, k) => outline(where, each, k, isDensity));
  const looks = series.map(({ look = 0 }, k) => lookOf(series[k]?.look === undefined ? k : look));
  const legend = series.flatMap(({ name }, k): LegendEntry[] =>
    name === undefined ? [] : [{ name, line: looks[k]?.line, dash: looks[k]?.dash }],
  );
  const frame = frameOf(options, 48, legend);
  const x = axisScale(
    where,
    across,
    series.flatMap(({ edges }) => edges),
    [frame.left, frame.right],
    6,
  );
  const heights = [0, ...outlines.flatMap((points) => points.map(([, height]) => height))];
  const y = axisScale(where, up, heights, [frame.bottom, frame.top]);
  const drawn = outlines.flatMap((points, k) => {
    const { fill, line, dash } = looks[k] as ReturnType<typeof lookOf>;
    const d = pathThrough(points.map(([px, py]) => [x.at(px), y.at(py)]));
    if (d === "") return [];
    return [
      element("path", { class: fill, "fill-opacity": "0.16", d: `${d}Z` }),
      element("path", { class: line, "stroke-dasharray": dash, d }),
    ];
  });
  const total = series.reduce((sum, { counts }) => sum + counts.reduce((all, count) => all + count, 0), 0);
  return chart(
    frame,
    { title, description: options.description ?? `${total} values`, legend },
    yAxis(frame, y, up.label ?? (isDensity ? "density" : "count")),
    xAxis(frame, x, across.label ?? "value"),
    ...drawn,
  );
}

function outline(
  where: string,
  { edges, counts, look = 0 }: HistogramSeries,
  k: number,
  isDensity: boolean,
): [number, number][] {
  checkWhole(where, `series[${k}].look`, look, 0, looksCount - 1);
  checkLength(where, `series[${k}].edges`, edges.length, counts.length + 1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const points: [number, number][] = [[edges[0] as number, 0]];
  counts.forEach((count, i) => {
    const [from, to] = [edges[i] as number, edges[i + 1] as number];
    if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
      throw new ChartError("E_RANGE", `${where}: series[${k}].edges must rise and be finite, got ${from}, ${to}`, i);
    }
    if (!(count >= 0 && count < Infinity)) {
      throw new ChartError("E_RANGE", `${where}: series[${k}].counts[${i}] is ${count}`, i);
    }
    const height = isDensity ? (total === 0 ? 0 : count / total / (to - from)) : count;
    points.push([from, height], [to, height]);
  });
  points.push([edges[edges.length - 1] as number, 0]);
  return counts.length === 0 ? [] : points;
}
