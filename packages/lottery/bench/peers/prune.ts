/**
 * CPU milliseconds for one step at rate 0.2 on 10^7 weights, beside `prune.py`:
 * node --conditions=@parsimony/source --import tsx bench/peers/prune.ts
 */
import { random, tensor } from "@parsimony/core-tensor";
import { onesMask, pruneByMagnitude, pruneByScore } from "@parsimony/lottery";

const shapes = [
  [2000, 4000],
  [1000, 1500],
  [500, 800],
  [100, 1000],
];
const params = Object.fromEntries(shapes.map((shape, i) => [`layer${i}`, random.normal(random.key(i), shape)]));
const full = onesMask(params);
const half = pruneByMagnitude(params, full, { rate: 0.5 });
const scores = Object.fromEntries(
  Object.entries(params).map(([name, each]) => {
    return [name, tensor(Float64Array.from(each.dataSync() as Float32Array), { shape: each.shape })];
  }),
);

const steps = {
  "layer scope": () => pruneByMagnitude(params, full, { rate: 0.2 }),
  "global scope": () => pruneByMagnitude(params, full, { rate: 0.2, scope: "global" }),
  "global scope, half of them pruned": () => pruneByMagnitude(params, half, { rate: 0.2, scope: "global" }),
  "global scope, float64 scores": () => pruneByScore(scores, full, { rate: 0.2, scope: "global" }),
};
for (const [name, step] of Object.entries(steps)) {
  const times = Array.from({ length: 12 }, () => {
    const start = process.cpuUsage();
    step();
    return process.cpuUsage(start).user / 1000;
  }).sort((a, b) => a - b);
  console.log(`${name}: minimum ${times[0]?.toFixed(0)}, median ${times[6]?.toFixed(0)}`);
}
