import {
  chart,
  type ChartOptions,
  element,
  extent,
  frameOf,
  levelLine,
  linearScale,
  mostPoints,
  pathThrough,
  percent,
  shareScale,
  xAxis,
  yAxis,
} from "@parsimony/charts";
import { checkAlpha, checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { covers, type IntervalBounds } from "../metrics/region.ts";

/** Options of `onlineCoverageChart`. */
export interface OnlineCoverageChartOptions extends ChartOptions {
  /** Allowed miscoverage: `1 - alpha` is drawn as a dashed line. */
  readonly alpha: number;
  /** Steps that the moving share looks back, >= 1. Default: a tenth of the steps, at least 20. */
  readonly window?: number;
}

/**
 * Online coverage: the share of covered steps so far, and within a moving window.
 *
 * @param covered whether each step was covered, in order of time
 * @returns one SVG document
 * @throws ConformalError E_ALPHA, E_RANGE
 */
export function onlineCoverageChart(covered: ArrayLike<boolean | number>, options: OnlineCoverageChartOptions): string {
  const where = "onlineCoverageChart";
  const { alpha, title = "Coverage over time" } = options;
  checkAlpha(where, alpha);
  const { window = Math.max(20, Math.ceil(covered.length / 10)) } = options;
  checkWhole(where, "window", window, 1);
  const n = covered.length;
  const sums = new Float64Array(n + 1);
  for (let t = 0; t < n; t++) sums[t + 1] = (sums[t] as number) + (covered[t] ? 1 : 0);
  const stride = Math.max(1, Math.ceil(n / mostPoints));
  const times = Array.from({ length: n }, (_, t) => t + 1).filter((t) => t % stride === 0 || t === n);
  const share = (from: number, to: number): number => ((sums[to] as number) - (sums[from] as number)) / (to - from);
  const moving = times.filter((t) => t >= window).map((t): [number, number] => [t, share(t - window, t)]);
  const soFar = times.filter((t) => t >= Math.min(window, n)).map((t): [number, number] => [t, share(0, t)]);
  const frame = frameOf(options);
  const least = [...moving, ...soFar].reduce((low, [, value]) => Math.min(low, value), 1 - alpha);
  const y = shareScale(frame, least - 0.02);
  const x = linearScale([0, Math.max(1, n)], [frame.left, frame.right], { count: 6 });
  const draw = (points: readonly [number, number][], line: string): string =>
    points.length === 0
      ? ""
      : element("path", { class: line, d: pathThrough(points.map(([t, value]) => [x.at(t), y.at(value)])) });
  const total =
    n === 0 ? "no steps" : `${n} steps, ${(100 * share(0, n)).toFixed(1)}% covered, promised ${percent(1 - alpha)}`;
  const legend = [
    { name: "so far", line: "pc-line1" },
    { name: `last ${window} steps`, line: "pc-line2" },
    { name: `promised ${percent(1 - alpha)}`, line: "pc-promise" },
  ];
  return chart(
    frame,
    { title, description: options.description ?? total, legend },
    yAxis(frame, y, "coverage"),
    xAxis(frame, x, "step"),
    levelLine(frame, y.at(1 - alpha)),
    draw(moving, "pc-line2"),
    draw(soFar, "pc-line1"),
  );
}

/** Options of `intervalSeriesChart`. */
export interface IntervalSeriesChartOptions extends ChartOptions {
  /** Positions of the intervals, such as times. Default 0, 1, 2, ... */
  readonly x?: ArrayLike<number>;
  readonly xLabel?: string;
  readonly yLabel?: string;
}

/**
 * Intervals over a series as a band, with the true values as dots: those outside in another colour. Infinite ends are
 * drawn at the edge of the chart; what is inside is scaled to the true values and finite ends.
 *
 * @param intervals `[n]`
 * @param truths true values `[n]`, finite
 * @returns one SVG document
 * @throws ConformalError E_LENGTH, E_NAN; E_RANGE for positions or true values that aren't finite
 */
export function intervalSeriesChart(
  intervals: readonly IntervalBounds[],
  truths: ArrayLike<number>,
  options: IntervalSeriesChartOptions = {},
): string {
  const where = "intervalSeriesChart";
  const { title = "Intervals and true values", xLabel = "time", yLabel = "value" } = options;
  const at = options.x ?? intervals.map((_, i) => i);
  checkLength(where, "the true values", truths.length, intervals.length);
  checkLength(where, "x", at.length, intervals.length);
  intervals.forEach(({ lower, upper }, i) => {
    if (Number.isNaN(lower) || Number.isNaN(upper))
      throw new ConformalError("E_NAN", `${where}: interval ${i} has a NaN`, i);
    if (!Number.isFinite(truths[i]) || !Number.isFinite(at[i])) {
      throw new ConformalError("E_RANGE", `${where}: point ${i} is not finite: ${at[i]}, ${truths[i]}`, i);
    }
  });
  const frame = frameOf({ height: 320, ...options });
  const all = [...Array.from(truths), ...intervals.flatMap(({ lower, upper }) => [lower, upper])];
  const y = linearScale(extent(all, [0, 1]), [frame.bottom, frame.top]);
  const x = linearScale(extent(Array.from(at), [0, 1]), [frame.left, frame.right], { count: 6 });
  const order = intervals.map((_, i) => i).sort((a, b) => (at[a] as number) - (at[b] as number) || a - b);
  const edge = (end: "lower" | "upper"): [number, number][] =>
    order.map((i) => [x.at(at[i] as number), y.at((intervals[i] as IntervalBounds)[end])]);
  const missed = intervals.map((interval, i) => !covers(interval, truths[i] as number));
  const dots = order.map((i) =>
    element("circle", {
      class: missed[i] ? "pc-fill2" : "pc-fill1",
      cx: x.at(at[i] as number),
      cy: y.at(truths[i] as number),
      r: missed[i] ? 3 : intervals.length > 200 ? 1.3 : 2.2,
    }),
  );
  const outside = missed.filter(Boolean).length;
  const legend = [
    { name: "true value", dot: "pc-fill1" },
    { name: `outside its interval (${outside})`, dot: "pc-fill2" },
  ];
  const description = options.description ?? `${intervals.length} intervals, ${outside} true values outside`;
  const band = `${pathThrough([...edge("lower"), ...edge("upper").reverse()])}Z`;
  return chart(
    frame,
    { title, description, legend },
    yAxis(frame, y, yLabel),
    xAxis(frame, x, xLabel),
    order.length === 0 ? "" : element("path", { class: "pc-fill1", "fill-opacity": "0.2", d: band }),
    ...dots,
  );
}
