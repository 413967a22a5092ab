import type { ReportSection } from "@parsimony/charts";
import type { SummaryRow, SweepSummary } from "../sweep/aggregate.ts";
import type { Statistic } from "../sweep/statistics.ts";
import { densityOf } from "./measureChart.ts";
import { type NetOptions, chosenNets } from "./nets.ts";
import { count, percent } from "./text.ts";

interface Column {
  readonly title: string;
  readonly measure: string;
  readonly print: (value: number) => string;
}

/** The numbers behind the charts: a line for every net and level. */
export function numbersTable(
  summary: SweepSummary,
  metric: string,
  options: NetOptions,
): NonNullable<ReportSection["table"]> {
  const shown = metric === "accuracy" ? (value: number) => `${(100 * value).toFixed(2)}%` : digits;
  const known = Object.keys(summary.rows[0]?.measures ?? {});
  const columns: Column[] = [
    { title: `test ${metric} at early stop`, measure: `earlyStop.test.${metric}`, print: shown },
    { title: `test ${metric} at the end`, measure: `final.test.${metric}`, print: shown },
    { title: `train ${metric} at the end`, measure: `final.train.${metric}`, print: shown },
    { title: "early-stop iteration", measure: "earlyStop.step", print: count },
    ...known
      .filter((name) => name.startsWith("stepsTo("))
      .map((name) => ({ title: `iterations to loss ${name.slice(8, -1)}`, measure: name, print: count })),
  ].filter(({ measure }) => known.includes(measure));
  const rows = chosenNets("ticketReport", summary, options).flatMap(({ name, rows: own }) =>
    own.map((row) => [
      row.level === 0 ? "dense net" : name,
      String(row.level),
      percent(densityOf(row) || 0),
      String(row.seeds.length),
      ...columns.map((column) => cell(row, column)),
    ]),
  );
  return { columns: ["net", "level", "remaining", "seeds", ...columns.map(({ title }) => title)], rows };
}

function cell({ measures }: SummaryRow, { measure, print }: Column): string {
  const statistic: Statistic | undefined = measures[measure];
  if (statistic === undefined) return "";
  const { n, missing, mean, min, max } = statistic;
  const absent = measure.startsWith("stepsTo(") ? "never" : "missing";
  if (n === 0 || mean === undefined || min === undefined || max === undefined) return missing > 0 ? absent : "";
  const range = min === max ? "" : ` (${print(min).replace("%", "")} to ${print(max)})`;
  return `${print(mean)}${range}${missing > 0 ? `, ${missing} ${absent}` : ""}`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(4)));
}
