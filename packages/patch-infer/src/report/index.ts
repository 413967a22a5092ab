export { arenaChart } from "./arenaChart.ts";
export { formatAnalysis, type FormatAnalysisOptions } from "./formatAnalysis.ts";
export { formatPlan, type FormatPlanOptions } from "./formatPlan.ts";
export { memoryChart, type MemoryChartOptions, type NamedPlan } from "./memoryChart.ts";
export { type FrontPoint, type NamedFront, paretoChart, type ParetoChartOptions } from "./paretoChart.ts";
export { patchPicture, type PatchPictureOptions } from "./patchPicture.ts";
export { planReport, type PlanReportOptions } from "./planReport.ts";
