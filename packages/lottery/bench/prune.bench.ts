import { bench, describe } from "vitest";
import { type HostTensor, random, tensor } from "@parsimony/core-tensor";
import { jaccard, type Mask, nmMask, onesMask, pruneByMagnitude, pruneByScore, shuffleMask } from "../src/index.ts";

// Ten million weights in four tensors of uneven size.
const shapes = [
  [2000, 4000],
  [1000, 1500],
  [500, 800],
  [100, 1000],
];
const params = Object.fromEntries(
  shapes.map((shape, i) => [`layer${i}`, random.normal(random.key(i), shape)] as const),
);
const full = onesMask(params);
const half = pruneByMagnitude(params, full, { rate: 0.5 });
const scores = Object.fromEntries(
  Object.entries(params).map(([name, { shape, dataSync }]) => {
    const values = Float64Array.from(dataSync.call(params[name]) as Float32Array);
    return [name, tensor(values, { shape })] as const;
  }),
);
const options = { iterations: 10, time: 0, warmupIterations: 3, warmupTime: 0 };

describe("one step at rate 0.2 on 10^7 weights", () => {
  bench("layer scope", () => void pruneByMagnitude(params, full, { rate: 0.2 }), options);
  bench("global scope", () => void pruneByMagnitude(params, full, { rate: 0.2, scope: "global" }), options);
  bench(
    "global scope, half of them pruned",
    () => void pruneByMagnitude(params, half, { rate: 0.2, scope: "global" }),
    options,
  );
  bench("global scope, float64 scores", () => void pruneByScore(scores, full, { rate: 0.2, scope: "global" }), options);
  bench("global scope by sorting a Float32Array", () => void bySorting(params, full, 0.2), options);
});

describe("other masks on 10^7 weights", () => {
  bench("2:4", () => void nmMask(params, { keep: 2, of: 4, axis: -1 }), options);
  bench("shuffleMask", () => void shuffleMask(half, { seed: 0 }), options);
  bench("jaccard", () => void jaccard(full, half), options);
});

// The naive way: a sort, and all ties of the threshold go.
function bySorting(weights: typeof params, mask: Mask, rate: number): Record<string, Uint8Array> {
  const survivors = new Float32Array(1e7);
  let at = 0;
  for (const [name, each] of Object.entries(weights)) {
    const kept = (mask[name] as HostTensor).dataSync() as Uint8Array;
    const values = each.dataSync() as Float32Array;
    for (let i = 0; i < values.length; i++) if (kept[i] === 1) survivors[at++] = Math.abs(values[i] as number);
  }
  const sorted = survivors.subarray(0, at).sort();
  const threshold = sorted[Math.floor(rate * at + 0.5) - 1] as number;
  return Object.fromEntries(
    Object.entries(weights).map(([name, each]) => {
      const kept = (mask[name] as HostTensor).dataSync() as Uint8Array;
      const values = each.dataSync() as Float32Array;
      return [name, kept.map((bit, i) => (Math.abs(values[i] as number) > threshold ? bit : 0))];
    }),
  );
}
