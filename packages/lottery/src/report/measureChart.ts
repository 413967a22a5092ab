import { type AxisOptions, type ChartOptions, type LineSeries, lineChart } from "@parsimony/charts";
import { checkChoice } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import type { SummaryRow, SweepSummary } from "../sweep/aggregate.ts";
import type { Statistic } from "../sweep/statistics.ts";
import { type NetOptions, chosenExperiment, chosenNets, denseRow } from "./nets.ts";

export interface MeasureChartOptions extends ChartOptions, NetOptions {
  /** What the band shows: least to largest run (the default, as in the paper), the confidence interval of the mean, or nothing. */
  readonly band?: "range" | "interval" | "none";
  /** The y axis. Default: percent for accuracies, else numbers. */
  readonly y?: AxisOptions;
  /** Draw the dense net's value as a dashed line? Default true. */
  readonly dense?: boolean;
}

/**
 * A measure of a sweep against density, on a logarithmic axis from dense to sparse: for the ticket and every control the mean over
 * the seeds, with a band (Frankle and Carbin 2019, figures 3 to 5). Levels at which some run has no value, such as one that never came
 * to a loss, are left out: a mean over the others would flatter.
 *
 * @param measure a measure of `aggregate`, such as `"earlyStop.test.accuracy"` or `"stepsTo(0.1)"`
 * @returns one SVG document
 * @throws LotteryError E_OPTION for a measure, net or experiment that is not there
 */
export function measureChart(summary: SweepSummary, measure: string, options: MeasureChartOptions = {}): string {
  const where = "measureChart";
  const { band = "range", dense = true, title = measure, y = {} } = options;
  checkChoice(where, "band", band, ["range", "interval", "none"]);
  const known = Object.keys(summary.rows[0]?.measures ?? {});
  if (summary.rows.length > 0 && !known.includes(measure)) {
    throw new LotteryError("E_OPTION", `${where}: there is no measure ${measure}, only ${known.join(", ")}`);
  }
  const experiment = chosenExperiment(where, summary.rows, options);
  const nets = chosenNets(where, summary, options);
  const series = nets.map(({ name, look, rows }): LineSeries => {
    const statistics = rows.map((row) => completeStatistic(row, measure));
    return {
      name,
      look,
      markers: true,
      x: rows.map((row) => densityOf(row)),
      y: statistics.map((each) => each?.mean ?? Number.NaN),
      ...endsOf(statistics, band),
    };
  });
  const level = dense ? completeStatistic(denseRow(summary, experiment), measure)?.mean : undefined;
  const levels = nets.reduce((sum, { rows }) => sum + rows.length, 0);
  const automatic = /accuracy$/.test(measure) ? { format: "percent" as const } : {};
  return lineChart(series, {
    description: `${title}: ${levels} means of ${nets.map(({ name }) => name).join(", ")}`,
    ...options,
    title,
    x: densityAxis,
    y: { label: measure, ...automatic, ...y },
    references: level === undefined ? [] : [{ y: level, name: "dense net" }],
  });
}

/** The axis of densities, as in the papers. */
const densityAxis: AxisOptions = { label: "weights remaining", scale: "log", reversed: true, format: "percent" };

/** Share of the weights that a net keeps; NaN for an empty net, which a logarithmic axis can't show. */
export function densityOf({ measures }: SummaryRow): number {
  const mean = measures["density"]?.mean ?? 0;
  return mean > 0 ? mean : Number.NaN;
}

/** The statistic of a measure where every run has a value. */
function completeStatistic(row: SummaryRow | undefined, measure: string): Statistic | undefined {
  const found = row?.measures[measure];
  return found === undefined || found.missing > 0 || found.n === 0 ? undefined : found;
}

/** Ends of a band. A single run has a range (itself) but no interval. */
export function endsOf(
  statistics: readonly (Statistic | undefined)[],
  band: "range" | "interval" | "none",
): Pick<LineSeries, "lower" | "upper"> {
  if (band === "none") return {};
  const end = (of: (statistic: Statistic) => number | undefined): number[] =>
    statistics.map((each) => (each === undefined ? Number.NaN : (of(each) ?? each.mean ?? Number.NaN)));
  if (band === "range") return { lower: end(({ min }) => min), upper: end(({ max }) => max) };
  return { lower: end(({ interval }) => interval?.[0]), upper: end(({ interval }) => interval?.[1]) };
}
