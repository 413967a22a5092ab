import type { ProbabilityMatrix } from "../base/matrix.ts";
import type { ConceptBounds } from "./concepts.ts";

/** How `bounds` finds the range of corrected probabilities. */
export interface RuleBoundsOptions {
  /**
   * `"vertex"`: the exact range, attained at corners of the box. For groups of any size when every rule in them has one
   * concept in `if` and no signs conflict (weights >= 0 never do), else of at most 16 concepts that rules tie together.
   * `"interval"`: the closed formula of COLEP, wider, for all groups. Default `"auto"`: vertex where possible.
   */
  readonly method?: "vertex" | "interval" | "auto";
}

/** Ranges of corrected probabilities. */
export interface RuleBounds extends ConceptBounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** For each concept: are both bounds attained in the box, up to rounding? */
  readonly exact: readonly boolean[];
}

/** Corrects the probabilities of concepts by rules: a circuit, or a mixture of circuits. */
export interface RuleModel {
  readonly concepts: readonly string[];
  /**
   * The corrected probability of every concept, from one raw probability each, in [0, 1].
   *
   * @throws ConformalError E_LENGTH, E_NAN, E_PROBS; E_INCONSISTENT_RULES when certain concepts break hard rules
   */
  infer(probabilities: ArrayLike<number>): Float64Array;
  /**
   * `infer` for every row of a matrix `[rows, concepts]`.
   *
   * @throws ConformalError as `infer`, with the row as index
   */
  inferRows(matrix: ProbabilityMatrix): Float64Array[];
  /**
   * Bounds on the corrected probabilities when every raw one is anywhere in its interval. Rounded outward, by a margin
   * that covers the rounding of the calculation.
   *
   * @throws ConformalError E_LENGTH, E_NAN; E_RANGE unless 0 <= lower <= upper <= 1; E_TREEWIDTH for `"vertex"` with
   *   too many concepts; E_INCONSISTENT_RULES when hard rules forbid the whole box
   */
  bounds(lower: ArrayLike<number>, upper: ArrayLike<number>, options?: RuleBoundsOptions): RuleBounds;
}
