export { connectivityChart, type ConnectivityChartOptions, type NamedConnectivity } from "./connectivityChart.ts";
export { type LayerDensities, layerDensityChart, type LayerDensityChartOptions } from "./layerChart.ts";
export { learningChart, type LearningChartOptions } from "./learningChart.ts";
export {
  connectionsPerInput,
  type ConnectionsPerInputOptions,
  inputMapChart,
  type InputMapChartOptions,
} from "./maskChart.ts";
export { measureChart, type MeasureChartOptions } from "./measureChart.ts";
export type { NetOptions } from "./nets.ts";
export { sweepResultsOf } from "./sweepResults.ts";
export { ticketCharts, type TicketChartsOptions } from "./ticketCharts.ts";
export { type TicketData, ticketData, type TicketDataOptions } from "./ticketData.ts";
export { type InputLayer, ticketReport, type TicketReportOptions } from "./ticketReport.ts";
export { initialWeightsChart, type InitialWeightsChartOptions, type NamedMask } from "./weightChart.ts";
