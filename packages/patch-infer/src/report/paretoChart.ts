import { type ChartOptions, type LineSeries, lineChart } from "@parsimony/charts";
import { axisUnit, bytesText } from "./text.ts";

/** What a plan costs: the search's points have it, and so can those of other systems. */
export interface FrontPoint {
  readonly peakBytes: number;
  /** Planned by the network's multiply-accumulates, minus 1. */
  readonly overhead: number;
}

export interface NamedFront {
  readonly name: string;
  readonly points: readonly FrontPoint[];
}

export interface ParetoChartOptions extends ChartOptions {
  /** Drawn as a dashed line. */
  readonly memoryBudget?: number;
}

/**
 * Peak memory against added multiply-accumulates, for one front or several.
 *
 * @returns one SVG document
 */
export function paretoChart(fronts: readonly NamedFront[], options: ParetoChartOptions = {}): string {
  const { title = "Memory against computation", memoryBudget, ...chart } = options;
  const most = fronts.flatMap(({ points }) => points).reduce((peak, { peakBytes }) => Math.max(peak, peakBytes), 0);
  const { unit, name: unitName } = axisUnit(Math.max(most, memoryBudget ?? 0));
  const series = fronts.map(({ name, points }): LineSeries => {
    const sorted = points.toSorted((a, b) => a.peakBytes - b.peakBytes);
    return {
      name,
      x: sorted.map(({ peakBytes }) => peakBytes / unit),
      y: sorted.map(({ overhead }) => overhead),
      step: true,
      markers: true,
    };
  });
  return lineChart(series, {
    description: fronts.map(({ name, points }) => `${name}: ${points.length} plans`).join("; "),
    ...chart,
    title,
    x: { label: `peak memory in ${unitName}` },
    y: { label: "added MACs", format: "percent", from: 0 },
    references:
      memoryBudget === undefined ? [] : [{ x: memoryBudget / unit, name: `budget ${bytesText(memoryBudget)}` }],
  });
}
