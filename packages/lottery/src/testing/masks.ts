import fc from "fast-check";
import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { mapNamed, type Named, sortedNames } from "../base/parameters.ts";
import { equalMasks, isSubmask } from "../mask/algebra.ts";
import { density, type Mask, maskBytes } from "../mask/mask.ts";
import { masks, parameters, type ParametersOptions } from "./arbitraries.ts";
import type { Law } from "./law.ts";

/** One step of pruning: the mask without a share of its survivors. */
export type PruneFunction = (params: Named, mask: Mask, rate: number) => Mask;

/** A step of pruning to look at. */
export interface PruneCase {
  readonly params: Named;
  readonly mask: Mask;
  /** In [0, 1]. */
  readonly rate: number;
  /** A rate for a second step. */
  readonly nextRate: number;
  /** Weights are scaled by 2^exponent. */
  readonly exponent: number;
}

/** fast-check arbitrary of steps of pruning. */
export function pruneCases(options: ParametersOptions = {}): fc.Arbitrary<PruneCase> {
  const rate = fc.oneof(fc.constantFrom(0, 0.1, 0.2, 0.25, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  return parameters(options).chain((params) =>
    fc.record({
      params: fc.constant(params),
      mask: masks(params),
      rate,
      nextRate: rate,
      exponent: fc.integer({ min: -3, max: 3 }),
    }),
  );
}

export interface MaskLawsOptions {
  /** What is ranked, and counted, together. Default "layer". */
  readonly scope?: "layer" | "global";
  /** Are survivors n - floor(rate n + 0.5)? Default true. */
  readonly counts?: boolean;
  /** Do the weights of smallest magnitude go? False for other criteria. Default true. */
  readonly magnitude?: boolean;
}

/**
 * What users may expect of a pruning step, for `checkLaws` with `pruneCases()` or one's own test runner. A function may refuse a
 * case by throwing E_EMPTY.
 */
export function maskLaws(prune: PruneFunction, options: MaskLawsOptions = {}): readonly Law<PruneCase>[] {
  const { scope = "layer", counts = true, magnitude = true } = options;
  const laws: Record<string, (example: PruneCase) => void> = {
    "the tensors of the mask are those that were given": ({ params, mask, rate }) => {
      const names = (each: Mask): string =>
        sortedNames(each)
          .map((name) => `${name} [${each[name]?.shape}]`)
          .join();
      const left = prune(params, mask, rate);
      ensure(names(left) === names(mask), `${names(mask)} became ${names(left)}`);
    },
    "a pruned weight stays pruned": ({ params, mask, rate }) => {
      ensure(isSubmask(prune(params, mask, rate), mask), "a pruned weight came back");
    },
    "rate 0 changes nothing": ({ params, mask }) => {
      ensure(equalMasks(prune(params, mask, 0), mask), "the mask changed at rate 0");
    },
    "the same arguments give the same mask": ({ params, mask, rate }) => {
      ensure(equalMasks(prune(params, mask, rate), prune(params, mask, rate)), "the second call gave another mask");
    },
    "the order of names does not matter": ({ params, mask, rate }) => {
      const turned = prune(reversed(params), reversed(mask), rate);
      ensure(equalMasks(prune(params, mask, rate), turned), "reversed records gave another mask");
    },
    "the arguments are not changed": ({ params, mask, rate }) => {
      const before = [...contents(params), ...contents(mask)];
      prune(params, mask, rate);
      const after = [...contents(params), ...contents(mask)];
      ensure(
        before.every((each, i) => each === after[i]),
        "parameters or mask were written to",
      );
    },
    ...(counts ? countLaws(prune, scope) : {}),
    ...(magnitude ? magnitudeLaws(prune, scope) : {}),
  };
  return Object.entries(laws).map(([name, law]) => ({ name, check: unlessRefused(law) }));
}

function countLaws(prune: PruneFunction, scope: "layer" | "global"): Record<string, (example: PruneCase) => void> {
  return {
    "of n survivors floor(rate n + 0.5) go": ({ params, mask, rate }) => {
      const before = counted(mask, scope);
      for (const [i, kept] of counted(prune(params, mask, rate), scope).entries()) {
        const n = before[i] as number;
        const expected = n - Math.floor(rate * n + 0.5);
        ensure(kept === expected, `${kept} of ${n} are left at rate ${rate}, expected ${expected}`);
      }
    },
    "two steps keep (1 - p)(1 - q) of n, to within one": ({ params, mask, rate, nextRate }) => {
      const before = counted(mask, scope);
      const left = prune(params, prune(params, mask, rate), nextRate);
      for (const [i, kept] of counted(left, scope).entries()) {
        const expected = (before[i] as number) * (1 - rate) * (1 - nextRate);
        ensure(Math.abs(kept - expected) <= 1 + 1e-9, `${kept} are left, expected about ${expected}`);
      }
    },
  };
}

function magnitudeLaws(prune: PruneFunction, scope: "layer" | "global"): Record<string, (example: PruneCase) => void> {
  return {
    "no survivor is smaller than what went": ({ params, mask, rate }) => {
      const left = prune(params, mask, rate);
      const names = sortedNames(mask);
      for (const group of scope === "layer" ? names.map((name) => [name]) : [names]) {
        let smallest = Number.POSITIVE_INFINITY;
        let largest = 0;
        for (const name of group) {
          const values = params[name]?.dataSync() as Float32Array;
          const [before, after] = [mask, left].map((each) => maskBytes(each[name] as HostTensor));
          for (const [i, value] of values.entries()) {
            if (after?.[i] === 1) smallest = Math.min(smallest, Math.abs(value));
            else if (before?.[i] === 1) largest = Math.max(largest, Math.abs(value));
          }
        }
        ensure(largest <= smallest, `in ${group.join()} |w| = ${largest} went and ${smallest} stayed`);
      }
    },
    "signs and a power of two do not matter": ({ params, mask, rate, exponent }) => {
      const scale = 2 ** exponent;
      const scaled = mapValues(params, (value, i) => value * (i % 2 === 0 ? scale : -scale));
      const back = mapValues(scaled, (value, i) => (value * (i % 2 === 0 ? 1 : -1)) / scale);
      // Numbers that left the range of their type are other numbers.
      if (contents(back).some((each, i) => each !== contents(params)[i])) return;
      ensure(equalMasks(prune(params, mask, rate), prune(scaled, mask, rate)), `factors ±${scale} changed the mask`);
    },
    "positions do not matter where weights differ": ({ params, mask, rate }) => {
      const ranks = new Map(sortedNames(params).map((name, i) => [name, i]));
      const distinct = mapNamed(params, ({ size, shape, dtype }, name) => {
        const list = Array.from({ length: size }, (_, i) => 1 + ((i * 7919) % 8191) + (ranks.get(name) as number) / 8);
        return tensor(list, { shape, dtype });
      });
      const left = backwards(prune(distinct, mask, rate));
      ensure(equalMasks(prune(backwards(distinct), backwards(mask), rate), left), "reversed weights, another choice");
    },
  };
}

function unlessRefused(law: (example: PruneCase) => void): (example: PruneCase) => void {
  return (example) => {
    try {
      law(example);
    } catch (error) {
      if (!(error instanceof LotteryError && error.code === "E_EMPTY")) throw error;
    }
  };
}

function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

function counted(mask: Mask, scope: "layer" | "global"): number[] {
  const { kept, tensors } = density(mask);
  return scope === "global" ? [kept] : sortedNames(tensors).map((name) => tensors[name]?.kept as number);
}

function reversed(record: Named): Named {
  return Object.fromEntries(Object.entries(record).toReversed());
}

function contents(record: Named): string[] {
  return sortedNames(record).map((name) => `${name} ${Array.from(record[name]?.dataSync() as Float32Array, print)}`);
}

function print(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function mapValues(params: Named, fn: (value: number, index: number) => number): Named {
  return mapNamed(params, (each) => {
    const values = (each.dataSync() as Float32Array).map(fn);
    return tensor(values, { shape: each.shape, dtype: each.dtype });
  });
}

function backwards(record: Named): Named {
  return mapNamed(record, (each) => {
    const values = (each.dataSync() as Float32Array).toReversed();
    return tensor(values, { shape: each.shape, dtype: each.dtype });
  });
}
