export {
  type GraphSummary,
  type LayerSummary,
  type OperatorSummary,
  type SummarizeOptions,
  type ValueSummary,
  summarize,
} from "./summarize.ts";
export { type FormatSummaryOptions, formatSummary } from "./formatSummary.ts";
export type { ListedTensor, ProgramReport, Report, TensorsReport, UnsupportedReport } from "./report.ts";
export type { ListedValue, ModelListing } from "./listing.ts";
