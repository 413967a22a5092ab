import { checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";

/**
 * Losses of calibration points at the candidate settings of a decision rule, `[points, settings]`: nested arrays or a
 * row-major buffer with its shape.
 */
export type LossMatrix =
  | readonly ArrayLike<number>[]
  | { readonly data: ArrayLike<number>; readonly shape: readonly [number, number] };

/** A loss matrix by columns, checked. */
export interface LossColumns {
  readonly points: number;
  /** One array of losses `[points]` for each setting. */
  readonly columns: readonly Float64Array[];
}

/**
 * The loss matrix of a loss function: row i holds the losses of point i at every setting.
 *
 * @param points number of calibration points
 * @param settings the settings, such as thresholds or whole configurations
 * @param loss the loss of a point at a setting
 * @throws ConformalError E_RANGE
 */
export function lossMatrix<T>(
  points: number,
  settings: readonly T[],
  loss: (point: number, setting: T) => number,
): { readonly data: Float64Array; readonly shape: readonly [number, number] } {
  checkWhole("lossMatrix", "points", points, 0);
  const data = new Float64Array(points * settings.length);
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < settings.length; j++) data[i * settings.length + j] = loss(i, settings[j] as T);
  }
  return { data, shape: [points, settings.length] };
}

/**
 * Checks losses and turns them into columns; an error carries the index of the first offending point.
 *
 * @param settings the number of settings that is expected, if one is
 * @param least, largest the range that losses must lie in
 * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 */
export function readLosses(
  where: string,
  losses: LossMatrix,
  { settings, least, largest }: { settings?: number; least: number; largest: number },
): LossColumns {
  const { rows, width, at } = accessOf(where, losses);
  if (rows === 0)
    throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one row of losses, got none`);
  if (settings !== undefined) checkLength(where, "every row of losses", width, settings);
  if (width === 0) throw new ConformalError("E_RANGE", `${where}: needs losses at one setting or more`);
  const columns = Array.from({ length: width }, () => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) {
      const loss = at(i, j);
      if (!(typeof loss === "number" && loss >= least && loss <= largest)) {
        const text = `${where}: losses[${i}][${j}] must be in [${least}, ${largest}], got ${loss}`;
        throw new ConformalError(Number.isNaN(loss) ? "E_NAN" : "E_RANGE", text, i);
      }
      (columns[j] as Float64Array)[i] = loss;
    }
  }
  return { points: rows, columns };
}

function accessOf(
  where: string,
  losses: LossMatrix,
): { rows: number; width: number; at: (i: number, j: number) => number } {
  if (Array.isArray(losses)) {
    const list = losses as readonly ArrayLike<number>[];
    const width = list[0]?.length ?? 0;
    list.forEach((row, i) => {
      checkLength(where, `losses[${i}]`, row.length, width);
    });
    return { rows: list.length, width, at: (i, j) => (list[i] as ArrayLike<number>)[j] as number };
  }
  const { data, shape } = losses as Exclude<LossMatrix, readonly unknown[]>;
  const [rows, width] = shape;
  checkLength(where, `the data of shape [${rows}, ${width}]`, data.length, rows * width);
  return { rows, width, at: (i, j) => data[i * width + j] as number };
}

/** Throws E_RANGE (E_NAN for NaN) unless the settings of a monotone loss ascend strictly. */
export function checkLambdas(where: string, lambdas: ArrayLike<number>): void {
  if (lambdas.length === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one lambda, got none`);
  for (let j = 0; j < lambdas.length; j++) {
    const lambda = lambdas[j] as number;
    if (typeof lambda !== "number" || Number.isNaN(lambda)) {
      throw new ConformalError("E_NAN", `${where}: lambdas[${j}] is not a number, got ${lambda}`, j);
    }
    if (j > 0 && !((lambdas[j - 1] as number) < lambda)) {
      throw new ConformalError("E_RANGE", `${where}: lambdas must ascend, but lambdas[${j}] is ${lambda}`, j);
    }
  }
}

/**
 * Makes sure that no loss rises with lambda: E_MONOTONE with the index of the first point whose losses do, or with
 * `monotonize` each loss becomes the largest one from its lambda on, which is never smaller.
 */
export function makeMonotone(where: string, { points, columns }: LossColumns, monotonize: boolean): void {
  if (monotonize) {
    for (let j = columns.length - 2; j >= 0; j--) {
      const column = columns[j] as Float64Array;
      const right = columns[j + 1] as Float64Array;
      for (let i = 0; i < points; i++) column[i] = Math.max(column[i] as number, right[i] as number);
    }
    return;
  }
  for (let i = 0; i < points; i++) {
    for (let j = 1; j < columns.length; j++) {
      if ((columns[j] as Float64Array)[i]! > (columns[j - 1] as Float64Array)[i]!) {
        const text = `${where}: losses[${i}] must not rise with lambda, but does from ${j - 1} to ${j}; `;
        throw new ConformalError("E_MONOTONE", `${text}pass monotonize: true to take the largest later loss`, i);
      }
    }
  }
}

/** The sum of a column. */
export function sumOf(column: Float64Array): number {
  let sum = 0;
  for (const loss of column) sum += loss;
  return sum;
}

/** The index of the first loss above a limit; -1 if there is none. */
export function firstAbove(column: Float64Array, limit: number): number {
  return column.findIndex((loss) => loss > limit);
}

/** Throws E_ALPHA unless a wanted risk is positive and below the bound of the losses. */
export function checkRisk(where: string, alpha: number, bound: number): void {
  if (typeof alpha === "number" && alpha > 0 && alpha < bound) return;
  throw new ConformalError("E_ALPHA", `${where}: alpha must be above 0 and below the bound ${bound}, got ${alpha}`);
}
