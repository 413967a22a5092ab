import { randomInputs } from "../execute/randomInputs.ts";
import { runWhole } from "../execute/runWhole.ts";
import type { KernelFactory } from "../kernels/kernels.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { Plan } from "../plan/plan.ts";
import { differenceText, type LawOptions, type Model, runByExecutor } from "./runner.ts";
import { type LawVerdict, verdictOf } from "./verdict.ts";

/** Options of `kernelsAgreeLaw`. */
export interface KernelsAgreeLawOptions extends Omit<LawOptions, "kernels"> {
  /** Compare on the boxes of this plan as well as on the whole image. */
  readonly plan?: Plan;
}

/** Do two sets of kernels give the same bits, on random inputs? `first` is taken as the right one in the message. */
export function kernelsAgreeLaw(
  model: Model,
  first: KernelFactory,
  second: KernelFactory,
  options: KernelsAgreeLawOptions = {},
): LawVerdict {
  const { trials = 2, seed = 0, plan } = options;
  const network = networkOf(model);
  let found: string | undefined;
  for (let trial = 0; trial < trials && found === undefined; trial++) {
    const inputs = randomInputs(network, seed + trial);
    const expected = runWhole(network, inputs, { kernels: first });
    const text =
      differenceText(expected, runWhole(network, inputs, { kernels: second })) ??
      (plan === undefined ? undefined : differenceText(expected, runByExecutor(network, plan, inputs, second)));
    if (text !== undefined) found = `input ${trial}: ${text}`;
  }
  return verdictOf("kernelsAgreeLaw", found, `${trials} random inputs give the same bits`);
}
