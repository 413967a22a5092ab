import { PatchInferError } from "../base/errors.ts";
import type { Plan } from "../plan/plan.ts";

/** Gives the numbers of a stage's patches in the order in which they are to be carried out; undefined for the usual one. */
export type PatchOrder = (stage: number, patches: number) => readonly number[] | undefined;

/**
 * The order of each stage's patches.
 *
 * @throws PatchInferError OPTION for an order that does not have each patch once, or of a stage that keeps something from patch to patch
 */
export function patchOrders(
  plan: Plan,
  order: PatchOrder | undefined,
): readonly (readonly number[] | undefined)[] | undefined {
  if (order === undefined) return undefined;
  return plan.stages.map(({ grid, overlap, steps }, stage) => {
    const patches = grid.rows * grid.columns;
    const given = order(stage, patches);
    if (given === undefined) return undefined;
    const sorted = given.toSorted((a, b) => a - b);
    if (given.length !== patches || sorted.some((patch, i) => patch !== i)) {
      throw new PatchInferError("OPTION", `patchOrder: stage ${stage} has the patches 0 to ${patches - 1}, each once`);
    }
    if (overlap !== "recompute" && given.some((patch, i) => patch !== i)) {
      throw new PatchInferError("OPTION", `patchOrder: stage ${stage} (${overlap}) keeps what the next patch needs`);
    }
    if (steps.at(-1)?.sums !== undefined && given.some((patch, i) => patch !== i)) {
      throw new PatchInferError("OPTION", `patchOrder: stage ${stage} adds up its patches in the usual order`);
    }
    return [...given];
  });
}
