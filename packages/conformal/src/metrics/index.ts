export { coverageInterval, type CoverageInterval, type CoverageIntervalOptions } from "./coverageInterval.ts";
export {
  coverage,
  coverageByClass,
  type GroupCoverage,
  type LabelSets,
  meanSetSize,
  setSizes,
  sizeStratifiedCoverage,
} from "./labelSets.ts";
