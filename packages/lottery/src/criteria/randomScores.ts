import { type HostTensor, random, tensor, fingerprintText } from "@parsimony/core-tensor";
import { sortedNames } from "../base/parameters.ts";
import { type Mask, maskBytes } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";

/**
 * Uniform in [0, 1): the criterion that every other one has to beat. The score of a weight depends on the seed, the name and shape
 * of its tensor and its place alone, not on other tensors or on what is masked, so that pruning further with the same seed goes on
 * with the same ranking.
 *
 * @example pruneAtInit((_, mask) => randomScores(mask, 1), params, mask, { density: 0.1 })
 */
export function randomScores(mask: Mask, seed: number): Scores {
  const key = random.key(seed);
  return Object.fromEntries(
    sortedNames(mask).map((name): [string, HostTensor] => {
      const { shape } = mask[name] as HostTensor;
      const kept = maskBytes(mask[name] as HostTensor);
      const own = random.foldIn(key, Number.parseInt(fingerprintText(name).slice(0, 8), 16));
      const values = (random.uniform(own, shape).dataSync() as Float32Array).slice();
      for (let i = 0; i < values.length; i++) if (kept[i] === 0) values[i] = 0;
      return [name, tensor(values, { shape })];
    }),
  );
}
