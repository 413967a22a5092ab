import { ConformalError } from "../base/errors.ts";
import type { RankOrdering } from "./rankOrderings.ts";
import type { ScoreStatistic } from "./scoreStatistics.ts";

/** What is known of all the rank vectors that share one value of the rank ordering. */
export interface Cell {
  /** How many there are. */
  count: bigint;
  /** Largest statistic of the calibration scores at these ranks. */
  most: number;
  /** Smallest statistic of the calibration scores just below these ranks. */
  least: number;
}

/** What to build up, and how far. */
export interface Composition {
  readonly m: number;
  readonly phi: ScoreStatistic;
  readonly psi: RankOrdering;
  readonly maxStates: number;
}

/**
 * The cells of all rank vectors of length m, in ascending order of the rank ordering. Ranks are offered from the
 * smallest up, each any number of times, so that every sorted vector is built exactly once and in order.
 *
 * @param sorted scores `[n + 2]` with the ends of the range around them
 */
export function compositionTable(where: string, sorted: Float64Array, composition: Composition): Cell[] {
  const { m, phi, psi, maxStates } = composition;
  const n = sorted.length - 2;
  const tables = Array.from({ length: m + 1 }, () => new Map<number, Cell>());
  (tables[0] as Map<number, Cell>).set(psi.start, { count: 1n, most: phi.start, least: phi.start });
  for (let rank = 1; rank <= n + 1; rank++) {
    const above = sorted[rank] as number;
    const below = sorted[rank - 1] as number;
    for (let position = 1; position <= m; position++) {
      const table = tables[position] as Map<number, Cell>;
      for (const [state, { count, most, least }] of tables[position - 1] as Map<number, Cell>) {
        const value = psi.step(state, rank, position, m, n);
        const cell = table.get(value) ?? { count: 0n, most: -Infinity, least: Infinity };
        cell.count += count;
        cell.most = Math.max(cell.most, monotoneStep(where, phi, most, below, above, position, m));
        cell.least = Math.min(cell.least, phi.step(least, below, position, m));
        if (Number.isNaN(value) || Number.isNaN(cell.most) || Number.isNaN(cell.least)) {
          throw new ConformalError("E_NAN", `${where}: phi or psi is NaN at rank ${rank}, position ${position}`);
        }
        table.set(value, cell);
      }
      if (table.size > maxStates) {
        const message = `${where}: psi takes more than ${maxStates} values at position ${position}`;
        throw new ConformalError("E_RANGE", message);
      }
    }
  }
  const last = [...(tables[m] as Map<number, Cell>)];
  return last.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

/** One step of the statistic, which must not be smaller than the step with a smaller score. */
function monotoneStep(
  where: string,
  phi: ScoreStatistic,
  value: number,
  below: number,
  above: number,
  position: number,
  m: number,
): number {
  const stepped = phi.step(value, above, position, m);
  // The end of the range may be infinite, where a statistic need not make sense.
  if (Number.isFinite(below) && phi.step(value, below, position, m) > stepped) {
    const message = `${where}: phi must not fall as a score rises, but does from ${below} to ${above}`;
    throw new ConformalError("E_MONOTONE", message);
  }
  return stepped;
}
