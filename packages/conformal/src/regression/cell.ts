import { checkLength } from "../base/checks.ts";
import { encodeNumber, type JsonNumber } from "../base/json.ts";
import { readList, readNumbers, readRecord } from "../base/savedRecord.ts";
import { type Quantile, quantileOfCopy } from "../quantile/quantile.ts";
import { type QuantileJSON, readQuantile, saveQuantile } from "../quantile/savedQuantile.ts";
import { weightedQuantiles } from "../quantile/weightedQuantiles.ts";

/** What one group of calibration points (or all of them) says: the quantile of each tail, for a test weight. */
export interface Cell {
  /** Number of calibration points. */
  readonly n: number;
  quantiles(weight: number): readonly Quantile[];
  toJSON(): CellJSON;
}

/** A saved cell: its thresholds, or with weights the points that they are computed from. */
export type CellJSON =
  | { readonly quantiles: readonly QuantileJSON[] }
  | { readonly scores: readonly (readonly JsonNumber[])[]; readonly weights: readonly JsonNumber[] };

/** A cell without weights: its quantiles are the same for every test point. */
function plainCell(n: number, quantiles: readonly Quantile[]): Cell {
  const fixed = Object.freeze(quantiles);
  return {
    n,
    quantiles: () => fixed,
    toJSON: () => ({ quantiles: fixed.map(saveQuantile) }),
  };
}

/** The cell of scores `[tails][n]`, which may be reordered, at an alpha for each tail. */
export function cellOfScores(scores: readonly Float64Array[], alphas: readonly number[]): Cell {
  const quantiles = scores.map((tail, t) => quantileOfCopy(tail, alphas[t] as number, Infinity));
  return plainCell((scores[0] as Float64Array).length, quantiles);
}

/** The cell of weighted scores `[tails][n]`. */
export function weightedCell(scores: readonly Float64Array[], weights: Float64Array, alphas: readonly number[]): Cell {
  const tails = scores.map((tail, t) => weightedQuantiles(tail, weights, alphas[t] as number));
  return {
    n: weights.length,
    quantiles: (weight) => tails.map((quantileFor) => quantileFor(weight)),
    toJSON: () => {
      // In an order of their own, so that the order of the calibration points leaves no trace.
      const columns = [...scores, weights];
      const order = Array.from(weights, (_, i) => i).sort((a, b) => {
        for (const column of columns) {
          const difference = (column[a] as number) - (column[b] as number);
          if (difference !== 0) return difference;
        }
        return 0;
      });
      const written = columns.map((column) => order.map((i) => encodeNumber(column[i] as number)));
      return { scores: written.slice(0, -1), weights: written.at(-1) as JsonNumber[] };
    },
  };
}

/** The cell that `toJSON` wrote, every field checked. */
export function cellFromJSON(where: string, name: string, json: unknown, alphas: readonly number[]): Cell {
  const saved = readRecord(where, name, json);
  if ("weights" in saved) {
    const weights = readNumbers(where, `${name}.weights`, saved["weights"]);
    const scores = readList(where, `${name}.scores`, saved["scores"], alphas.length).map((tail, t) => {
      const values = readNumbers(where, `${name}.scores[${t}]`, tail);
      checkLength(where, `${name}.scores[${t}]`, values.length, weights.length);
      return values;
    });
    return weightedCell(scores, weights, alphas);
  }
  const entries = readList(where, `${name}.quantiles`, saved["quantiles"], alphas.length);
  const quantiles = entries.map((entry, t) =>
    readQuantile(where, `${name}.quantiles[${t}]`, entry, alphas[t] as number),
  );
  return plainCell((quantiles[0] as Quantile).n, quantiles);
}
