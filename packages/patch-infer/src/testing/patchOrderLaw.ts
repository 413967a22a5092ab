import { PatchExecutor } from "../execute/patchExecutor.ts";
import { randomInputs } from "../execute/randomInputs.ts";
import { uniformFrom } from "../base/uniform.ts";
import { fastestKernels } from "../kernels/wasmKernels.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { Plan } from "../plan/plan.ts";
import { differenceText, type LawOptions, type Model } from "./runner.ts";
import { type LawVerdict, verdictOf } from "./verdict.ts";

/**
 * Do the patches of stages that compute overlaps again give the same bytes in every order? Tries `trials` random orders, and the
 * one from last to first. Stages that keep what patches share, or add up what they make, stay in their order.
 */
export function patchOrderLaw(model: Model, plan: Plan, options: LawOptions = {}): LawVerdict {
  const { kernels = fastestKernels, trials = 2, seed = 0 } = options;
  const network = networkOf(model);
  const uniform = uniformFrom(seed);
  const inputs = randomInputs(network, seed);
  using executor = new PatchExecutor(network, plan, { kernels });
  const usual = executor.run(inputs);
  let found: string | undefined;
  for (let trial = 0; trial <= trials && found === undefined; trial++) {
    const patchOrder = (stage: number, patches: number): readonly number[] | undefined => {
      const own = plan.stages[stage];
      if (own?.overlap !== "recompute" || own.steps.at(-1)?.sums !== undefined) return undefined;
      const order = Array.from({ length: patches }, (_, i) => patches - 1 - i);
      return trial === 0 ? order : shuffled(order, uniform);
    };
    const text = differenceText(usual, executor.run(inputs, { patchOrder }));
    if (text !== undefined) found = `${trial === 0 ? "from last to first" : `random order ${trial}`}: ${text}`;
  }
  return verdictOf("patchOrderLaw", found, `${trials + 1} orders of the patches give the same bytes`);
}

function shuffled(values: readonly number[], uniform: () => number): readonly number[] {
  const list = [...values];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [list[i], list[j]] = [list[j] as number, list[i] as number];
  }
  return list;
}
