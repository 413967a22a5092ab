import { checkLevel } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";

/** p-values this close above a limit (relative) are at it: rounding put them there. */
const SNAP = 1e-9;

/** Options of `benjaminiHochberg`. */
export interface BenjaminiHochbergOptions {
  /**
   * Storey's correction with this lambda, strictly between 0 and 1 (0.5 is usual): the share of true nulls is estimated
   * as `(1 + #{p > lambda}) / (m (1 - lambda))` and the limits are divided by it. More selections where many nulls are
   * false. The guarantee needs independent p-values, or conformal ones with a whole `lambda (n + 1)`.
   */
  readonly storey?: number;
  /**
   * `"positive"` (default): the p-values are independent, or depend on each other as conformal ones do. `"any"`: the
   * limits are divided by `1 + 1/2 + ... + 1/m` (Benjamini and Yekutieli 2001), right for any dependence.
   */
  readonly dependence?: "positive" | "any";
}

/** What `benjaminiHochberg` selected. */
export interface Discoveries {
  /** Positions of the selected p-values, ascending. */
  readonly selected: readonly number[];
  /** The limit: exactly the p-values up to it are selected. 0 when nothing is. */
  readonly threshold: number;
  /** For each p-value `[m]`, the least q at which it would be selected; at most 1. */
  readonly adjusted: Float64Array;
  /** Storey's estimate of the share of true nulls, which may exceed 1; 1 without it. */
  readonly pi0: number;
  readonly q: number;
  readonly guarantee: Extract<Guarantee, "fdr">;
}

/**
 * The procedure of Benjamini and Hochberg: selects the k smallest p-values for the largest k with `p_(k) <= q k / m`.
 * The false discovery rate, the expected share of true nulls among the selected, is then at most q times the share of
 * true nulls, for independent p-values and for the conservative p-values of `outlierPValues`.
 *
 * @param pValues `[m]`, each in [0, 1]
 * @param q allowed false discovery rate, strictly between 0 and 1
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 * @see Benjamini, Hochberg, Controlling the false discovery rate (1995); Bates, Candès, Lei, Romano, Sesia, Testing for
 *   outliers with conformal p-values (2023), for conformal p-values
 */
export function benjaminiHochberg(
  pValues: ArrayLike<number>,
  q: number,
  options: BenjaminiHochbergOptions = {},
): Discoveries {
  const { storey, dependence = "positive" } = options;
  const where = "benjaminiHochberg";
  checkLevel(where, "q", q);
  const m = pValues.length;
  for (let i = 0; i < m; i++) {
    const p = pValues[i] as number;
    if (Number.isNaN(p)) throw new ConformalError("E_NAN", `${where}: pValues[${i}] is NaN`, i);
    if (!(p >= 0 && p <= 1))
      throw new ConformalError("E_RANGE", `${where}: pValues[${i}] must be in [0, 1], got ${p}`, i);
  }
  if (dependence !== "positive" && dependence !== "any") {
    throw new ConformalError("E_RANGE", `${where}: dependence must be "positive" or "any", got ${String(dependence)}`);
  }
  if (storey !== undefined && dependence === "any") {
    throw new ConformalError("E_RANGE", `${where}: Storey's correction is not valid under any dependence`);
  }
  if (storey !== undefined) checkLevel(where, "storey", storey);

  const pi0 = storey === undefined ? 1 : storeyShare(pValues, storey);
  const factor = m * pi0 * (dependence === "any" ? harmonic(m) : 1);
  const order = Uint32Array.from({ length: m }, (_, i) => i);
  order.sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = new Float64Array(m);
  let count = 0;
  let least = 1;
  for (let k = m; k > 0; k--) {
    const i = order[k - 1] as number;
    const p = pValues[i] as number;
    least = Math.min(least, (p * factor) / k);
    adjusted[i] = least;
    if (count === 0 && p * factor <= q * k * (1 + SNAP)) count = k;
  }
  const selected = Array.from(order.subarray(0, count)).sort((a, b) => a - b);
  const largest = count === 0 ? 0 : (pValues[order[count - 1] as number] as number);
  const threshold = count === 0 ? 0 : Math.max(largest, (q * count) / factor);
  return Object.freeze({ selected, threshold, adjusted, pi0, q, guarantee: "fdr" as const });
}

function storeyShare(pValues: ArrayLike<number>, lambda: number): number {
  let large = 0;
  for (let i = 0; i < pValues.length; i++) if ((pValues[i] as number) > lambda * (1 + SNAP)) large++;
  return (1 + large) / (pValues.length * (1 - lambda));
}

function harmonic(m: number): number {
  let sum = 0;
  for (let k = m; k > 0; k--) sum += 1 / k;
  return sum;
}
