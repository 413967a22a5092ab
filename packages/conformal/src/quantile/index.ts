export { orderStatistics, type OrderStatistics } from "./orderStatistics.ts";
export { binomialTailK, pacThreshold, type PacThreshold } from "./pac.ts";
export { conformalPValue, type ConformalPValueOptions } from "./pValue.ts";
export { conformalQuantile, type ConformalQuantileOptions, type Quantile, type Scores } from "./quantile.ts";
export { alphaFromConfidence, conformalRank } from "./rank.ts";
export { weightedQuantiles, type WeightedQuantilesOptions } from "./weightedQuantiles.ts";
