export {
  type GraphModel,
  type GraphModelOptions,
  applyMaskToGraph,
  graphModel,
  modelGraph,
  withConstants,
} from "./bridge.ts";
