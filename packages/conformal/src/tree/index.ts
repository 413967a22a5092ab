export {
  type PacThreshold,
  binomialTailK,
  pacThreshold,
} from "../quantile/pac.ts";
export type { Span, TreeAdapter } from "./adapter.ts";
export { type ESTreeNode, estreeAdapter } from "./adapters/estree.ts";
export { type JsonValue, jsonAdapter } from "./adapters/json.ts";
export { type PlainTree, plainTreeAdapter } from "./adapters/plainTree.ts";
export { type TreeSitterNode, treeSitterAdapter } from "./adapters/treeSitter.ts";
export { type TypeScriptModule, type TypeScriptNode, typescriptAdapter } from "./adapters/typescript.ts";
export { type TokenText, alignTokens } from "./alignTokens.ts";
export { type CalibrateTreeSetsOptions, calibrateTreeSets } from "./calibrateTreeSets.ts";
export { type CostTree, type Costs, nodeCosts } from "./costTree.ts";
export { type CoversOptions, type HoleMatches, covers } from "./covers.ts";
export { type FlatTree, flattenTree } from "./flatTree.ts";
export type { PartialTree } from "./partialTree.ts";
export { type PruneFamilyOptions, type PruneMode, pruneFamily } from "./pruneFamily.ts";
export { type PruneTreeOptions, type Pruning, pruneTree } from "./pruneTree.ts";
export { type RenderPartialOptions, renderPartial } from "./render.ts";
export { type Token, type TokenCostsOptions, tokenCosts } from "./tokenCosts.ts";
export type { TreeCalibrator, TreeCalibratorJSON, TreeCalibratorReason, TreeSet } from "./treeCalibrator.ts";
export { type TreeCalibratorFromJSONOptions, treeCalibratorFromJSON } from "./treeCalibratorFromJSON.ts";
export { type TreeErrorsOptions, type TreeExample, treeErrors } from "./treeErrors.ts";
