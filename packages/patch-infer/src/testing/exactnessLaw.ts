import { randomInputs } from "../execute/randomInputs.ts";
import { runWhole } from "../execute/runWhole.ts";
import { fastestKernels } from "../kernels/wasmKernels.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { Plan } from "../plan/plan.ts";
import { differenceText, type LawOptions, type Model, type PlanRunner, runByExecutor } from "./runner.ts";
import { type LawVerdict, verdictOf } from "./verdict.ts";

/** Options of `exactnessLaw`. */
export interface ExactnessLawOptions extends LawOptions {
  /** What carries out the plan. Default: `PatchExecutor`. */
  readonly run?: PlanRunner;
}

/** Does a plan give the bits of the network run layer by layer on the whole image, on random inputs? */
export function exactnessLaw(model: Model, plan: Plan, options: ExactnessLawOptions = {}): LawVerdict {
  const { kernels = fastestKernels, trials = 2, seed = 0, run = runByExecutor } = options;
  const network = networkOf(model);
  let found: string | undefined;
  for (let trial = 0; trial < trials && found === undefined; trial++) {
    const inputs = randomInputs(network, seed + trial);
    const whole = runWhole(network, inputs, { kernels });
    found = failure(() => differenceText(whole, run(network, plan, inputs, kernels)), trial);
  }
  return verdictOf("exactnessLaw", found, `${trials} random inputs give the bits of the whole image`);
}

function failure(check: () => string | undefined, trial: number): string | undefined {
  try {
    const text = check();
    return text === undefined ? undefined : `input ${trial}: ${text}`;
  } catch (error) {
    return `input ${trial}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
