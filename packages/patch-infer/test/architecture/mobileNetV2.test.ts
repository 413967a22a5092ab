import { expect, test } from "vitest";
import { mobileNetV2 } from "../../src/architecture/mobileNetV2.ts";
import { shapeNetwork } from "../../src/architecture/shapeNetwork.ts";
import type { Network } from "../../src/network/network.ts";
import { planLayers, planPatches } from "../../src/plan/planStages.ts";
import { mobileNetV2Network } from "../nets/mobileNetV2.ts";
import { errorOf } from "../plan/errorOf.ts";

test("plans as the network that is written out layer by layer", () => {
  for (const options of [{}, { width: 0.35, resolution: 96, classes: 2 }, { width: 1.4, kernels: [1, 3, 5] }]) {
    const family = shapeNetwork(mobileNetV2(options));
    const layers = mobileNetV2Network(options);
    const costs = (network: Network) => {
      const { macs, moments } = planLayers(network);
      return [macs, moments.map(({ liveBytes }) => liveBytes)];
    };
    expect(costs(family)).toEqual(costs(layers));
  }
});

test("17 blocks, 300.77 M multiply-accumulates, patches of the fourth block", () => {
  const network = shapeNetwork(mobileNetV2());
  expect(mobileNetV2().blocks.length).toBe(17);
  const plan = planPatches(network, { split: "block3.project", grid: { rows: 4, columns: 4 } });
  expect(plan.macs.network).toBe(300_774_272);
  expect(Math.round(plan.arenaBytes / 1024)).toBe(172);
});

test("options outside their domain", () => {
  const bad = [
    { width: 0 },
    { width: Number.NaN },
    { resolution: 0 },
    { resolution: 1.5 },
    { classes: -1 },
    { kernels: [2] },
  ];
  for (const options of bad) expect(errorOf(() => mobileNetV2(options))?.code).toBe("OPTION");
});
