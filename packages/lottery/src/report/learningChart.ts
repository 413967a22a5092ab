import { type AxisOptions, type ChartOptions, type LineSeries, lineChart } from "@parsimony/charts";
import { LotteryError } from "../base/errors.ts";
import type { SweepSummary } from "../sweep/aggregate.ts";
import type { LearningPoint } from "../sweep/learningCurves.ts";
import { densityOf, endsOf } from "./measureChart.ts";
import { type NetOptions, chosenExperiment, nameOf } from "./nets.ts";
import { percent } from "./text.ts";

export interface LearningChartOptions extends ChartOptions, Omit<NetOptions, "nets"> {
  /** Which curves are drawn, at most 12. Default: the ticket at up to six levels, the first and the last among them. */
  readonly curves?: readonly { readonly net: string; readonly level: number }[];
  /** With a summary of the same sweep curves are named by density; without, by level. */
  readonly summary?: SweepSummary;
  /** Default "range". */
  readonly band?: "range" | "interval" | "none";
  readonly y?: AxisOptions;
  /**
   * The first steps are far from where curves differ: the y axis is made for what comes after this share of the steps, and what is
   * beyond it is drawn at the edge. Default 0.1; 0 shows everything.
   */
  readonly skip?: number;
}

/**
 * How nets learn: the mean over the seeds at each step, with a band, for a few levels of the ticket or controls (Frankle and Carbin
 * 2019, figures 3 and 4).
 *
 * @param points what `learningCurves` gave
 * @returns one SVG document
 * @throws LotteryError E_OPTION for a curve that is not there, more than 12, or a `skip` outside [0, 1)
 */
export function learningChart(points: readonly LearningPoint[], options: LearningChartOptions = {}): string {
  const where = "learningChart";
  const { summary, band = "range", title = "During training", y = {}, skip = 0.1 } = options;
  if (!(skip >= 0 && skip < 1)) throw new LotteryError("E_OPTION", `${where}: skip must be in [0, 1), got ${skip}`);
  const experiment = chosenExperiment(where, points, options);
  const own = points.filter((point) => point.experiment === experiment && point.statistic.n > 0);
  const { curves = defaultCurves(own) } = options;
  if (curves.length > 12) throw new LotteryError("E_OPTION", `${where}: shows at most 12 curves, got ${curves.length}`);
  const nets = new Set(curves.map(({ net }) => net));
  const shown = curves.map(({ net, level }, look) => {
    const line = own.filter((point) => point.net === net && point.level === level);
    if (line.length === 0) {
      throw new LotteryError("E_OPTION", `${where}: there is no curve of ${net} at level ${level}`);
    }
    const row = summary?.rows.find(
      (each) => each.experiment === experiment && each.net === net && each.level === level,
    );
    const place = row === undefined ? `level ${level}` : percent(densityOf(row) || 0);
    const name = nets.size === 1 && net === "ticket" ? place : `${nameOf(net, options.names)}, ${place}`;
    return { name, look, line: line.toSorted((a, b) => a.step - b.step) };
  });
  const series = shown.map(({ name, look, line }): LineSeries => {
    const statistics = line.map(({ statistic }) => statistic);
    return {
      name,
      look,
      x: line.map(({ step }) => step),
      y: statistics.map(({ mean }) => mean ?? Number.NaN),
      ...endsOf(statistics, band),
    };
  });
  return lineChart(series, {
    description: `${title}: ${shown.map(({ name }) => name).join("; ")}`,
    ...options,
    title,
    x: { label: "training iterations" },
    y: { ...endsAfter(series, skip), ...y },
  });
}

/** The range of the values after the first steps. */
function endsAfter(series: readonly LineSeries[], skip: number): AxisOptions {
  const steps = series.flatMap(({ x }) => Array.from(x ?? []));
  const from = skip * steps.reduce((last, step) => Math.max(last, step), 0);
  const late = series.flatMap(({ x = [], y, lower = y, upper = y }) =>
    Array.from(x).flatMap((step, i) => (step < from ? [] : [lower[i] as number, upper[i] as number])),
  );
  const finite = late.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return {};
  const ends = { low: Infinity, high: -Infinity };
  for (const value of finite) {
    ends.low = Math.min(ends.low, value);
    ends.high = Math.max(ends.high, value);
  }
  return { from: ends.low, to: ends.high };
}

function defaultCurves(points: readonly LearningPoint[]): { net: string; level: number }[] {
  const levels = [...new Set(points.filter(({ net }) => net === "ticket").map(({ level }) => level))].sort(
    (a, b) => a - b,
  );
  return spaced(levels, 6).map((level) => ({ net: "ticket", level }));
}

/** At most so many of a list, evenly spaced, the first and the last among them. */
export function spaced<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))] as T);
}
