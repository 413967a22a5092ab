import { decodeNumber, encodeNumber, type JsonNumber } from "../base/json.ts";
import { ConformalError } from "../base/errors.ts";
import { checkLength, checkWhole } from "../base/checks.ts";
import { type Quantile, quantileOfCopy } from "../quantile/quantile.ts";
import { conformalRank } from "../quantile/rank.ts";
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
  | { readonly quantiles: readonly { readonly value: JsonNumber; readonly rank: number; readonly n: number }[] }
  | { readonly scores: readonly (readonly JsonNumber[])[]; readonly weights: readonly JsonNumber[] };

/** A cell without weights: its quantiles are the same for every test point. */
export function plainCell(n: number, quantiles: readonly Quantile[]): Cell {
  const fixed = Object.freeze(quantiles);
  return {
    n,
    quantiles: () => fixed,
    toJSON: () => ({
      quantiles: fixed.map(({ value, rank, n: count }) => ({ value: encodeNumber(value), rank, n: count })),
    }),
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
  const saved = record(where, name, json);
  if ("weights" in saved) {
    const weights = numbers(where, `${name}.weights`, saved["weights"]);
    const scores = list(where, `${name}.scores`, saved["scores"], alphas.length).map((tail, t) => {
      const values = numbers(where, `${name}.scores[${t}]`, tail);
      checkLength(where, `${name}.scores[${t}]`, values.length, weights.length);
      return values;
    });
    return weightedCell(scores, weights, alphas);
  }
  const entries = list(where, `${name}.quantiles`, saved["quantiles"], alphas.length);
  const quantiles = entries.map((entry, t) =>
    quantileFromJSON(where, `${name}.quantiles[${t}]`, entry, alphas[t] as number),
  );
  return plainCell((quantiles[0] as Quantile).n, quantiles);
}

function quantileFromJSON(where: string, name: string, entry: unknown, alpha: number): Quantile {
  const saved = record(where, name, entry);
  const value = decodeNumber(where, `${name}.value`, saved["value"]);
  const rank = decodeNumber(where, `${name}.rank`, saved["rank"]);
  const n = decodeNumber(where, `${name}.n`, saved["n"]);
  checkWhole(where, `${name}.n`, n, 1);
  // A hand-edited rank or threshold must not pass for a guarantee.
  if (rank !== conformalRank(n, alpha) || (rank === n + 1 && value !== Infinity)) {
    throw new ConformalError("E_JSON", `${where}: ${name} doesn't belong to alpha = ${alpha} and n = ${n}`);
  }
  const quantile = { value, rank, n, finite: Number.isFinite(value), level: rank / (n + 1) };
  return Object.freeze(rank === n + 1 ? { ...quantile, reason: "too-few-calibration" as const } : quantile);
}

/** Throws E_JSON unless a value is a plain object. */
export function record(where: string, name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ConformalError("E_JSON", `${where}: ${name} must be an object, got ${JSON.stringify(value)}`);
}

/** Throws E_JSON unless a value is a list, of the given length where one is given. */
export function list(where: string, name: string, value: unknown, length?: number): readonly unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  throw new ConformalError("E_JSON", `${where}: ${name} must be a list${length === undefined ? "" : ` of ${length}`}`);
}

function numbers(where: string, name: string, value: unknown): Float64Array {
  return Float64Array.from(list(where, name, value), (entry, i) => decodeNumber(where, `${name}[${i}]`, entry));
}
