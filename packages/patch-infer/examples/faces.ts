// A face detector inside a fixed budget of memory: BlazeFace layer by layer, and patch by patch with exactly the same numbers.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/examples/faces.ts
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { HostTensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import {
  type Network,
  networkOf,
  PatchExecutor,
  type Plan,
  planLayers,
  searchPlan,
  verifyPlan,
} from "@parsimony/patch-infer";

/** Discs with soft edges that make a face: centre, radii, colour. */
const discs = [
  [0.5, 0.42, 0.27, 0.33, 0.2, 0.13, 0.1], // hair
  [0.5, 0.85, 0.13, 0.25, 0.75, 0.55, 0.45], // neck
  [0.5, 0.5, 0.22, 0.3, 0.88, 0.68, 0.57], // face
  [0.41, 0.45, 0.05, 0.025, 0.95, 0.95, 0.95], // eyes and pupils
  [0.59, 0.45, 0.05, 0.025, 0.95, 0.95, 0.95],
  [0.41, 0.45, 0.022, 0.025, 0.1, 0.07, 0.05],
  [0.59, 0.45, 0.022, 0.025, 0.1, 0.07, 0.05],
  [0.5, 0.56, 0.03, 0.03, 0.7, 0.48, 0.4], // nose
  [0.5, 0.67, 0.08, 0.025, 0.65, 0.25, 0.25], // mouth
] as const;

/** The drawing, height x width x red, green and blue in [-1, 1], as the network takes it. */
function drawFace(size: number): Float32Array {
  const image = new Float32Array(size * size * 3);
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size];
    let pixel: readonly number[] = [0.55, 0.65, 0.75];
    for (const [cx, cy, rx, ry, ...colour] of discs) {
      const cover = Math.min(Math.max((1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2) * 4, 0), 1);
      pixel = pixel.map((value, k) => value * (1 - cover) + (colour[k] as number) * cover);
    }
    image.set(
      pixel.map((value) => value * 2 - 1),
      3 * i,
    );
  }
  return image;
}

/** The best score of all anchors, as a probability. */
function bestScore(network: Network, outputs: ReturnType<PatchExecutor["run"]>): number {
  const port = network.outputs.find(({ shape }) => shape.at(-1) === 1) as Network["outputs"][number];
  const scores = (outputs[port.name] as HostTensor).dataSync() as Float32Array;
  return 1 / (1 + Math.exp(-Math.max(...scores)));
}

function medianTime(run: () => void): number {
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.toSorted((a, b) => a - b)[4] as number;
}

const require = createRequire(import.meta.url);
for (const [range, budget] of [
  ["short", 256],
  ["full", 1280],
] as const) {
  const file = readFileSync(require.resolve(`@mediapipe/face_detection/face_detection_${range}_range.tflite`));
  const network = networkOf(readTflite(file));
  const height = network.inputs[0]?.shape[1] as number;
  const image = drawFace(height);
  const whole = planLayers(network);
  const patched = searchPlan(network, { memoryBudget: budget * 1024 }).best as Plan;

  console.log(`BlazeFace, ${range} range, ${height} x ${height}`);
  const seen: string[] = [];
  for (const [name, plan] of [
    ["layer by layer", whole],
    [`budget ${budget} KiB`, patched],
  ] as const) {
    using executor = new PatchExecutor(network, plan);
    const outputs = executor.run(image);
    const time = medianTime(() => executor.run(image));
    const stages = plan.stages
      .filter(({ grid }) => grid.rows * grid.columns > 1)
      .map(({ first, end, grid, overlap }) => `layers ${first}-${end - 1} ${grid.rows}x${grid.columns} ${overlap}`);
    console.log(
      `  ${name}: ${(executor.highWaterBytes / 1024).toFixed(1)} KiB used, ${(plan.macs.plan / 1e6).toFixed(2)} M multiply-accumulates, ${time.toFixed(1)} ms (${executor.engine}), a face with ${(100 * bestScore(network, outputs)).toFixed(2)} %`,
    );
    if (stages.length > 0) console.log(`    ${stages.join("; ")}`);
    seen.push(
      Object.values(outputs)
        .map((each) => Buffer.from((each.dataSync() as Float32Array).buffer).toString("hex"))
        .join(),
    );
  }
  const { exact, highWaterBytes, arenaBytes } = verifyPlan(network, patched, { inputs: [image] });
  console.log(
    `  same bits: ${exact && seen[0] === seen[1]}; memory used is the plan's: ${highWaterBytes === arenaBytes}`,
  );
}
