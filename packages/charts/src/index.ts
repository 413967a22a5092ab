export { type AxisOptions, axisScale, bandAxis, shareScale, xAxis, yAxis } from "./axes.ts";
export { ChartError, type ChartErrorCode } from "./errors.ts";
export { chart, type ChartOptions, type Frame, frameOf } from "./frame.ts";
export { heatMap, type HeatMapOptions } from "./heatMap.ts";
export {
  type Histogram,
  histogram,
  histogramChart,
  type HistogramChartOptions,
  type HistogramOptions,
  type HistogramSeries,
} from "./histogramChart.ts";
export type { LegendEntry } from "./legend.ts";
export { lineChart, type LineChartOptions, type ReferenceLine } from "./lineChart.ts";
export { type Look, lookOf, marker, type Shape } from "./looks.ts";
export { levelLine, uprightLine, whisker } from "./marks.ts";
export {
  type ReportChart,
  type ReportDownload,
  reportPage,
  type ReportPageOptions,
  type ReportSection,
} from "./reportPage.ts";
export { extent, linearScale, logScale, type Scale, type TickFormat } from "./scale.ts";
export { type LineSeries, mostPoints } from "./series.ts";
export { type Attributes, element, pathThrough, textOf } from "./svg.ts";
export { label, percent } from "./text.ts";
