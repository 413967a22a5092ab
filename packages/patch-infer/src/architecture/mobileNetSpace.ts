import { PatchInferError } from "../base/errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { MobileNet, MobileNetBlock } from "./mobileNet.ts";
import type { Costs, Genes, Space } from "./space.ts";
import { flashBytesOf, shapeNetwork } from "./shapeNetwork.ts";
import type { Network } from "../network/network.ts";

/** Blocks at one resolution. */
export interface MobileNetStageChoice {
  /** Output channels of its blocks, before the width multiplier. */
  readonly outputs: readonly number[];
  /** Stride of its first block. */
  readonly stride: 1 | 2;
  /** How many blocks. 0: the stage is left out (stride 1 only). */
  readonly depths: readonly number[];
}

export interface MobileNetSpaceOptions {
  /** Channels of the input. Default 3. */
  readonly channels?: number;
  readonly classes: number;
  /** Heights and widths of the input. */
  readonly resolutions: readonly number[];
  /** Factors of all channels but the input's and the classes'. Default 1. */
  readonly widths?: readonly number[];
  /** Channels are rounded to multiples of this number. Default 4. */
  readonly multipleOf?: number;
  readonly stem: {
    readonly outputs: readonly number[];
    readonly strides?: readonly (1 | 2 | 4)[];
    readonly kernels?: readonly number[];
  };
  readonly stages: readonly MobileNetStageChoice[];
  /** Depthwise kernels, chosen block by block. Default 3, 5, 7. */
  readonly kernels?: readonly number[];
  /** Hidden channels per input channel, chosen block by block. Default 3, 4, 6. */
  readonly expansions?: readonly number[];
  /** Channels of the last 1 x 1 convolution. Default 0: none. */
  readonly heads?: readonly number[];
  /** The plan of a network (its maps are int8, its weights are missing), of which memory and multiply-accumulates are taken. */
  readonly plan: (network: Network) => Plan | null;
}

/** A space of networks of inverted residuals. */
export interface MobileNetSpace extends Space {
  readonly canonical: (genes: Genes) => Genes;
  /** `memoryBytes`: the plan's arena; `macs`: the plan's multiply-accumulates; `flashBytes`: int8 weights and int32 biases. */
  readonly costs: (genes: Genes) => Costs | null;
  readonly netOf: (genes: Genes) => MobileNet;
  /** `null` when there is none. */
  readonly planOf: (genes: Genes) => Plan | null;
}

/**
 * The space that MCUNet and MCUNetV2 search (Lin et al. 2020, 2021): kernel and expansion of every block, depth and channels of every stage, width
 * and resolution of the network, and with them the schedule: `plan` finds the best one for every network (`searchPlan`), which is exact where the papers
 * mutate the number of patches and the length of the patch stage.
 *
 * @throws PatchInferError OPTION for lists without values, even kernels, a stage that may be left out although it halves the image.
 */
export function mobileNetSpace(options: MobileNetSpaceOptions): MobileNetSpace {
  const { stem, stages, widths = [1], kernels = [3, 5, 7], expansions = [3, 4, 6], heads = [0] } = options;
  check(options);
  const choices: Record<string, readonly number[]> = {
    resolution: options.resolutions,
    width: widths,
    "stem.outputs": stem.outputs,
    "stem.stride": stem.strides ?? [2],
    "stem.kernel": stem.kernels ?? [3],
  };
  stages.forEach(({ outputs, depths }, i) => {
    choices[`stage${i}.outputs`] = outputs;
    choices[`stage${i}.depth`] = depths;
    for (let block = 0; block < Math.max(...depths); block++) {
      choices[`stage${i}.block${block}.kernel`] = kernels;
      choices[`stage${i}.block${block}.expansion`] = expansions;
    }
  });
  choices["head"] = heads;

  const canonical = (genes: Genes): Genes =>
    Object.fromEntries(
      Object.entries(genes).map(([name, value]) => {
        const [stage, block] = /^stage(\d+)\.block(\d+)\./.exec(name)?.slice(1).map(Number) ?? [];
        const unused = block !== undefined && block >= (genes[`stage${stage}.depth`] as number);
        const without = /^stage\d+\.outputs$/.test(name) && genes[name.replace("outputs", "depth")] === 0;
        return [name, unused || without ? ((choices[name] as readonly number[])[0] as number) : value];
      }),
    );
  const netOf = (genes: Genes): MobileNet => mobileNetOfGenes(genes, options);
  const known = new Map<string, Plan | null>();
  const planOf = (genes: Genes): Plan | null => {
    const net = netOf(genes);
    const key = JSON.stringify(net);
    let plan = known.get(key);
    if (plan === undefined) {
      plan = options.plan(shapeNetwork(net));
      // Enough for parents and children of a generation; a plan is some kilobytes.
      if (known.size >= 1000) known.clear();
      known.set(key, plan);
    }
    return plan;
  };
  const costs = (genes: Genes): Costs | null => {
    const plan = planOf(genes);
    if (plan === null) return null;
    return { memoryBytes: plan.arenaBytes, macs: plan.macs.plan, flashBytes: flashBytesOf(netOf(genes)) };
  };
  return { choices, canonical, costs, netOf, planOf };
}

function mobileNetOfGenes(
  genes: Genes,
  { channels = 3, classes, stages, multipleOf = 4 }: MobileNetSpaceOptions,
): MobileNet {
  const gene = (name: string): number => genes[name] as number;
  const scaled = (count: number): number =>
    Math.max(multipleOf, Math.round((count * gene("width")) / multipleOf) * multipleOf);
  const stem = {
    kernel: gene("stem.kernel"),
    stride: gene("stem.stride") as 1 | 2 | 4,
    outputs: scaled(gene("stem.outputs")),
  };
  let inputs = stem.outputs;
  const blocks = stages.flatMap(({ stride }, i) => {
    const outputs = scaled(gene(`stage${i}.outputs`));
    return Array.from({ length: gene(`stage${i}.depth`) }, (_, j): MobileNetBlock => {
      const hidden = inputs * gene(`stage${i}.block${j}.expansion`);
      const block = {
        kernel: gene(`stage${i}.block${j}.kernel`),
        stride: j === 0 ? stride : (1 as const),
        inputs,
        hidden,
        outputs,
      };
      inputs = outputs;
      return block;
    });
  });
  const head = gene("head") === 0 ? 0 : scaled(gene("head"));
  return { resolution: gene("resolution"), channels, stem, blocks, head, classes };
}

function check(options: MobileNetSpaceOptions): void {
  const { resolutions, stem, stages, widths = [1], kernels = [3], expansions = [3], heads = [0] } = options;
  const fail = (text: string): never => {
    throw new PatchInferError("OPTION", `mobileNetSpace: ${text}`);
  };
  const lists = { resolutions, widths, kernels, expansions, heads, "stem.outputs": stem.outputs };
  for (const [name, values] of Object.entries(lists)) if (values.length === 0) fail(`${name} has no value`);
  for (const kernel of [...kernels, ...(stem.kernels ?? [])]) {
    if (!(Number.isInteger(kernel) && kernel % 2 === 1)) fail(`a kernel of ${kernel} has no centre`);
  }
  stages.forEach(({ outputs, depths, stride }, i) => {
    if (outputs.length === 0 || depths.length === 0) fail(`stage ${i} has no value for its outputs or its depth`);
    if (stride === 2 && depths.includes(0)) fail(`stage ${i} halves the image and cannot be left out`);
  });
}
