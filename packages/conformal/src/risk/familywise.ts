import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";

/**
 * A test of many hypotheses at once: positions of the rejected ones, ascending. With valid p-values, however they
 * depend on each other, some true hypothesis is rejected with probability at most delta.
 */
export type FamilywiseProcedure = (pValues: ArrayLike<number>, delta: number) => number[];

/** Bonferroni: rejects p-values of at most `delta / m`. */
export const bonferroni: FamilywiseProcedure = (pValues, delta) =>
  positions(pValues, (p) => p <= delta / pValues.length);

/**
 * Holm's step-down procedure: the k-th smallest p-value is compared with `delta / (m - k + 1)`, until the first that is
 * larger. Rejects all that Bonferroni does, and more.
 *
 * @see Holm, A simple sequentially rejective multiple test procedure (1979)
 */
export const holm: FamilywiseProcedure = (pValues, delta) => {
  const sorted = Float64Array.from(pValues).sort();
  let rejected = 0;
  while (rejected < sorted.length && (sorted[rejected] as number) <= delta / (sorted.length - rejected)) rejected++;
  if (rejected === 0) return [];
  const largest = sorted[rejected - 1] as number;
  return positions(pValues, (p) => p <= largest);
};

/** Options of `fixedSequence`, fixed without looking at the losses. */
export interface FixedSequenceOptions {
  /** Positions in `order` to start from. Default 0 alone. */
  readonly starts?: readonly number[];
  /** The order of testing, as a list of all positions. Default ascending. */
  readonly order?: readonly number[];
}

/**
 * Fixed-sequence testing: from each start onward in the given order, reject while the p-value is at most
 * `delta / number of starts`. Strong when the order goes from safe to risky settings; several starts hedge against a
 * bad beginning.
 *
 * @throws ConformalError E_RANGE
 * @see Angelopoulos et al., Learn then test (2021), algorithm 1
 */
export function fixedSequence(options: FixedSequenceOptions = {}): FamilywiseProcedure {
  const { starts = [0], order } = options;
  if (starts.length === 0) throw new ConformalError("E_RANGE", "fixedSequence: needs at least one start");
  for (const start of starts) checkWhole("fixedSequence", "every start", start, 0);
  return (pValues, delta) => {
    const m = pValues.length;
    const sequence = order ?? Array.from({ length: m }, (_, i) => i);
    if (sequence.length !== m || new Set(sequence).size !== m || sequence.some((i) => !(i >= 0 && i < m))) {
      throw new ConformalError("E_RANGE", `fixedSequence: order must hold each of 0..${m - 1} once`);
    }
    const rejected = new Set<number>();
    for (const start of new Set(starts)) {
      if (start >= m) throw new ConformalError("E_RANGE", `fixedSequence: start ${start} is beyond ${m} hypotheses`);
      for (let at = start; at < m; at++) {
        const i = sequence[at] as number;
        if (!((pValues[i] as number) <= delta / starts.length)) break;
        rejected.add(i);
      }
    }
    return [...rejected].sort((a, b) => a - b);
  };
}

/** Options of `graphical`. */
export interface GraphicalOptions {
  /** First shares of delta `[m]`, >= 0, summing to at most 1. */
  readonly weights: readonly number[];
  /** What share of its own a rejected one hands to each other `[m, m]`: >= 0, rows summing to at most 1, zero diagonal. */
  readonly transitions: readonly (readonly number[])[];
}

/**
 * Graphical testing: every hypothesis starts with a share of delta, and a rejected one hands its share on along the
 * arrows of a graph. Bonferroni, Holm and fixed sequences are special cases; a chain of neighbours suits a grid.
 *
 * @throws ConformalError E_WEIGHTS, E_LENGTH
 * @see Bretz, Maurer, Brannath, Posch, A graphical approach to sequentially rejective multiple test procedures (2009),
 *   algorithm 1
 */
export function graphical(options: GraphicalOptions): FamilywiseProcedure {
  const { weights, transitions } = options;
  checkShares("weights", weights);
  if (transitions.length !== weights.length) {
    throw new ConformalError("E_LENGTH", `graphical: transitions must have ${weights.length} rows`);
  }
  transitions.forEach((row, i) => {
    if (row.length !== weights.length || row[i] !== 0) {
      throw new ConformalError("E_LENGTH", `graphical: row ${i} needs ${weights.length} shares, 0 for itself`, i);
    }
    checkShares(`transitions[${i}]`, row, i);
  });
  return (pValues, delta) => {
    const m = weights.length;
    if (pValues.length !== m) {
      throw new ConformalError("E_LENGTH", `graphical: made for ${m} hypotheses, got ${pValues.length} p-values`);
    }
    const share = [...weights];
    let arrows = transitions.map((row) => [...row]);
    const open = new Set(share.keys());
    for (;;) {
      let next: number | undefined;
      for (const i of open) {
        if ((pValues[i] as number) <= delta * (share[i] as number) && (share[i] as number) > 0) {
          next = i;
          break;
        }
      }
      if (next === undefined) return Array.from({ length: m }, (_, i) => i).filter((i) => !open.has(i));
      open.delete(next);
      const gone = next;
      for (const j of open) share[j] = (share[j] as number) + (share[gone] as number) * arrows[gone]![j]!;
      // Paths that led through the rejected hypothesis go on to where it pointed.
      arrows = arrows.map((row, j) =>
        row.map((value, k) => {
          if (j === k || !open.has(j) || !open.has(k)) return 0;
          const round = (row[gone] as number) * arrows[gone]![j]!;
          return round < 1 ? (value + (row[gone] as number) * arrows[gone]![k]!) / (1 - round) : 0;
        }),
      );
    }
  };
}

function checkShares(name: string, shares: readonly number[], index?: number): void {
  const sum = shares.reduce((a, b) => a + b, 0);
  if (shares.length > 0 && shares.every((share) => share >= 0) && sum <= 1 + 1e-9) return;
  throw new ConformalError("E_WEIGHTS", `graphical: ${name} must be >= 0 with a sum of at most 1`, index);
}

function positions(pValues: ArrayLike<number>, rejected: (p: number) => boolean): number[] {
  return Array.from(pValues, (p, i) => (rejected(p) ? i : -1)).filter((i) => i >= 0);
}
