import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type JsonNumber, decodeNumber, encodeNumber } from "../base/json.ts";
import { readRecord } from "../base/savedRecord.ts";
import type { Quantile } from "./quantile.ts";
import { conformalRank } from "./rank.ts";

/** What is saved of an unweighted quantile; the rest follows from alpha. */
export interface QuantileJSON {
  readonly value: JsonNumber;
  readonly rank: number;
  readonly n: number;
}

/** An unweighted quantile as plain data. */
export function saveQuantile({ value, rank, n }: Quantile): QuantileJSON {
  return { value: encodeNumber(value), rank, n };
}

/** Reads what `saveQuantile` wrote, for scores without a largest value; E_JSON, E_RANGE for anything else. */
export function readQuantile(where: string, name: string, saved: unknown, alpha: number): Quantile {
  const fields = readRecord(where, name, saved);
  const value = decodeNumber(where, `${name}.value`, fields["value"]);
  const rank = decodeNumber(where, `${name}.rank`, fields["rank"]);
  const n = decodeNumber(where, `${name}.n`, fields["n"]);
  checkWhole(where, `${name}.n`, n, 0);
  // A hand-edited rank or threshold must not pass for a guarantee.
  if (rank !== conformalRank(n, alpha) || (rank === n + 1 && value !== Infinity)) {
    throw new ConformalError("E_JSON", `${where}: ${name} doesn't belong to alpha = ${alpha} and n = ${n}`);
  }
  const quantile = { value, rank, n, finite: Number.isFinite(value), level: rank / (n + 1) };
  return Object.freeze(rank === n + 1 ? { ...quantile, reason: "too-few-calibration" as const } : quantile);
}
