import type { Mask } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";

/** Where a pruning that scores several times stands. */
export interface CriterionContext {
  /** 0 for the first scoring. */
  readonly iteration: number;
  /** How often it scores in all. */
  readonly iterations: number;
  readonly signal?: AbortSignal;
}

/**
 * How much each weight is worth; the largest are kept. Any function of parameters and mask is one: `magnitude` and `lamp` are,
 * `snip`, `grasp` and `synflow` make one, and so is `(params, mask) => ...` of your own.
 *
 * What a criterion promises: a finite float of the mask's shape for every tensor of the mask; the same input gives the same bits;
 * what stands at masked places of the parameters has no influence; its arguments are not changed. `criterionLaws` of
 * `@parsimony/lottery/testing` checks one.
 */
export type Criterion<P = unknown> = (params: P, mask: Mask, context: CriterionContext) => Scores | Promise<Scores>;

/** A criterion that holds a compiled program, which is made at its first call and used again at the next ones. */
export interface CompiledCriterion<P> {
  (params: P, mask: Mask, context?: CriterionContext): Promise<Scores>;
  /** Frees the program (and the default backend, when it was used). A later call compiles anew. */
  dispose(): Promise<void>;
}
