import { random } from "@parsimony/core-tensor";

const dataPurpose = 1;
const drawPurpose = 2;

/**
 * A seed that belongs to a seed and a path of whole numbers in [0, 2^32): a hash of them, in [0, 2^53). Experiments take their
 * seeds from it, so that none is used twice.
 */
export function deriveSeed(seed: number, ...path: readonly number[]): number {
  const { hi, lo } = path.reduce((key, part) => random.foldIn(key, part), random.key(seed));
  return (hi >>> 11) * 2 ** 32 + lo;
}

/** The seed of the order of the data at a level: `deriveSeed(seed, 1, level)`. */
export function dataSeedOf(seed: number, level: number): number {
  return deriveSeed(seed, dataPurpose, level);
}

/** The seed of draws at a level, `deriveSeed(seed, 2, level, number, trial)`: number 0 is the criterion, i + 1 control i. */
export function drawSeedOf(seed: number, level: number, number = 0, trial = 0): number {
  return deriveSeed(seed, drawPurpose, level, number, trial);
}
