import { binomialCdf } from "../base/binomial.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { type JsonNumber, encodeNumber } from "../base/json.ts";
import { binomialTailK } from "../quantile/pac.ts";
import type { CostTree } from "./costTree.ts";
import type { HoleMatches } from "./covers.ts";
import type { PartialTree } from "./partialTree.ts";
import { type PruneMode, pruneFamily } from "./pruneFamily.ts";
import { type RenderPartialOptions, renderPartial } from "./render.ts";
import { weightsOption } from "./treeErrors.ts";

/** Why a calibrator keeps nothing: too few examples to prove anything, or too many errors at every budget. */
export type TreeCalibratorReason = "too-few-calibration" | "too-many-errors";

/** The part of a predicted tree that is right with the promised probability. */
export interface TreeSet<T> {
  readonly partial: PartialTree<T>;
  /** Preorder positions of the subtrees that are taken out. */
  readonly holes: readonly number[];
  /** Number of kept nodes. */
  readonly kept: number;
  /** Total cost of the kept nodes. */
  readonly cost: number;
  /** The partial tree as text. See `renderPartial`. */
  render(options?: RenderPartialOptions): string;
}

/** Calibrated partial trees. Immutable. */
export interface TreeCalibrator<T> {
  /** The chosen budget: what the kept nodes of a tree may cost together. null: nothing is ever kept. */
  readonly budget: number | null;
  /** All budgets, ascending. */
  readonly budgets: readonly number[];
  readonly maxHoles: number;
  readonly mode: PruneMode;
  /** What a hole stands for; `"custom"` when errors were counted with a `covers` of yours. */
  readonly holeMatches: HoleMatches | "custom";
  readonly alpha: number;
  readonly delta: number;
  /** Number of calibration examples. */
  readonly n: number;
  /** Errors that the chosen budget may have among them; null when none would be few enough. */
  readonly k: number | null;
  /** Errors among them at the chosen budget. */
  readonly errors: number;
  readonly guarantee: Extract<Guarantee, "pac">;
  /** The attained confidence `1 - P(Binomial(n, alpha) <= k)`, at least `1 - delta`; 1 when nothing is kept for sure. */
  readonly level: number;
  /** Is anything ever kept? */
  readonly finite: boolean;
  readonly reason?: TreeCalibratorReason;
  /** The partial tree of a new prediction. */
  predictSet(tree: CostTree<T>): TreeSet<T>;
  /** Plain data for `JSON.stringify`, from which `treeCalibratorFromJSON` makes the same calibrator. */
  toJSON(): TreeCalibratorJSON;
}

/** A saved calibrator. Budgets are numbers, or strings where JSON has no number (`"Infinity"`). */
export interface TreeCalibratorJSON {
  readonly kind: "parsimony.conformal.tree-calibrator";
  readonly version: 1;
  readonly budgets: readonly JsonNumber[];
  /** Position of the chosen budget, -1 for none. */
  readonly chosen: number;
  readonly maxHoles: number;
  readonly mode: PruneMode;
  readonly holeMatches: HoleMatches | "custom";
  readonly weighted: boolean;
  readonly alpha: number;
  readonly delta: number;
  readonly n: number;
  readonly errors: number;
}

/** Everything that a calibrator is made of, trusted to be consistent. */
export interface TreeCalibratorState<T> {
  readonly budgets: Float64Array;
  readonly chosen: number;
  readonly maxHoles: number;
  readonly mode: PruneMode;
  readonly holeMatches: HoleMatches | "custom";
  readonly weightsOf: ((tree: CostTree<T>) => ArrayLike<number>) | undefined;
  readonly alpha: number;
  readonly delta: number;
  readonly n: number;
  readonly errors: number;
}

/** The calibrator with a given state. */
export function treeCalibratorFrom<T>(state: TreeCalibratorState<T>): TreeCalibrator<T> {
  const { budgets, chosen, maxHoles, mode, holeMatches, weightsOf, alpha, delta, n, errors } = state;
  const k = binomialTailK(n, alpha, delta);
  const reason = k === null ? "too-few-calibration" : chosen < 0 ? "too-many-errors" : undefined;
  // A partial tree of a nested family depends on all larger budgets, the others on their own budget alone.
  const used = budgets.slice(chosen, mode === "sequential" ? undefined : chosen + 1);

  return Object.freeze({
    budget: chosen < 0 ? null : (budgets[chosen] as number),
    budgets: Object.freeze(Array.from(budgets)),
    maxHoles,
    mode,
    holeMatches,
    alpha,
    delta,
    n,
    k,
    errors,
    guarantee: "pac" as const,
    level: k === null ? 1 : 1 - binomialCdf(k, n, alpha),
    finite: chosen >= 0,
    ...(reason === undefined ? {} : { reason }),

    predictSet(tree: CostTree<T>): TreeSet<T> {
      const options = { maxHoles, mode, ...weightsOption(tree, weightsOf) };
      const pruning = chosen < 0 ? undefined : pruneFamily(tree, used, options)[0];
      const { holes, count, cost } = pruning ?? { holes: [0], count: 0, cost: 0 };
      const partial = Object.freeze({ tree, holes: Object.freeze(holes) });
      return Object.freeze({
        partial,
        holes: partial.holes,
        kept: count,
        cost,
        render: (render: RenderPartialOptions = {}): string => renderPartial(partial, render),
      });
    },

    toJSON(): TreeCalibratorJSON {
      return {
        kind: "parsimony.conformal.tree-calibrator",
        version: 1,
        budgets: Array.from(budgets, encodeNumber),
        chosen,
        maxHoles,
        mode,
        holeMatches,
        weighted: weightsOf !== undefined,
        alpha,
        delta,
        n,
        errors,
      };
    },
  });
}
