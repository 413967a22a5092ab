import { type ChartOptions, type LineSeries, lineChart } from "@parsimony/charts";
import type { Plan } from "../plan/plan.ts";
import { axisUnit, bytesText } from "./text.ts";

/** A plan under the name that it has in a chart. */
export interface NamedPlan {
  readonly name: string;
  readonly plan: Plan;
}

export interface MemoryChartOptions extends ChartOptions {
  /** Drawn as a dashed line. */
  readonly memoryBudget?: number;
}

/**
 * Bytes alive while each layer runs, for one plan or several of the same network: where memory peaks, and what patches make of it.
 *
 * @returns one SVG document
 */
export function memoryChart(plans: readonly NamedPlan[], options: MemoryChartOptions = {}): string {
  const { title = "Memory, layer by layer", memoryBudget, ...chart } = options;
  const { unit, name: unitName } = axisUnit(Math.max(0, ...plans.map(({ plan }) => plan.lowerBoundBytes)));
  const series = plans.map(({ name, plan }): LineSeries => {
    const x = plan.moments.map(({ stage, step }) => plan.stages[stage]?.steps[step]?.layer ?? 0);
    const y = plan.moments.map(({ liveBytes }) => liveBytes / unit);
    return { name: `${name}: ${bytesText(plan.lowerBoundBytes)}`, x, y, step: true };
  });
  const last = plans.reduce((most, { plan }) => Math.max(most, (plan.stages.at(-1)?.end ?? 1) - 1), 0);
  return lineChart(series, {
    description: plans.map(({ name, plan }) => `${name} peaks at ${bytesText(plan.lowerBoundBytes)}`).join("; "),
    ...chart,
    title,
    x: { label: "layer", from: 0, to: last },
    y: { label: `${unitName} alive`, from: 0 },
    references:
      memoryBudget === undefined ? [] : [{ y: memoryBudget / unit, name: `budget ${bytesText(memoryBudget)}` }],
  });
}
