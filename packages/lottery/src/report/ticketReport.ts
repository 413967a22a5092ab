import { type ReportChart, type ReportDownload, type ReportSection, reportPage } from "@parsimony/charts";
import { LotteryError } from "../base/errors.ts";
import { toCsv } from "../sweep/csv.ts";
import type { JobResult } from "../sweep/executeJob.ts";
import type { SweepResult } from "../sweep/runSweep.ts";
import type { TicketReport } from "../tickets/types.ts";
import { type NamedConnectivity, connectivityChart } from "./connectivityChart.ts";
import { highlights } from "./highlights.ts";
import { layerDensityChart } from "./layerChart.ts";
import { spaced } from "./learningChart.ts";
import { inputMapChart } from "./maskChart.ts";
import { experimentsOf } from "./nets.ts";
import { numbersTable } from "./table.ts";
import { count, percent } from "./text.ts";
import { type TicketChartsOptions, densityCharts, trainingCharts } from "./ticketCharts.ts";
import { type TicketData, ticketData } from "./ticketData.ts";
import { initialWeightsChart } from "./weightChart.ts";

/** The layer whose inputs are shown as a picture. */
export interface InputLayer {
  /** Path of its weights, for example `"hidden1.weight"`. */
  readonly tensor: string;
  /** Axis of the inputs. Default 0, as in `[inputs, outputs]`. */
  readonly axis?: number;
  /** Inputs in a row of the picture. Default: the side of a square. */
  readonly columns?: number;
}

export interface TicketReportOptions extends Omit<TicketChartsOptions, "experiment"> {
  /** Default "Lottery tickets". */
  readonly title?: string;
  /** What was done, in your words, under the title. */
  readonly paragraphs?: readonly string[];
  /** Facts of your own, such as `["training time", "48 minutes"]`. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  /** One seed's experiment, for pictures of masks, densities of layers and initial weights. */
  readonly tickets?: Pick<TicketReport, "levels" | "initial" | "seed"> &
    Partial<Pick<TicketReport, "steps" | "rewindStep">>;
  /** Needs `tickets`. */
  readonly inputLayer?: InputLayer;
  /** Levels of `tickets` whose masks and weights are shown. Default: four from 1 to the last. */
  readonly levels?: readonly number[];
  /** Lines between nets, from `instability` or `linearConnectivity`. */
  readonly connectivity?: readonly NamedConnectivity[];
  /** Carry the numbers as CSV files inside the page? Default true. */
  readonly downloads?: boolean;
}

/**
 * A report of a lottery ticket experiment as one HTML file without outside parts: facts, charts, a table with all numbers, and the
 * numbers as CSV files inside the page. A sweep of several experiments has a section for each.
 *
 * @param results those of `runSweep`, or what `sweepResultsOf` makes of reports of `findTickets`; or the data of `ticketData`
 * @throws LotteryError as `ticketCharts`; E_OPTION for levels that `tickets` does not have, or an `inputLayer` without `tickets`
 */
export function ticketReport(
  results: readonly SweepResult<JobResult>[] | TicketData,
  options: TicketReportOptions = {},
): string {
  const { title = "Lottery tickets", paragraphs = [], facts = [], downloads = true } = options;
  const data = "summary" in results ? results : ticketData(results, options);
  const experiments = experimentsOf(data.summary.rows);
  const first: ReportSection = { paragraphs, facts: [...sweepFacts(data, options), ...facts] };
  return reportPage({
    title,
    sections: [
      first,
      ...experiments.flatMap((experiment) =>
        experimentSections(data, { ...options, experiment }, experiments.length > 1 ? `${experiment}: ` : ""),
      ),
      ...ticketSections(options),
      ...connectivitySections(options.connectivity ?? []),
      ...(downloads ? [{ title: "Numbers", downloads: files(data) }] : []),
    ],
  });
}

function sweepFacts({ summary }: TicketData, { tickets }: TicketReportOptions): [string, string][] {
  const seeds = new Set(summary.rows.flatMap((row) => row.seeds));
  const levels = summary.rows.reduce((most, { level }) => Math.max(most, level), 0);
  const { steps, rewindStep } = tickets ?? {};
  return [
    ["seeds", String(seeds.size)],
    ["levels of pruning", String(levels)],
    ...(steps === undefined ? [] : [["training iterations", count(steps)] as [string, string]]),
    ...(rewindStep === undefined ? [] : [["rewound to iteration", count(rewindStep)] as [string, string]]),
  ];
}

function experimentSections(
  data: TicketData,
  options: TicketChartsOptions & { readonly experiment: string },
  prefix: string,
): ReportSection[] {
  const { summary, metric } = data;
  // A control may be missing in one of several experiments.
  const present = new Set(
    summary.rows.filter(({ experiment }) => experiment === options.experiment).map(({ net }) => net),
  );
  const { nets, ...rest } = options;
  const shown = nets === undefined ? rest : { ...rest, nets: nets.filter((net) => present.has(net)) };
  return [
    {
      title: `${prefix}Tickets and controls`,
      facts: highlights(summary, options.experiment, metric),
      charts: densityCharts(data, shown),
    },
    { title: `${prefix}During training`, charts: trainingCharts(data, shown) },
    { title: `${prefix}All numbers`, paragraphs: [tableWords], table: numbersTable(summary, metric, shown) },
  ];
}

const tableWords = "Means over the seeds, with the least and the largest run in brackets.";

function ticketSections({ tickets, inputLayer, levels }: TicketReportOptions): ReportSection[] {
  if (tickets === undefined) {
    if (inputLayer === undefined) return [];
    throw new LotteryError("E_OPTION", "ticketReport: inputLayer needs tickets");
  }
  const { initial, seed } = tickets;
  const wanted =
    levels ??
    spaced(
      tickets.levels.slice(1).map(({ level }) => level),
      4,
    );
  const shown = wanted.map((level) => {
    const found = tickets.levels.find((each) => each.level === level);
    if (found === undefined) throw new LotteryError("E_OPTION", `ticketReport: tickets have no level ${level}`);
    return { name: percent(found.density.density), mask: found.mask };
  });
  const layers: ReportChart = {
    svg: layerDensityChart(tickets.levels),
    caption: "What each layer keeps after each pruning.",
  };
  if (inputLayer === undefined) return [{ title: `Masks of seed ${seed}`, charts: [layers] }];
  const { tensor, ...shape } = inputLayer;
  const weights: ReportChart = {
    svg: initialWeightsChart(initial, shown, tensor),
    caption: "Densities of all weights before training, and of those that the masks keep.",
  };
  const pictures = shown.map(({ name, mask }): ReportChart => {
    const title = `Inputs of ${tensor} at ${name}`;
    return { svg: inputMapChart(mask, tensor, { ...shape, title }) };
  });
  return [
    { title: `Masks of seed ${seed}`, charts: [layers, weights] },
    {
      title: "Which inputs are used",
      paragraphs: ["Each cell is an input; the stronger its colour, the more of its connections survive."],
      charts: pictures,
      chartWidth: 280,
    },
  ];
}

function connectivitySections(lines: readonly NamedConnectivity[]): ReportSection[] {
  if (lines.length === 0) return [];
  const parts = (["train", "test"] as const).filter((part) => lines.every(({ line }) => part in line.parts));
  return [
    {
      title: "Linear mode connectivity",
      paragraphs: [
        "Two nets trained from one state with two orders of the data, and the error of their weighted averages. " +
          "Where it rises between them, the state was not stable to the noise of training yet.",
      ],
      charts: parts.map((part) => ({ svg: connectivityChart(lines, { part }) })),
    },
  ];
}

function files({ summary, metric, metricPart, validationLoss, metricCurves }: TicketData): ReportDownload[] {
  const file = (name: string, table: Parameters<typeof toCsv>[0]): ReportDownload => ({
    name,
    type: "text/csv",
    text: toCsv(table),
  });
  return [
    file("summary.csv", summary),
    file("validation-loss.csv", validationLoss),
    file(`${metricPart}-${metric.replace(/[^\w-]/g, "_")}.csv`, metricCurves),
  ];
}
