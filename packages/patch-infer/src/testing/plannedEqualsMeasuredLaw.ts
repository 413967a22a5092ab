import { verifyPlan } from "../execute/verifyPlan.ts";
import type { Plan } from "../plan/plan.ts";
import type { LawOptions, Model } from "./runner.ts";
import { type LawVerdict, verdictOf } from "./verdict.ts";

/**
 * Are the bytes that a run really touches exactly `plan.arenaBytes`, and the multiply-accumulates that kernels are really asked for
 * exactly `plan.macs.plan`? Equality in both: a plan that promises too much is as wrong as one that promises too little.
 */
export function plannedEqualsMeasuredLaw(model: Model, plan: Plan, options: LawOptions = {}): LawVerdict {
  const { highWaterBytes, arenaBytes, macs } = verifyPlan(model, plan, { trials: 1, ...options });
  let found: string | undefined;
  if (highWaterBytes !== arenaBytes) found = `the arena has ${arenaBytes} bytes, of which ${highWaterBytes} were used`;
  else if (macs.counted !== macs.planned)
    found = `${macs.planned} multiply-accumulates were planned, ${macs.counted} were asked for`;
  return verdictOf(
    "plannedEqualsMeasuredLaw",
    found,
    `${arenaBytes} bytes and ${macs.planned} multiply-accumulates, planned and measured`,
  );
}
