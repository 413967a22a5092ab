import { checkFinite, checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";

/** Options of `isotonicRegression`. */
export interface IsotonicRegressionOptions {
  /** Weights `[n]`, positive and finite. Default all 1. */
  readonly weights?: ArrayLike<number>;
}

/**
 * The nondecreasing sequence `[n]` that is nearest to the values in (weighted) least squares, by pooling adjacent
 * violators: `O(n)`.
 *
 * @param values `[n]`, finite, in the order of whatever they should rise with
 * @throws ConformalError E_NAN, E_RANGE, E_LENGTH, E_WEIGHTS
 * @see Ayer, Brunk, Ewing, Reid, Silverman, An empirical distribution function for sampling with incomplete
 *   information (1955)
 */
export function isotonicRegression(values: ArrayLike<number>, options: IsotonicRegressionOptions = {}): Float64Array {
  const { weights } = options;
  const where = "isotonicRegression";
  const n = values.length;
  if (weights !== undefined) checkLength(where, "weights", weights.length, n);
  // One entry for each block of equal fitted values.
  const sums = new Float64Array(n);
  const masses = new Float64Array(n);
  const ends = new Uint32Array(n);
  let blocks = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i] as number;
    checkFinite(where, `values[${i}]`, value, i);
    let mass = weights === undefined ? 1 : (weights[i] as number);
    if (!(mass > 0 && mass < Infinity)) {
      const code = Number.isNaN(mass) ? "E_NAN" : "E_WEIGHTS";
      throw new ConformalError(code, `${where}: weights[${i}] must be positive and finite, got ${mass}`, i);
    }
    let sum = mass * value;
    while (blocks > 0 && (sums[blocks - 1] as number) / (masses[blocks - 1] as number) >= sum / mass) {
      blocks--;
      sum += sums[blocks] as number;
      mass += masses[blocks] as number;
    }
    sums[blocks] = sum;
    masses[blocks] = mass;
    ends[blocks] = i + 1;
    blocks++;
  }
  const fitted = new Float64Array(n);
  for (let block = 0, start = 0; block < blocks; block++) {
    const end = ends[block] as number;
    fitted.fill((sums[block] as number) / (masses[block] as number), start, end);
    start = end;
  }
  return fitted;
}
