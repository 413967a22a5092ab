import { type Model, networkOf } from "../../lower/networkOf.ts";
import { checkPlan } from "../../plan/checkPlan.ts";
import type { Plan } from "../../plan/plan.ts";
import { type CSource, cSourceOf, type EmitCOptions } from "./source.ts";

/**
 * Writes a network and its plan as portable C99 that a compiler for any processor takes: no allocation, no recursion, no
 * assembly, one static arena of exactly `plan.arenaBytes` bytes. Its outputs have the bits that `PatchExecutor` gives.
 *
 * Compile with `-ffp-contract=off` when the network computes in float32: fused multiplications would round once less.
 *
 * @throws PatchInferError UNSUPPORTED_OP for a layer that there is no C for, PLAN_MISMATCH for a plan of another network
 */
export function emitC(model: Model, plan: Plan, options: EmitCOptions = {}): CSource {
  const network = networkOf(model);
  checkPlan(network, plan);
  return cSourceOf(network, plan, options);
}
