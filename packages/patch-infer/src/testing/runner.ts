import type { Graph } from "@parsimony/core-tensor";
import { compareOutputs } from "../execute/compareOutputs.ts";
import { type Outputs, PatchExecutor } from "../execute/patchExecutor.ts";
import type { Inputs } from "../execute/source.ts";
import type { KernelFactory } from "../kernels/kernels.ts";
import type { Network } from "../network/network.ts";
import type { Plan } from "../plan/plan.ts";

/** A way to carry out a plan: the package's own executor, or yours. */
export type PlanRunner = (network: Network, plan: Plan, inputs: Inputs, kernels: KernelFactory) => Outputs;

/** What most laws can be told. */
export interface LawOptions {
  /** The kernels under test. Default: WebAssembly SIMD where there is one, else plain TypeScript. */
  readonly kernels?: KernelFactory;
  /** How many random inputs. Default 2. */
  readonly trials?: number;
  /** Seed of the random inputs, a whole number. Default 0. */
  readonly seed?: number;
}

export type Model = Graph | Network;

export const runByExecutor: PlanRunner = (network, plan, inputs, kernels) => {
  using executor = new PatchExecutor(network, plan, { kernels });
  return executor.run(inputs);
};

/** A sentence on how outputs differ; undefined when they have the same bits. */
export function differenceText(expected: Outputs, found: Outputs): string | undefined {
  const { firstMismatch } = compareOutputs(expected, found);
  if (firstMismatch === undefined) return undefined;
  const { output, index, expected: wanted, found: given } = firstMismatch;
  return `output "${output}" at [${index.join(", ")}] is ${print(given)}, should be ${print(wanted)}`;
}

function print(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
