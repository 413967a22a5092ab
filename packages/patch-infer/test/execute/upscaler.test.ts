import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PatchExecutor, planPatches, runWhole } from "@parsimony/patch-infer";
import { upscaler } from "../../examples/upscale/model.ts";

const { height, width, output } = JSON.parse(
  readFileSync(new URL("../fixtures/execute/esrgan.json", import.meta.url), "utf8"),
) as { readonly height: number; readonly width: number; readonly output: readonly number[] };

test("ESRGAN-slim from its TensorFlow.js files: torch's pixels, and in 2 x 2 patches the same bits", () => {
  const network = upscaler(height, width);
  const picture = Float32Array.from({ length: height * width * 3 }, (_, i) => (37 * i) % 256);
  const whole = runWhole(network, picture)["SR"]?.dataSync() as Float32Array;
  expect(whole.length).toBe(output.length);
  for (const [i, value] of whole.entries()) expect(Math.abs(value - (output[i] as number))).toBeLessThan(0.002);
  const plan = planPatches(network, {
    split: network.layers.length,
    grid: { rows: 2, columns: 2 },
    overlap: "cacheBoth",
  });
  using executor = new PatchExecutor(network, plan);
  expect(executor.runSingle(picture).dataSync()).toEqual(whole);
});
