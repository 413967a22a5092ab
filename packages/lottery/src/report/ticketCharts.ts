import type { ReportChart } from "@parsimony/charts";
import type { SummaryRow, SweepSummary } from "../sweep/aggregate.ts";
import type { JobResult } from "../sweep/executeJob.ts";
import type { SweepResult } from "../sweep/runSweep.ts";
import { type LearningChartOptions, learningChart } from "./learningChart.ts";
import { type MeasureChartOptions, measureChart } from "./measureChart.ts";
import { type NetOptions, chosenExperiment, chosenNets, denseRow } from "./nets.ts";
import { type TicketData, type TicketDataOptions, ticketData } from "./ticketData.ts";

export interface TicketChartsOptions extends TicketDataOptions, NetOptions {
  /** What bands show. Default "range". */
  readonly band?: "range" | "interval" | "none";
  /** Learning curves that are drawn. Default: the ticket at up to six levels. */
  readonly curves?: LearningChartOptions["curves"];
  /** Validation losses for charts of the iterations that it takes to come to them. */
  readonly losses?: readonly number[];
}

/**
 * The charts of a lottery ticket experiment (Frankle and Carbin 2019, figures 3 to 5), each with a caption: test accuracy at the
 * early stop and at the end of training, the early-stop iteration and the iterations to each of `losses`, all against density for the
 * ticket and its controls; validation loss and accuracy during training.
 *
 * @param results those of `runSweep`, or what `sweepResultsOf` makes of reports of `findTickets`; or the data of `ticketData`
 * @throws LotteryError as `aggregate`, and E_OPTION for an experiment, net or curve that is not there
 */
export function ticketCharts(
  results: readonly SweepResult<JobResult>[] | TicketData,
  options: TicketChartsOptions = {},
): ReportChart[] {
  const data = "summary" in results ? results : ticketData(results, options);
  return [...densityCharts(data, options), ...trainingCharts(data, options)];
}

/** Charts against density. */
export function densityCharts({ summary, metric }: TicketData, options: TicketChartsOptions): ReportChart[] {
  const { band = "range" } = options;
  const shown: MeasureChartOptions = netOptions(options);
  const has = (measure: string): boolean => measure in (summary.rows[0]?.measures ?? {});
  const said = bandWords(band, summary.confidence);
  const draw = (measure: string, title: string, label: string, caption: string): ReportChart[] => {
    if (!has(measure)) return [];
    const from = metric === "accuracy" && measure.endsWith(metric) ? lowestShown(summary, measure, options) : undefined;
    const y = { label, ...formatOf(metric, measure), ...(from === undefined ? {} : { from }) };
    const cut = from === undefined ? "" : " What is worse than the axis shows is drawn at its edge.";
    return [{ svg: measureChart(summary, measure, { ...shown, band, title, y }), caption: `${caption} ${said}${cut}` }];
  };
  const losses = Object.keys(summary.rows[0]?.measures ?? {}).filter((name) => name.startsWith("stepsTo("));
  return [
    ...draw(
      `earlyStop.test.${metric}`,
      `Test ${metric} at early stop`,
      `test ${metric}`,
      `At the iteration of the smallest validation loss.`,
    ),
    ...draw(
      `final.test.${metric}`,
      `Test ${metric} at the end of training`,
      `test ${metric}`,
      "After the last iteration.",
    ),
    ...draw(
      "earlyStop.step",
      "Early-stop iteration",
      "iterations",
      "The iteration of the smallest validation loss: how fast a net learns.",
    ),
    ...losses.flatMap((measure) =>
      draw(
        measure,
        `Iterations to a validation loss of ${measure.slice(8, -1)}`,
        "iterations",
        "Levels at which some run never came so low are left out.",
      ),
    ),
  ];
}

/**
 * Where an axis of accuracies ends below: twice as far under the dense net as the ticket ever comes, and at least two points, so that a
 * control that fails does not press all others together. Undefined when nothing lies below.
 */
function lowestShown(summary: SweepSummary, measure: string, options: NetOptions): number | undefined {
  const nets = chosenNets("ticketCharts", summary, options);
  const minima = (rows: readonly SummaryRow[]): number[] =>
    rows.flatMap(({ measures }) => (measures[measure]?.min === undefined ? [] : [measures[measure].min as number]));
  const dense = denseRow(summary, chosenExperiment("ticketCharts", summary.rows, options))?.measures[measure]?.mean;
  if (dense === undefined) return undefined;
  const worst = Math.min(dense, ...minima(nets.flatMap(({ net, rows }) => (net === "ticket" ? rows : []))));
  const lowest = dense - Math.max(0.02, 2 * (dense - worst));
  return minima(nets.flatMap(({ rows }) => rows)).some((value) => value < lowest) ? lowest : undefined;
}

/** Charts of training. */
export function trainingCharts(data: TicketData, options: TicketChartsOptions): ReportChart[] {
  const { summary, metric, metricPart, validationLoss, metricCurves } = data;
  const { band = "range", curves } = options;
  const { nets: _, ...names } = netOptions(options);
  const shown = { ...names, summary, band, ...(curves === undefined ? {} : { curves }) };
  const said = `Named by the weights that remain. ${bandWords(band, summary.confidence)}`;
  const loss = learningChart(validationLoss, {
    ...shown,
    title: "Validation loss during training",
    y: { label: "validation loss" },
  });
  if (metric === "loss" && metricPart === "validation") return [{ svg: loss, caption: said }];
  const title = metricPart === "test" ? `Test ${metric} during training` : `Validation ${metric} during training`;
  const y = { label: `${metricPart} ${metric}`, ...formatOf(metric, metric) };
  return [
    { svg: loss, caption: said },
    { svg: learningChart(metricCurves, { ...shown, title, y }), caption: said },
  ];
}

function netOptions({ experiment, nets, names }: NetOptions): NetOptions {
  return {
    ...(experiment === undefined ? {} : { experiment }),
    ...(nets === undefined ? {} : { nets }),
    ...(names === undefined ? {} : { names }),
  };
}

function formatOf(metric: string, measure: string): { format?: "percent" } {
  return metric === "accuracy" && measure.endsWith(metric) ? { format: "percent" } : {};
}

function bandWords(band: "range" | "interval" | "none", confidence: number): string {
  if (band === "none") return "Means over the seeds.";
  if (band === "range") return "Means over the seeds; the band is from the least to the largest.";
  return `Means over the seeds with their ${Number((100 * confidence).toFixed(1))}% confidence intervals.`;
}
