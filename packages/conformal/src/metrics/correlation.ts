import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type Region, checkSizes, regionSize } from "./region.ts";

/** How sizes and errors go together; both are NaN when one of the two is the same for all examples. */
export interface SizeErrorCorrelation {
  /** Correlation of the values; NaN too when a size or an error is infinite. */
  readonly pearson: number;
  /** Correlation of the ranks, equal values sharing their mean rank: infinite values are no problem. */
  readonly spearman: number;
}

/**
 * Do larger regions go with larger errors? Correlations in [-1, 1] between the size of each region and an error of the
 * point prediction that you give: `|y - prediction|`, or 1 where the most probable label is wrong. Near 0 says that the
 * sizes carry no information about difficulty, as with intervals of constant width (there NaN).
 *
 * @param regions sets of labels or intervals `[n]`
 * @param errors one number for each `[n]`
 * @throws ConformalError E_LENGTH, E_RANGE for no regions at all, E_NAN
 */
export function sizeErrorCorrelation(regions: readonly Region[], errors: ArrayLike<number>): SizeErrorCorrelation {
  const where = "sizeErrorCorrelation";
  checkSizes(where, regions);
  checkLength(where, "errors", errors.length, regions.length);
  const sizes = Float64Array.from(regions, regionSize);
  const values = Float64Array.from(errors);
  const bad = values.findIndex(Number.isNaN);
  if (bad >= 0) throw new ConformalError("E_NAN", `${where}: errors[${bad}] is NaN`, bad);
  return { pearson: pearson(sizes, values), spearman: pearson(ranks(sizes), ranks(values)) };
}

function pearson(x: Float64Array, y: Float64Array): number {
  const meanX = mean(x);
  const meanY = mean(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = (x[i] as number) - meanX;
    const dy = (y[i] as number) - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const same = x.every((value) => value === x[0]) || y.every((value) => value === y[0]);
  return same ? Number.NaN : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Ranks 1..n; equal values get the mean of theirs. */
function ranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i);
  const at = (position: number): number => values[order[position] as number] as number;
  order.sort((a, b) => {
    const x = values[a] as number;
    const y = values[b] as number;
    return x < y ? -1 : x > y ? 1 : 0;
  });
  const result = new Float64Array(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && at(to) === at(from)) to++;
    for (let k = from; k < to; k++) result[order[k] as number] = (from + to + 1) / 2;
  }
  return result;
}
