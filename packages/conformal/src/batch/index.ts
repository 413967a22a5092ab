export {
  type BatchMeanInterval,
  type BatchMeanIntervalOptions,
  batchMeanInterval,
} from "./batchMeanInterval.ts";
export type { BatchBound, BatchReason, Side } from "./bound.ts";
export type { RankBox } from "./boxLaw.ts";
export { type CompositionalBoundOptions, compositionalBound } from "./compositionalBound.ts";
export { type MeanBound, type MeanBoundOptions, type MeanMethod, meanBound } from "./meanBound.ts";
export type { MeanOrdering } from "./meanRanks.ts";
export {
  type MedianBoundOptions,
  medianBound,
  type OrderStatisticBound,
  type OrderStatisticBoundOptions,
  orderStatisticBound,
} from "./orderStatisticBound.ts";
export { type QuantileBoxBound, type QuantileBoxBoundOptions, quantileBoxBound } from "./quantileBoxBound.ts";
export { rankLaw } from "./rankLaw.ts";
export { type RankOrdering, rankOrderings } from "./rankOrderings.ts";
export { type ScoreStatistic, scoreStatistics } from "./scoreStatistics.ts";
export { type BatchSelection, type SelectBatchOptions, selectBatch } from "./selectBatch.ts";
export {
  type SimultaneousIntervals,
  type SimultaneousIntervalsOptions,
  simultaneousIntervals,
} from "./simultaneousIntervals.ts";
export {
  type SimultaneousThreshold,
  type SimultaneousThresholdOptions,
  simultaneousThreshold,
} from "./simultaneousThreshold.ts";
export type { ScoreRange } from "./sortedScores.ts";
export { type SubsampleOnePerGroupOptions, subsampleOnePerGroup } from "./subsampleOnePerGroup.ts";
export { type ThinByWeightsOptions, thinByWeights } from "./thinByWeights.ts";
