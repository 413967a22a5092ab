import { type ChartOptions, type LineSeries, lineChart } from "@parsimony/charts";
import { checkChoice } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import type { Connectivity } from "../tickets/instability.ts";
import type { DataPart } from "../train/trainer.ts";
import { percent } from "./text.ts";

/** One line between two nets. */
export interface NamedConnectivity {
  /** For example "rewound to step 500". */
  readonly name: string;
  readonly line: Connectivity;
}

export interface ConnectivityChartOptions extends ChartOptions {
  /** Part of the data. Default "test". */
  readonly part?: DataPart;
  /** Default "error". */
  readonly value?: "error" | "loss";
}

/**
 * Error (or loss) along the line between two nets, as `linearConnectivity` and `instability` give it. The barrier of each line
 * stands in the legend.
 *
 * @returns one SVG document
 * @throws LotteryError E_OPTION for a part that was not looked at
 */
export function connectivityChart(lines: readonly NamedConnectivity[], options: ConnectivityChartOptions = {}): string {
  const { part = "test", value = "error", title = `Between two nets: ${part} ${value}` } = options;
  checkChoice("connectivityChart", "value", value, ["error", "loss"]);
  const isError = value === "error";
  const found = lines.map(({ name, line }) => {
    const seen = line.parts[part];
    if (seen !== undefined) return { name, alphas: line.alphas, values: seen[value], barrier: seen.barrier[value] };
    const parts = Object.keys(line.parts).join(", ");
    throw new LotteryError("E_OPTION", `connectivityChart: ${name} was not looked at on ${part}, only on ${parts}`);
  });
  const print = (barrier: number): string => (isError ? percent(barrier) : barrier.toFixed(3));
  const series = found.map(
    ({ name, alphas, values, barrier }): LineSeries => ({
      name: `${name}: barrier ${print(barrier)}`,
      x: alphas,
      y: values,
      markers: true,
    }),
  );
  const highest = found.reduce((most, { barrier }) => Math.max(most, barrier), 0);
  return lineChart(series, {
    description: `${lines.length} lines, the highest barrier is ${print(highest)}`,
    ...options,
    title,
    x: { label: "weight of the first net", from: 0, to: 1 },
    y: { label: `${part} ${value}`, from: 0, ...(isError ? { format: "percent" as const } : {}) },
  });
}
