import { ConformalError } from "../../base/errors.ts";
import { checkFunction } from "../checks.ts";

/** A fitted model: the prediction for a row. */
export type FittedModel<Row> = (row: Row) => number;

/**
 * Fits a model to rows and their targets. Must not depend on the order of the rows, or the guarantee is lost. May be
 * asynchronous for `calibrateAsync`.
 */
export type FitModel<Row> = (
  rows: readonly Row[],
  targets: Float64Array,
) => FittedModel<Row> | Promise<FittedModel<Row>>;

/** Options of `calibrateAsync`. */
export interface CalibrateAsyncOptions {
  /** Called after each fit with the number of fits done and their total. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops before the next fit, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Which points each fit sees: a list of positions, not necessarily distinct, for each fit. */
export type TrainingSets = readonly (() => Int32Array)[];

/** Fits every training set, one after the other; the next one is built when its turn comes. */
export function fitAll<Row>(
  where: string,
  fit: FitModel<Row>,
  rows: readonly Row[],
  targets: Float64Array,
  sets: TrainingSets,
): FittedModel<Row>[] {
  return sets.map((set, j) => {
    const model = fitOne(fit, rows, targets, set());
    if (model instanceof Promise) {
      model.catch(() => undefined);
      throw new ConformalError("E_RANGE", `${where}: fit returned a promise; use calibrateAsync`, j);
    }
    checkFunction(where, `what fit returns (fit ${j})`, model);
    return model;
  });
}

/** The same, waiting for each fit. */
export async function fitAllAsync<Row>(
  where: string,
  fit: FitModel<Row>,
  rows: readonly Row[],
  targets: Float64Array,
  sets: TrainingSets,
  { onProgress, signal }: CalibrateAsyncOptions,
): Promise<FittedModel<Row>[]> {
  const models: FittedModel<Row>[] = [];
  for (const set of sets) {
    signal?.throwIfAborted();
    const model = await fitOne(fit, rows, targets, set());
    checkFunction(where, `what fit returns (fit ${models.length})`, model);
    models.push(model);
    onProgress?.(models.length, sets.length);
  }
  signal?.throwIfAborted();
  return models;
}

function fitOne<Row>(
  fit: FitModel<Row>,
  rows: readonly Row[],
  targets: Float64Array,
  set: Int32Array,
): FittedModel<Row> | Promise<FittedModel<Row>> {
  return fit(
    Array.from(set, (i) => rows[i] as Row),
    Float64Array.from(set, (i) => targets[i] as number),
  );
}
