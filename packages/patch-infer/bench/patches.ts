// Patched against whole networks, in one arena each, with the same kernels: time, work and memory side by side.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/patches.ts [rounds]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { random } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import {
  type Network,
  type Plan,
  PatchExecutor,
  networkOf,
  planLayers,
  planPatches,
  quantizeInt8,
  randomInputs,
  searchPlan,
} from "@parsimony/patch-infer";
import { initMobileNet, mobileNetGraph, mobileNetV2, shapeNetwork } from "@parsimony/patch-infer/architecture";

const rounds = Number(process.argv[2] ?? 15);
const require = createRequire(import.meta.url);
const blazeFace = networkOf(
  readTflite(readFileSync(require.resolve("@mediapipe/face_detection/face_detection_short_range.tflite"))),
);
const description = mobileNetV2();
const mobileNet = networkOf(mobileNetGraph(description, initMobileNet(description, random.key(1))));
const fourBlocks = shapeNetwork(description).layers.findIndex(({ output }) => output === "block3.project") + 1;
const port = mobileNet.inputs[0]?.name as string;
const samples = [1, 2].map((seed) => randomInputs(mobileNet, seed)[port] as Float32Array);
const mobileNetInt8 = quantizeInt8(mobileNet, samples, { ports: "int8" });

/** The plans that are compared: by name. */
function plansOf(network: Network, split: string | number, grid: number): readonly (readonly [string, Plan])[] {
  const whole = planLayers(network);
  const patches = { split, grid: { rows: grid, columns: grid } };
  return [
    ["whole", whole],
    [`${grid}x${grid} recompute`, planPatches(network, patches)],
    [`${grid}x${grid} cacheBoth`, planPatches(network, { ...patches, overlap: "cacheBoth" })],
    [
      `${grid} strips cacheRows`,
      planPatches(network, { split, grid: { rows: grid, columns: 1 }, overlap: "cacheRows" }),
    ],
    ["search: half the memory", searchPlan(network, { memoryBudget: whole.arenaBytes / 2 }).best],
    ["search: a fifth", searchPlan(network, { memoryBudget: whole.arenaBytes / 5 }).best],
    ["search: smallest, no extra work", searchPlan(network, { maxOverhead: 0, objective: "peak" }).best],
  ];
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] as number;
}

for (const [name, network, split, grid] of [
  ["MobileNetV2 1.0, 224 x 224, float32", mobileNet, fourBlocks, 4],
  ["MobileNetV2 1.0, 224 x 224, int8", mobileNetInt8, fourBlocks, 4],
  ["BlazeFace short range, 128 x 128, float32", blazeFace, "activation_6", 4],
] as const) {
  const inputs = randomInputs(network, 3);
  const runs = plansOf(network, split, grid).map(([label, plan]) => {
    const executor = new PatchExecutor(network, plan);
    executor.run(inputs);
    executor.run(inputs);
    return { label, plan, executor, times: [] as number[] };
  });
  // In turns, so that what else the machine does meets all of them alike.
  for (let round = 0; round < rounds; round++) {
    for (const { executor, times } of runs) {
      const start = performance.now();
      executor.run(inputs);
      times.push(performance.now() - start);
    }
  }
  const whole = median(runs[0]?.times ?? []);
  console.log(`\n${name}; median of ${rounds}`);
  console.log(
    `${"plan".padEnd(34)}${"KiB".padStart(9)}${"ms".padStart(9)}${"work".padStart(8)}${"time".padStart(8)}${"time / work".padStart(13)}`,
  );
  for (const { label, plan, executor, times } of runs) {
    const [work, time] = [plan.macs.plan / plan.macs.network, median(times) / whole];
    const cells = [(plan.arenaBytes / 1024).toFixed(1).padStart(9), median(times).toFixed(1).padStart(9)];
    const ratios = [work.toFixed(3).padStart(8), time.toFixed(3).padStart(8), (time / work).toFixed(3).padStart(13)];
    console.log(label.padEnd(34) + cells.join("") + ratios.join(""));
    executor[Symbol.dispose]();
  }
}
