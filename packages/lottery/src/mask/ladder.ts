import { checkWhole } from "../base/checks.ts";
import { sortedNames } from "../base/parameters.ts";
import { type AmountOptions, amountsOf } from "./amounts.ts";
import type { Density, MaskDensity } from "./mask.ts";
import { type Amount, removalCount } from "./removalCount.ts";

export interface DensityLadderOptions extends Pick<AmountOptions, "rate" | "outputLayer" | "outputRate"> {
  /** Number of prunings, >= 0. */
  readonly rounds: number;
}

/** A level of iterative pruning, in numbers. */
export interface LadderLevel extends MaskDensity {
  /** Prunings that are behind it. */
  readonly level: number;
}

/**
 * How many weights iterative pruning in layer scope keeps at every level from 0 to `rounds`: these counts do not depend on
 * weights, so that an experiment can be planned without a run. `sizes` is the number of prunable weights by name, of
 * LeNet-300-100 `{ w1: 235200, w2: 30000, w3: 1000 }`. For global scope give all weights as one tensor.
 *
 * @throws LotteryError E_RATE and E_OPTION as `pruneByScore`.
 */
export function densityLadder(sizes: Readonly<Record<string, number>>, options: DensityLadderOptions): LadderLevel[] {
  const where = "densityLadder";
  const { rounds, ...amountOptions } = options;
  checkWhole(where, "rounds", rounds, 0);
  const names = sortedNames(sizes);
  for (const name of names) checkWhole(where, `size of ${name}`, sizes[name] as number, 0);
  const amounts = amountsOf(where, names, amountOptions);
  const levels: LadderLevel[] = [];
  let kept = names.map((name) => sizes[name] as number);
  for (let level = 0; level <= rounds; level++) {
    if (level > 0) kept = kept.map((each, i) => each - goes(where, names[i] as string, each, amounts));
    levels.push({ level, ...inNumbers(names, kept, sizes) });
  }
  return levels;
}

function goes(where: string, name: string, kept: number, amounts: Readonly<Record<string, Amount>>): number {
  const amount = amounts[name];
  return amount === undefined ? 0 : removalCount(where, "exact", amount, { name, kept, size: kept, keptInMask: kept });
}

function inNumbers(
  names: readonly string[],
  kept: readonly number[],
  sizes: Readonly<Record<string, number>>,
): MaskDensity {
  const tensors = Object.fromEntries(names.map((name, i) => [name, share(kept[i] as number, sizes[name] as number)]));
  const total = share(
    kept.reduce((sum, each) => sum + each, 0),
    names.reduce((sum, name) => sum + (sizes[name] as number), 0),
  );
  return { ...total, tensors };
}

function share(kept: number, size: number): Density {
  return { kept, size, density: size === 0 ? 0 : kept / size };
}
