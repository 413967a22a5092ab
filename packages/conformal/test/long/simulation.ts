import { mkdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { binomialCdf, binomialUpperTail } from "../../src/base/binomial.ts";
import { uniformStream } from "../../src/base/random.ts";

export const TRIALS = 100_000;
/** The probability with which a correct method fails a check. */
const RISK = 1e-6;

export type Draw = () => number;

/** What is promised of the probability that a trial succeeds: at least, at most, or both. */
export interface Promised {
  readonly atLeast?: number;
  readonly atMost?: number;
}

interface Row extends Promised {
  readonly method: string;
  readonly trials: number;
  readonly observed: number;
  /** The counts that pass: outside them a correct method falls with probability 1e-6 on each side. */
  readonly from: number;
  readonly to: number;
}

/** The smallest and largest count that pass, by exact binomial tails. */
function passing(trials: number, { atLeast, atMost }: Promised): { from: number; to: number } {
  const from = atLeast === undefined ? 0 : firstTrue(trials, (k) => binomialCdf(k, trials, atLeast) > RISK);
  const to = atMost === undefined ? trials : firstTrue(trials, (k) => binomialUpperTail(k + 1, trials, atMost) <= RISK);
  return { from, to };
}

/** The first of 0..last for which a rising condition is true. */
function firstTrue(last: number, condition: (k: number) => boolean): number {
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (condition(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The simulations of one file: each count is checked as it is made, and all are written into `reports/`. */
export function simulations(name: string) {
  const rows: Row[] = [];
  const run = (method: string, promised: Promised, trial: (draw: Draw, i: number) => boolean, seed: number): Row => {
    const draw = uniformStream(seed);
    let observed = 0;
    for (let i = 0; i < TRIALS; i++) if (trial(draw, i)) observed++;
    return { method, trials: TRIALS, ...promised, observed, ...passing(TRIALS, promised) };
  };
  const passes = ({ observed, from, to }: Row): boolean => from <= observed && observed <= to;
  return {
    /** The promise holds. */
    holds(method: string, promised: Promised, trial: (draw: Draw, i: number) => boolean, seed = 11): void {
      const row = run(method, promised, trial, seed);
      rows.push(row);
      expect(passes(row), JSON.stringify(row)).toBe(true);
    },
    /** The same check fails for a method that is broken on purpose. */
    fails(method: string, promised: Promised, trial: (draw: Draw, i: number) => boolean, seed = 11): void {
      const row = run(`broken: ${method}`, promised, trial, seed);
      rows.push(row);
      expect(passes(row), JSON.stringify(row)).toBe(false);
    },
    /** A count that was made elsewhere. */
    counted(method: string, trials: number, observed: number, promised: Promised): void {
      const row = { method, trials, ...promised, observed, ...passing(trials, promised) };
      rows.push(row);
      expect(passes(row), JSON.stringify(row)).toBe(true);
    },
    save(): void {
      const folder = new URL("../../../../reports/", import.meta.url);
      mkdirSync(folder, { recursive: true });
      writeFileSync(new URL(`conformal-${name}.json`, folder), `${JSON.stringify(rows, null, 2)}\n`);
    },
  };
}

/** The alpha whose rank is the plain quantile of n scores, which forgets the test point. */
export const uncorrected = (n: number, alpha: number): number => 1 - Math.ceil(n * (1 - alpha)) / (n + 1);

/** A list of independent draws. */
export const many = <T>(count: number, one: () => T): T[] => Array.from({ length: count }, one);
