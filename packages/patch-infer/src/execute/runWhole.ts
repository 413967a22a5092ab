import type { Graph } from "@parsimony/core-tensor";
import type { KernelFactory } from "../kernels/kernels.ts";
import { fastestKernels } from "../kernels/wasmKernels.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { Network } from "../network/network.ts";
import { planLayers } from "../plan/planStages.ts";
import { type Outputs, PatchExecutor } from "./patchExecutor.ts";
import type { Inputs } from "./source.ts";

/** Options of `runWhole`. */
export interface RunWholeOptions {
  /** Default: WebAssembly SIMD where there is one, else plain TypeScript. */
  readonly kernels?: KernelFactory;
}

/**
 * Runs a network layer by layer on the whole image: what every plan must give, bit for bit.
 *
 * @param inputs the only input, or inputs by name
 * @throws PatchInferError what `PatchExecutor.run` and lowering throw
 */
export function runWhole(model: Graph | Network, inputs: Inputs, options: RunWholeOptions = {}): Outputs {
  const { kernels = fastestKernels } = options;
  const network = networkOf(model);
  using executor = new PatchExecutor(network, planLayers(network), { kernels });
  return executor.run(inputs);
}
