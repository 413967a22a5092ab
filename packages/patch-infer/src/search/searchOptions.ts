import type { Signal } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { Overlap } from "../plan/plan.ts";
import type { PlanningOptions } from "../plan/planStages.ts";

/** How far a search has come. */
export interface SearchProgress {
  /** Layers that stages may end at, so far and in all. */
  readonly done: number;
  readonly total: number;
}

export interface SearchPlanOptions extends PlanningOptions {
  /** Bytes that the arena may have. Default: any number. */
  readonly memoryBudget?: number;
  /** Multiply-accumulates that may be added, as a share of the network's. Default: any number. */
  readonly maxOverhead?: number;
  /** The smallest arena, or the fewest multiply-accumulates. Default: `"macs"` with a `memoryBudget`, else `"peak"`. */
  readonly objective?: "peak" | "macs";
  /** Patches along an axis. Where overlap is kept there are also patches of 1, 2, 3 and 4 rows or columns. Default 16. */
  readonly maxGrid?: number;
  /** Ways to deal with what two patches need. Default: all four. */
  readonly overlaps?: readonly Overlap[];
  /** More than one stage of patches? Default true. */
  readonly multiStage?: boolean;
  /** One stage of patches, from the first layer on, as in MCUNetV2? Default false. */
  readonly singleSplit?: boolean;
  /** Looked at between steps; its reason is thrown. */
  readonly signal?: Signal;
  readonly onProgress?: (progress: SearchProgress) => void;
}

/** The options of the search itself, with defaults. */
export interface SearchSettings {
  readonly memoryBudget: number;
  readonly maxOverhead: number;
  readonly objective: "peak" | "macs";
  readonly maxGrid: number;
  readonly overlaps: readonly Overlap[];
  readonly multiStage: boolean;
  readonly singleSplit: boolean;
}

const allOverlaps: readonly Overlap[] = ["recompute", "cacheColumns", "cacheRows", "cacheBoth"];

/** @throws PatchInferError OPTION */
export function searchSettings(options: SearchPlanOptions): SearchSettings {
  const { memoryBudget, maxOverhead, maxGrid = 16, overlaps = allOverlaps } = options;
  const { multiStage = true, singleSplit = false, objective = memoryBudget === undefined ? "peak" : "macs" } = options;
  const isNumber = (value: unknown): boolean => value === undefined || typeof value === "number";
  const isBudget = isNumber(memoryBudget) && (memoryBudget === undefined || memoryBudget > 0);
  check(isBudget, "memoryBudget", memoryBudget, "a number of bytes above 0");
  const isOverhead = isNumber(maxOverhead) && (maxOverhead === undefined || maxOverhead >= 0);
  check(isOverhead, "maxOverhead", maxOverhead, "a share of at least 0");
  check(Number.isInteger(maxGrid) && maxGrid >= 1, "maxGrid", maxGrid, "a whole number of at least 1");
  check(objective === "peak" || objective === "macs", "objective", objective, "peak or macs");
  check(Array.isArray(overlaps), "overlaps", overlaps, "a list");
  const strange = overlaps.find((overlap) => !allOverlaps.includes(overlap));
  check(strange === undefined, "overlaps", strange, `some of ${allOverlaps.join(", ")}`);
  for (const [name, value] of Object.entries({ multiStage, singleSplit })) {
    check(typeof value === "boolean", name, value, "true or false");
  }
  return {
    memoryBudget: memoryBudget ?? Infinity,
    maxOverhead: maxOverhead ?? Infinity,
    objective,
    maxGrid,
    overlaps,
    multiStage: multiStage && !singleSplit,
    singleSplit,
  };
}

function check(isRight: boolean, name: string, found: unknown, expected: string): void {
  if (!isRight) throw new PatchInferError("OPTION", `${name}: expected ${expected}, got ${String(found)}`);
}
