export type { CalibrateAsyncOptions, FitModel, FittedModel } from "./cross/fits.ts";
export {
  jackknifePlusAfterBootstrap,
  type JackknifePlusAfterBootstrapOptions,
} from "./cross/afterBootstrap.ts";
export type { CrossPredictor, CrossRegressor, CrossRegressorOptions } from "./cross/crossRegressor.ts";
export { cvPlus, type CvPlusOptions } from "./cross/cvPlus.ts";
export { jackknifeMinmaxInterval, jackknifePlusInterval } from "./cross/ends.ts";
export {
  jackknifeMinmax,
  type JackknifeMinmaxOptions,
  jackknifePlus,
  type JackknifePlusOptions,
} from "./cross/jackknife.ts";
export {
  fullConformal,
  type FullConformal,
  type FullConformalOptions,
  type GridRegion,
  leaveOneOutScores,
  residualScores,
  type ScoresOfAll,
} from "./full/grid.ts";
export {
  fullConformalNeighbours,
  type FullConformalNeighbours,
  type FullConformalNeighboursOptions,
} from "./full/nearestNeighbours.ts";
export type { FullConformalReason, FullConformalRegion } from "./full/region.ts";
export {
  fullConformalRidge,
  type FullConformalRidge,
  fullConformalRidgeFromJSON,
  type FullConformalRidgeJSON,
  type FullConformalRidgeOptions,
} from "./full/ridge.ts";
export type { IntervalReason, PredictionInterval } from "./interval.ts";
export { bonferroniBox, maxBox } from "./outputs/box.ts";
export { ellipsoid } from "./outputs/ellipsoid.ts";
export { residualCovariance, residualScales } from "./outputs/scales.ts";
export type { OutputRegion, OutputScore } from "./outputs/score.ts";
export {
  type ConformalOutputs,
  type ConformalOutputsJSON,
  type PredictedRegion,
  splitOutputs,
  splitOutputsFromJSON,
  type SplitOutputsOptions,
} from "./outputs/splitOutputs.ts";
export type {
  ConformalRegressor,
  ConformalRegressorJSON,
  TestPointOptions,
  TestPointsOptions,
} from "./regressor.ts";
export { absolute, signed } from "./scores/absolute.ts";
export {
  cqr,
  cqrM,
  type CqrOptions,
  cqrR,
  type MedianQuantilePrediction,
  type QuantilePrediction,
  type ScaledCqrOptions,
} from "./scores/cqr.ts";
export { normalized, type NormalizedOptions, type ScaledPrediction } from "./scores/normalized.ts";
export { relative } from "./scores/relative.ts";
export { asymmetric, oneSided, type RegressionScore, type Tails } from "./scores/score.ts";
export {
  type CalibrateRegressorOptions,
  splitRegressor,
  type SplitRegressor,
  type SplitRegressorOptions,
} from "./splitRegressor.ts";
export { splitRegressorFromJSON } from "./splitRegressorFromJSON.ts";
