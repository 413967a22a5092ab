export {
  type ChartOptions,
  type ReportChart,
  type ReportDownload,
  reportPage,
  type ReportPageOptions,
  type ReportSection,
} from "@parsimony/charts";
export {
  type ChartedGroup,
  coverageCurveChart,
  groupCoverageChart,
  type GroupCoverageChartOptions,
  reliabilityChart,
  setSizeChart,
} from "./coverageCharts.ts";
export { lineChart, type LineChartOptions, type LineSeries } from "./lineChart.ts";
export {
  intervalSeriesChart,
  type IntervalSeriesChartOptions,
  onlineCoverageChart,
  type OnlineCoverageChartOptions,
} from "./seriesCharts.ts";
