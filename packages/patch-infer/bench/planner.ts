/**
 * How long the search takes, and what it finds: `node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/planner.ts`.
 * Fails when MobileNetV2 1.0 at 224, with all splits, 12 x 12 grids and all overlap modes, takes a second of processor time or more.
 */
import { readFileSync } from "node:fs";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { type Network, type SearchPlanOptions, networkOf, searchPlan } from "@parsimony/patch-infer";
import { mobileNetV2Network } from "../test/nets/mobileNetV2.ts";
import { msfCnnMobileNetV2, resNet8, visualWakeWords } from "../test/nets/publishedNets.ts";

/** Seconds of processor time: the median of a few searches, and the first, when nothing is compiled yet. */
function measure(network: Network, options: SearchPlanOptions, runs = 5): { first: number; median: number } {
  const seconds = Array.from({ length: runs }, () => {
    const before = process.cpuUsage();
    searchPlan(network, options);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return { first: seconds[0] as number, median: seconds.toSorted((a, b) => a - b)[Math.floor(runs / 2)] as number };
}

const faces = new URL("../node_modules/@mediapipe/face_detection/face_detection_short_range.tflite", import.meta.url);
const nets: readonly (readonly [string, Network])[] = [
  ["MobileNetV2 1.0 at 224, int8", mobileNetV2Network({ same: true })],
  ["MobileNetV2 0.35 at 144, int8", mobileNetV2Network({ same: true, width: 0.35, resolution: 144 })],
  ["the same as msf-CNN models it", msfCnnMobileNetV2()],
  ["visual wake words, int8", visualWakeWords()],
  ["ResNet-8, int8", resNet8()],
  ["BlazeFace, float32", networkOf(readTflite(readFileSync(faces)))],
];

const kinds: readonly (readonly [string, SearchPlanOptions])[] = [
  ["one split, recompute", { singleSplit: true, overlaps: ["recompute"] }],
  ["one split, no recomputation", { singleSplit: true, maxOverhead: 0 }],
  ["many stages, recompute", { overlaps: ["recompute"] }],
  ["many stages, no recomputation", { maxOverhead: 0 }],
  ["many stages, any", {}],
];

const limit = 1;
const full = measure(nets[0]?.[1] as Network, { maxGrid: 12 });
console.log(
  `full search, 12 x 12 grids: ${full.median.toFixed(2)} s (the first ${full.first.toFixed(2)} s), limit ${limit} s`,
);

for (const [name, network] of nets) {
  const { perLayer } = searchPlan(network, { maxGrid: 1 });
  console.log(
    `\n${name}: layer by layer ${(perLayer.arenaBytes / 1024).toFixed(1)} KiB, ${(perLayer.macs.network / 1e6).toFixed(2)} M MACs`,
  );
  for (const [kind, options] of kinds) {
    const { best, pareto } = searchPlan(network, options);
    const more = 100 * (best.macs.plan / best.macs.network - 1);
    const bytes = [best.lowerBoundBytes, best.arenaBytes].map((each) => (each / 1024).toFixed(1));
    console.log(
      `  ${kind.padEnd(30)} ${bytes[0]?.padStart(7)} KiB alive, arena ${bytes[1]?.padStart(7)} KiB, ${more.toFixed(1).padStart(6)}% more MACs, ${pareto.length} points`,
    );
  }
}
if (full.median >= limit) process.exitCode = 1;
