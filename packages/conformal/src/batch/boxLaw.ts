import { checkLength, checkWhole } from "../base/checks.ts";
import { betaBinomialLaw } from "../base/countLaw.ts";
import { ConformalError } from "../base/errors.ts";
import { binomialCoefficient, ratio } from "./allowance.ts";
import { checkSizes } from "./sumLaw.ts";

/** Bounds on the ranks of several order statistics of a batch. */
export interface RankBox {
  /** Number of calibration scores. */
  readonly n: number;
  /** Size of the batch. */
  readonly m: number;
  /** Which order statistics of the batch: strictly ascending whole numbers in 1..m. */
  readonly zetas: readonly number[];
  /** Least rank of each, in 1..n+1. */
  readonly lower: readonly number[];
  /** Largest rank of each, in 1..n+1. */
  readonly upper: readonly number[];
}

/**
 * The probability that the ranks of several order statistics of a batch all lie within their bounds:
 * `lower[i] <= R_(zetas[i]) <= upper[i]`. The ranks form a Markov chain: given that the previous one is u, the next one
 * less u is BetaBinomial(n + 1 - u, gap, m - zeta + 1), so one pass over the chain gives the probability as a sum of
 * positive terms. `O(L w n)` for L order statistics and bounds w ranks apart.
 *
 * @throws ConformalError E_RANGE, E_LENGTH
 */
export function boxProbability(box: RankBox): number {
  checkBox("rankLaw.box", box);
  const { n, m, zetas, lower, upper } = box;
  let from = 1;
  let mass = Float64Array.of(1);
  for (let i = 0; i < zetas.length; i++) {
    const zeta = zetas[i] as number;
    const gap = zeta - (zetas[i - 1] ?? 0);
    const low = lower[i] as number;
    const next = new Float64Array(Math.max(0, (upper[i] as number) - low + 1));
    for (let j = 0; j < mass.length; j++) {
      const u = from + j;
      const law = betaBinomialLaw(n + 1 - u, gap, m - zeta + 1);
      const weight = mass[j] as number;
      for (let v = Math.max(u, low); v < low + next.length; v++) {
        next[v - low] = (next[v - low] as number) + weight * (law[v - u] as number);
      }
    }
    from = low;
    mass = next;
  }
  let sum = 0;
  for (const p of mass) sum += p;
  return Math.min(1, sum);
}

/** A bound on the relative error of `boxProbability` before it is cut at 1: every operation is on positive numbers. */
export function boxError(box: RankBox): number {
  return 16 * box.zetas.length * (box.n + 4) * 2 ** -53;
}

/** How many rank vectors of H(n, m) are within the box, exactly. */
export function boxCount(box: RankBox): bigint {
  const { n, m, zetas, lower, upper } = box;
  let weights: [rank: number, count: bigint][] = [[1, 1n]];
  for (let i = 0; i < zetas.length; i++) {
    const free = (zetas[i] as number) - (zetas[i - 1] ?? 0) - 1;
    const next: [number, bigint][] = [];
    for (let v = lower[i] as number; v <= (upper[i] as number); v++) {
      let count = 0n;
      for (const [u, ways] of weights) if (u <= v) count += ways * binomialCoefficient(v - u + free, free);
      next.push([v, count]);
    }
    weights = next;
  }
  const rest = m - (zetas.at(-1) as number);
  return weights.reduce((sum, [v, ways]) => sum + ways * binomialCoefficient(n + 1 - v + rest, rest), 0n);
}

/** `boxCount` as an exact share. */
export function exactBoxProbability(box: RankBox): number {
  return ratio(boxCount(box), binomialCoefficient(box.n + box.m, box.m));
}

/** Throws E_RANGE unless the order statistics are strictly ascending whole numbers in 1..m. */
export function checkZetas(where: string, zetas: readonly number[], m: number): void {
  if (zetas.length === 0) throw new ConformalError("E_RANGE", `${where}: zetas must hold at least one position`);
  for (let i = 0; i < zetas.length; i++) {
    const zeta = zetas[i] as number;
    if (!Number.isInteger(zeta) || zeta <= (zetas[i - 1] ?? 0) || zeta > m) {
      const message = `${where}: zetas must be ascending whole numbers in 1..${m}, got ${zeta}`;
      throw new ConformalError("E_RANGE", message, i);
    }
  }
}

function checkBox(where: string, { n, m, zetas, lower, upper }: RankBox): void {
  checkSizes(where, n, m);
  checkZetas(where, zetas, m);
  checkLength(where, "lower", lower.length, zetas.length);
  checkLength(where, "upper", upper.length, zetas.length);
  for (let i = 0; i < zetas.length; i++) {
    checkWhole(where, "lower", lower[i] as number, 1);
    checkWhole(where, "upper", upper[i] as number, 1);
    if (Math.max(lower[i] as number, upper[i] as number) > n + 1) {
      throw new ConformalError("E_RANGE", `${where}: ranks must be at most n + 1 = ${n + 1}`, i);
    }
  }
}
