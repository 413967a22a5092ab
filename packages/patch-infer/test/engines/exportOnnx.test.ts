import { readFileSync } from "node:fs";
import type { HostTensor } from "@parsimony/core-tensor";
import { tensor } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { exportOnnx } from "../../src/deploy/exportOnnx.ts";
import { networkGraph } from "../../src/deploy/patchedGraph.ts";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import type { Network } from "../../src/network/network.ts";
import { planLayers, planPatches } from "../../src/plan/planStages.ts";
import { quantizeInt8 } from "../../src/quantize/quantizeInt8.ts";
import { randomPlan } from "../deploy/randomPlan.ts";
import { distance } from "../lower/compare.ts";
import { generator, randomGraph, randomInput } from "../lower/randomGraphs.ts";

// An independent runtime on exported plans.

type Level = "disabled" | "all";

async function run(
  model: Uint8Array,
  name: string,
  x: HostTensor,
  level: Level = "all",
): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(model, {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds = { [name]: new Tensor("float32", x.dataSync() as Float32Array, [...x.shape]) };
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([key, value]) => [key, value.data as Float32Array]));
}

function worst(a: Record<string, Float32Array>, b: Record<string, Float32Array>): number {
  expect(Object.keys(a)).toEqual(Object.keys(b));
  return Math.max(...Object.entries(a).map(([name, value]) => distance(value, b[name] as Float32Array)));
}

/** The exported plan, where ordinary ops can say it. */
function exported(network: Network, seed: number): Uint8Array | undefined {
  try {
    return exportOnnx(network, randomPlan(network, generator(seed)));
  } catch (error) {
    expect((error as Error).message).toMatch(/standard ops with the same codes/);
    return undefined;
  }
}

describe("onnxruntime", () => {
  test("floats: patches give what the program gives", async () => {
    for (let seed = 0; seed < 15; seed++) {
      const graph = randomGraph(seed);
      const x = randomInput(graph, seed);
      const network = toNetwork(graph);
      const patched = await run(exported(network, seed) as Uint8Array, "x", x);
      expect(worst(patched, await run(writeOnnx(graph), "x", x)), `seed ${seed}`).toBeLessThan(1e-5);
    }
  });

  test("codes: patches give the codes of the whole image, as long as the runtime does not rewrite the program", async () => {
    let compared = 0;
    for (let seed = 0; seed < 15; seed++) {
      const graph = randomGraph(seed, { codes: "int8", steps: 5 });
      const x = randomInput(graph, seed);
      const network = toNetwork(graph);
      const model = exported(network, seed);
      if (model === undefined) continue;
      compared++;
      const patched = await run(model, "x", x, "disabled");
      const whole = await run(writeOnnx(networkGraph(network)), "x", x, "disabled");
      expect(worst(patched, whole), `seed ${seed}`).toBe(0);
    }
    expect(compared).toBeGreaterThan(10);
  });

  test("BlazeFace: 16 patches of the first 17 layers", async () => {
    const file = new URL(
      "../../node_modules/@mediapipe/face_detection/face_detection_short_range.tflite",
      import.meta.url,
    );
    const graph = readTflite(new Uint8Array(readFileSync(file)));
    const network = toNetwork(graph);
    const next = generator(1);
    const x = tensor(
      Float32Array.from({ length: 128 * 128 * 3 }, () => next() * 2 - 1),
      { shape: [1, 128, 128, 3] },
    );
    const whole = await run(writeOnnx(graph), "input", x);
    const grid = { rows: 4, columns: 4 };
    for (const overlap of ["recompute", "cacheBoth"] as const) {
      const patched = await run(
        exportOnnx(network, planPatches(network, { split: "activation_4", grid, overlap })),
        "input",
        x,
      );
      // Fifty layers of float32; the engine adds in another order in images of another size.
      expect(worst(patched, whole), overlap).toBeLessThan(5e-5);
    }
    const quantized = quantizeInt8(network, [{ input: x }]);
    const plan = planPatches(quantized, { split: "activation_4", grid });
    const codes = await run(exportOnnx(quantized, plan), "input", x, "disabled");
    const all = await run(exportOnnx(quantized, planLayers(quantized)), "input", x, "disabled");
    expect(worst(codes, all)).toBe(0);
  });
});
