export { classification, type LabelledBatch, type Objective } from "./classification.ts";
export { jitTrainer, type JitTrainer, type JitTrainerOptions } from "./jitTrainer.ts";
export {
  type CurvePoint,
  type EarlyStop,
  type RunProgress,
  stepsTo,
  trainRun,
  type TrainRun,
  type TrainRunOptions,
} from "./run.ts";
export type { DataPart, Json, Metrics, Trainer, TrainState } from "./trainer.ts";
