/**
 * What was wrong.
 *
 * - `UNSUPPORTED_OP`: the program has an op (or an attribute of one) that no layer stands for.
 * - `DYNAMIC_SHAPE`: a dimension other than the batch is unknown, or the batch is not 1.
 * - `BAD_MODEL`: a model that breaks its own rules: a quantised value without a scale, a scale on the wrong axis, an output
 *   without cells, a sum that 32 bits cannot hold.
 * - `GLOBAL_OP_IN_STAGE`: a stage would hold a layer that needs the whole image at once.
 * - `ILLEGAL_SPLIT`: a stage that does not begin or end where it may.
 * - `GRID_TOO_FINE`: more patches than rows or columns, or patches along an axis that the overlap mode does not cut.
 * - `BUDGET_INFEASIBLE`: no plan of the search space fits; carries the smallest peak that can be reached and its plan.
 * - `OPTION`: any other option outside its domain.
 * - `PLAN_MISMATCH`: a plan that was made for another network, or one that was changed by hand and broke.
 * - `SHAPE_MISMATCH`, `DTYPE_MISMATCH`: an input that is not what the network takes.
 * - `NOT_EXACT`: a check of exactness failed.
 */
export type PatchInferErrorCode =
  | "UNSUPPORTED_OP"
  | "DYNAMIC_SHAPE"
  | "BAD_MODEL"
  | "GLOBAL_OP_IN_STAGE"
  | "ILLEGAL_SPLIT"
  | "GRID_TOO_FINE"
  | "BUDGET_INFEASIBLE"
  | "OPTION"
  | "PLAN_MISMATCH"
  | "SHAPE_MISMATCH"
  | "DTYPE_MISMATCH"
  | "NOT_EXACT";

/** Where the fault was found, for programs. */
export interface PatchInferErrorDetails {
  /** Name of the layer, the op or the feature map that is meant. */
  readonly layer?: string;
  /** Position of the layer or node in its list. */
  readonly index?: number;
  /** `BUDGET_INFEASIBLE`: the smallest peak, in bytes, of all plans that were looked at. */
  readonly smallestPeakBytes?: number;
  /** `BUDGET_INFEASIBLE`: the plan with that peak (a `Plan`; typed loosely because plans stand above errors). */
  readonly plan?: unknown;
  readonly cause?: unknown;
}

/** Bad input to a function of this package. */
export class PatchInferError extends Error {
  override readonly name = "PatchInferError";
  readonly code: PatchInferErrorCode;
  readonly layer: string | undefined;
  readonly index: number | undefined;
  readonly smallestPeakBytes: number | undefined;
  declare readonly plan: unknown;

  constructor(code: PatchInferErrorCode, message: string, details: PatchInferErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.layer = details.layer;
    this.index = details.index;
    this.smallestPeakBytes = details.smallestPeakBytes;
    // Not shown when an error is printed: a plan is pages long.
    Object.defineProperty(this, "plan", { value: details.plan, enumerable: false });
  }
}
