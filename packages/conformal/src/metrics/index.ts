export {
  calibrationError,
  type CalibrationError,
  type ReliabilityBin,
  reliabilityBins,
  type ReliabilityBinsOptions,
  topLabels,
  type TopLabels,
  type TopLabelsOptions,
} from "./calibration.ts";
export { sizeErrorCorrelation, type SizeErrorCorrelation } from "./correlation.ts";
export { coverage, coverageByClass, observedCoverage } from "./coverage.ts";
export { coverageCurve, type CoverageCurveOptions, type CoverageCurvePoint } from "./coverageCurve.ts";
export { coverageInterval, type CoverageInterval, type CoverageIntervalOptions } from "./coverageInterval.ts";
export { coverageByGroup, coverageGap, type CoverageGap, type NamedGroupCoverage } from "./groups.ts";
export { sizeCoverageDependence, type SizeCoverageDependenceOptions } from "./hsic.ts";
export {
  coverageWidthCriterion,
  type CoverageWidthCriterionOptions,
  intervalScore,
  pinballLoss,
} from "./intervalScore.ts";
export type { GroupCoverage, ProportionOptions } from "./proportion.ts";
export { covers, type IntervalBounds, type LabelSet, type LabelSets, type Region, regionSize } from "./region.ts";
export { meanSetSize, meanWidth, medianWidth, type MedianWidthOptions, setSizes } from "./sizes.ts";
export {
  featureStratifiedCoverage,
  sizeStratifiedCoverage,
  type StratifiedCoverageOptions,
  type StratumCoverage,
} from "./strata.ts";
export { worstSlabCoverage, type WorstSlabCoverage, type WorstSlabCoverageOptions } from "./worstSlabCoverage.ts";
