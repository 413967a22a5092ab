import type { SweepSummary } from "./aggregate.ts";
import type { LearningPoint } from "./learningCurves.ts";
import type { Statistic } from "./statistics.ts";

type Cell = string | number | undefined;

const statisticColumns = ["n", "missing", "mean", "min", "max", "standardError", "low", "high"] as const;

/**
 * A summary or learning curves as CSV: a line for every net, level and measure (or step), numbers in full, nothing where there is no
 * number. Columns of differences begin with `difference.`.
 */
export function toCsv(table: SweepSummary | readonly LearningPoint[]): string {
  return "rows" in table ? summaryCsv(table) : curvesCsv(table);
}

function summaryCsv({ rows }: SweepSummary): string {
  const head = ["experiment", "net", "level", "measure", ...statisticColumns];
  const lines = rows.flatMap(({ experiment, net, level, measures, differences }) =>
    Object.entries(measures).map(([measure, statistic]): Cell[] => [
      experiment,
      net,
      level,
      measure,
      ...cellsOf(statistic),
      ...cellsOf(differences[measure]),
    ]),
  );
  return csv([[...head, ...statisticColumns.map((name) => `difference.${name}`)], ...lines]);
}

function curvesCsv(points: readonly LearningPoint[]): string {
  const lines = points.map(({ experiment, net, level, step, statistic }): Cell[] => [
    experiment,
    net,
    level,
    step,
    ...cellsOf(statistic),
  ]);
  return csv([["experiment", "net", "level", "step", ...statisticColumns], ...lines]);
}

function cellsOf(statistic: Statistic | undefined): Cell[] {
  const { n, missing, mean, min, max, standardError, interval = [] } = statistic ?? { n: 0, missing: 0 };
  return [n, missing, mean, min, max, standardError, interval[0], interval[1]];
}

function csv(lines: readonly (readonly Cell[])[]): string {
  return lines.map((cells) => `${cells.map(quoted).join(",")}\n`).join("");
}

function quoted(cell: Cell): string {
  const text = cell === undefined ? "" : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
