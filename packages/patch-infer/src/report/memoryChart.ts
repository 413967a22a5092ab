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
    const layers = plan.moments.map(({ stage, step }) => plan.stages[stage]?.steps[step]?.layer ?? 0);
    const live = plan.moments.map(({ liveBytes }) => liveBytes / unit);
    // The last layer is as wide as the others.
    const x = [...layers, endOf(plan)];
    const y = [...live, live.at(-1) ?? 0];
    return { name: `${name}: ${bytesText(plan.lowerBoundBytes)}`, x, y, step: true };
  });
  const end = plans.reduce((most, { plan }) => Math.max(most, endOf(plan)), 1);
  return lineChart(series, {
    description: plans.map(({ name, plan }) => `${name} peaks at ${bytesText(plan.lowerBoundBytes)}`).join("; "),
    ...chart,
    title,
    x: { label: "layer", from: 0, to: end },
    y: { label: `${unitName} alive`, from: 0 },
    references:
      memoryBudget === undefined ? [] : [{ y: memoryBudget / unit, name: `budget ${bytesText(memoryBudget)}` }],
  });
}

function endOf({ stages }: Plan): number {
  return stages.at(-1)?.end ?? 0;
}
