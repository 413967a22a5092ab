export {
  benjaminiHochberg,
  type BenjaminiHochbergOptions,
  type Discoveries,
} from "./benjaminiHochberg.ts";
export type { Betting, BettingProcess } from "./betting/betting.ts";
export { histogramBetting, type HistogramBettingOptions } from "./betting/histogramBetting.ts";
export { mixtureBetting } from "./betting/mixtureBetting.ts";
export { powerBetting } from "./betting/powerBetting.ts";
export { simpleJumperBetting, type SimpleJumperBettingOptions } from "./betting/simpleJumperBetting.ts";
export {
  clippedScore,
  conformalSelection,
  type ConformalSelection,
  type ConformalSelectionOptions,
  residualScore,
  type SelectionScore,
} from "./conformalSelection.ts";
export { outlierPValues, type OutlierPValuesOptions } from "./outlierPValues.ts";
export {
  testMartingale,
  type MartingaleStep,
  type TestMartingale,
  testMartingaleFromJSON,
  type TestMartingaleFromJSONOptions,
  type TestMartingaleJSON,
  type TestMartingaleOptions,
} from "./testMartingale.ts";
