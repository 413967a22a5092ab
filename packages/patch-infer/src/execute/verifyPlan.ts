import type { Graph } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { KernelFactory } from "../kernels/kernels.ts";
import { fastestKernels } from "../kernels/wasmKernels.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { Network } from "../network/network.ts";
import type { Plan } from "../plan/plan.ts";
import { compareOutputs, type Mismatch } from "./compareOutputs.ts";
import { countingKernels } from "./countingKernels.ts";
import { PatchExecutor } from "./patchExecutor.ts";
import { randomInputs } from "./randomInputs.ts";
import { runWhole } from "./runWhole.ts";
import type { Inputs } from "./source.ts";

/** Options of `verifyPlan`. */
export interface VerifyPlanOptions {
  /** Inputs to run on, one run each. Default: random ones. */
  readonly inputs?: readonly Inputs[];
  /** Seed of random inputs, a whole number. Default 0. */
  readonly seed?: number;
  /** How many random inputs. Default 3. */
  readonly trials?: number;
  /** Default: WebAssembly SIMD where there is one, else plain TypeScript. */
  readonly kernels?: KernelFactory;
  /** As for `PatchExecutor`: find kernels that write where they may not, and reads of bytes that hold nothing. Default false. */
  readonly guard?: boolean;
}

/** What `verifyPlan` saw. */
export interface PlanVerification {
  /** All outputs of all trials have the bits of the network run layer by layer. */
  readonly exact: boolean;
  /** Largest difference of two numbers of an output; Infinity where one of them is NaN. */
  readonly maxAbsDiff: number;
  /** The first number that differs. */
  readonly firstMismatch?: Mismatch;
  readonly trials: number;
  /** Bytes of the arena that were really used, and that were planned. Equal when the plan is right. */
  readonly highWaterBytes: number;
  readonly arenaBytes: number;
  /** Multiply-accumulates of one run as the kernels were asked for them, and as planned. Equal when the plan is right. */
  readonly macs: { readonly counted: number; readonly planned: number };
}

/**
 * Runs a network by a plan and layer by layer, and compares: outputs bit for bit, the memory that was touched and the work that
 * was done with what the plan says.
 *
 * @throws PatchInferError PLAN_MISMATCH for a plan of another network; OPTION for a number of trials below 1
 */
export function verifyPlan(model: Graph | Network, plan: Plan, options: VerifyPlanOptions = {}): PlanVerification {
  const { seed = 0, trials = 3, kernels = fastestKernels, guard = false } = options;
  if (!Number.isInteger(trials) || trials < 1)
    throw new PatchInferError("OPTION", `trials must be a whole number above 0, not ${trials}`);
  const network = networkOf(model);
  const inputs = options.inputs ?? Array.from({ length: trials }, (_, i) => randomInputs(network, seed + i));
  if (inputs.length === 0) throw new PatchInferError("OPTION", "inputs: at least one is needed");
  const counting = countingKernels(kernels);
  using executor = new PatchExecutor(network, plan, { kernels: counting.kernels, guard });
  let maxAbsDiff = 0;
  let firstMismatch: Mismatch | undefined;
  for (const each of inputs) {
    const difference = compareOutputs(runWhole(network, each, { kernels }), executor.run(each));
    maxAbsDiff = Math.max(maxAbsDiff, difference.maxAbsDiff);
    firstMismatch ??= difference.firstMismatch;
  }
  return {
    exact: firstMismatch === undefined,
    maxAbsDiff,
    ...(firstMismatch === undefined ? {} : { firstMismatch }),
    trials: inputs.length,
    highWaterBytes: executor.highWaterBytes,
    arenaBytes: executor.arenaBytes,
    macs: { counted: counting.counts.macs / inputs.length, planned: plan.macs.plan },
  };
}
