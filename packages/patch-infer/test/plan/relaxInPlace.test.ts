import { expect, test } from "vitest";
import { checkPlan } from "../../src/plan/checkPlan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planLayers } from "../../src/plan/planStages.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";
import { expectSound } from "./invariants.ts";

/** Two depthwise convolutions: one at the peak, one far below it. 8 x 8 cells, then 4 x 4. */
function network() {
  const net = new NetworkBuilder();
  const wide = net.depthwise(net.conv(net.input(8, 8, 1), 16, { name: "x" }), { name: "wide" });
  const small = net.conv(wide, 2, { stride: 2, name: "y" });
  return net.build([net.conv(net.depthwise(small, { name: "small" }), 1)]);
}

const stepOf = (plan: Plan, layer: number) =>
  plan.stages.flatMap(({ steps }) => steps).find((step) => step.layer === layer);

test("in place only where memory binds", () => {
  const plan = planLayers(network());
  // 16 channels of 64 codes, one channel of scratch; beside its input it would need 2048 bytes.
  expect(plan.arenaBytes).toBe(64 * (16 + 1));
  expect(stepOf(plan, 1)?.inPlace).toEqual({ channelBlock: 1, scratch: "scratch:wide@1" });
  expect(stepOf(plan, 3)).toEqual({ layer: 3 });
  expect(plan.buffers.find(({ name }) => name === "map:small")?.takesOver).toBeUndefined();
  expect(plan.buffers.some(({ name }) => name === "scratch:small@3")).toBe(false);
  expect(plan.moments[3]?.liveBytes).toBe(2 * 16 * 2);
  expectSound(network(), plan);
});

test("a plan may say so either way, as long as its buffers agree", () => {
  const plan = planLayers(network());
  checkPlan(network(), plan);
  const claimed = JSON.parse(JSON.stringify(plan)) as Plan;
  const step = claimed.stages[3]?.steps[0];
  Object.assign(step as object, { inPlace: { channelBlock: 1, scratch: "scratch:small@3" } });
  expect(() => checkPlan(network(), claimed)).toThrow(/does not have/);
});
