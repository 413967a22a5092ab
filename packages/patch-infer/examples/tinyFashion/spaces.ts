import { type Network, PatchInferError, type Plan, planStages, searchPlan } from "@parsimony/patch-infer";
import {
  type MobileNet,
  type MobileNetBlock,
  type MobileNetSpace,
  flashBytesOf,
  mobileNetSpace,
  shapeNetwork,
} from "@parsimony/patch-infer/architecture";
import type { Settings } from "./settings.ts";

/** How networks run: patch by patch as `searchPlan` finds best, or one layer after the other. */
export type Schedule = "patches" | "layers";

/**
 * One layer after the other, with the image read row by row where it is: the first convolution holds the few rows that it needs. So
 * the arena need not hold the whole image, which would be more than half of 16 kB; no more than that is patched.
 */
export function planLayerByLayer(network: Network): Plan {
  const first = network.maps[network.layers[0]?.output ?? ""];
  const grid = { rows: first?.height ?? 1, columns: 1 };
  return planStages(network, { stages: [{ first: 0, end: 1, grid, overlap: "cacheRows" }] });
}

/** The plan with the least work inside the budget; `null` when there is none. */
export function planWithin(network: Network, schedule: Schedule, bytes: number): Plan | null {
  if (schedule === "layers") {
    const plan = planLayerByLayer(network);
    return plan.arenaBytes <= bytes ? plan : null;
  }
  try {
    return searchPlan(network, { memoryBudget: bytes }).best;
  } catch (error) {
    if (error instanceof PatchInferError && error.code === "BUDGET_INFEASIBLE") return null;
    throw error;
  }
}

/** Heights and widths that networks take the canvas at. */
export const resolutions: readonly number[] = [48, 64, 96];

const choices = {
  channels: 1,
  classes: 10,
  stages: [
    { outputs: [4, 8, 12, 16], stride: 1, depths: [0, 1] },
    { outputs: [8, 12, 16, 24], stride: 2, depths: [1, 2] },
    { outputs: [16, 24, 32], stride: 2, depths: [1, 2, 3] },
    { outputs: [24, 32, 48], stride: 2, depths: [1, 2] },
  ],
  kernels: [3, 5, 7],
  expansions: [1, 2, 3, 4],
  heads: [64, 96],
} as const;

/** Networks of one resolution; the same choices for both schedules. */
export function fashionSpace(schedule: Schedule, bytes: number, resolution: number): MobileNetSpace {
  return mobileNetSpace({
    ...choices,
    resolutions: [resolution],
    stem: { outputs: [4, 8, 12, 16], kernels: [3, 5] },
    plan: (network) => planWithin(network, schedule, bytes),
  });
}

/** Patched networks of several resolutions, also with a stem that takes a quarter of them: to see how well scores order what is different. */
export function mixedSpace(bytes: number): MobileNetSpace {
  return mobileNetSpace({
    ...choices,
    resolutions: [48, 64, 80, 96],
    stem: { outputs: [4, 8, 12, 16], strides: [2, 4], kernels: [3, 5] },
    plan: (network) => planWithin(network, "patches", bytes),
  });
}

/** A network in MobileNetV2's proportions, `c` channels wide at half resolution. */
function inProportion(resolution: number, c: number): MobileNet {
  const rows = [
    [1, 1, 1],
    [3, 2, 2],
    [3, 2, 1],
    [3, 3, 2],
    [3, 3, 1],
    [3, 4, 2],
  ] as const;
  let inputs = c;
  const blocks = rows.map(([expansion, width, stride]): MobileNetBlock => {
    const block = { kernel: 3, stride, inputs, hidden: inputs * expansion, outputs: width * c };
    inputs = width * c;
    return block;
  });
  return { resolution, channels: 1, stem: { kernel: 3, stride: 2, outputs: c }, blocks, head: 64, classes: 10 };
}

/** The baseline without a search: resolution and width shrunk until the network fits layer by layer; of those that fit, the one with the most work. */
export function shrunkByHand(bytes: number, { macs, flashBytes }: Settings): MobileNet {
  const fitting = resolutions.flatMap((resolution) =>
    [2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 24].flatMap((c) => {
      const net = inProportion(resolution, c);
      const plan = planWithin(shapeNetwork(net), "layers", bytes);
      return plan === null || plan.macs.plan > macs || flashBytesOf(net) > flashBytes
        ? []
        : [{ net, macs: plan.macs.plan }];
    }),
  );
  const best = fitting.sort((a, b) => b.macs - a.macs)[0];
  if (best === undefined) throw new Error(`no network in proportion fits ${bytes} bytes`);
  return best.net;
}
