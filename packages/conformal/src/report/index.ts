export {
  type ChartedGroup,
  coverageCurveChart,
  groupCoverageChart,
  type GroupCoverageChartOptions,
  reliabilityChart,
  setSizeChart,
} from "./coverageCharts.ts";
export type { ChartOptions } from "./frame.ts";
export { type ReportChart, reportPage, type ReportPageOptions, type ReportSection } from "./reportPage.ts";
export {
  intervalSeriesChart,
  type IntervalSeriesChartOptions,
  lineChart,
  type LineChartOptions,
  type LineSeries,
  onlineCoverageChart,
  type OnlineCoverageChartOptions,
} from "./seriesCharts.ts";
