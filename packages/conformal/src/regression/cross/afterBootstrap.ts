import { checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { uniformStream } from "../../base/random.ts";
import { checkFunction } from "../checks.ts";
import { type CrossMethod, type CrossRegressor, type CrossRegressorOptions, crossRegressor } from "./crossRegressor.ts";
import { plusEnds, plusLevel } from "./ends.ts";

/** Options of `jackknifePlusAfterBootstrap`. */
export interface JackknifePlusAfterBootstrapOptions<Row> extends CrossRegressorOptions<Row> {
  /** Number of models, each fitted to points drawn with replacement; on average, unless `fixedCount`. Default 50. */
  readonly bootstraps?: number;
  /** Points drawn for each model, a whole number >= 1. Default: as many as there are. */
  readonly sampleSize?: number;
  /** Makes one prediction of those of several models `[>= 1]`, in any order. Default: their mean. */
  readonly aggregate?: (predictions: Float64Array) => number;
  /** Fit exactly `bootstraps` models. Nothing is then promised in finite samples. Default false. */
  readonly fixedCount?: boolean;
  /** Seed of the draws, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/**
 * The jackknife+ after bootstrap: intervals for an ensemble of models fitted to bootstrap samples, at no fit beyond
 * those of the ensemble. The prediction without point i is the aggregate over the models whose sample lacks i; a point
 * that no sample lacks counts as an infinite residual. The guarantee of `1 - 2 alpha` needs the number of models to be
 * drawn as Binomial(B, (1 - 1/(n+1))^m) for samples of m, which is done with a mean of `bootstraps`.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Kim, Xu, Barber, Predictive inference is free with the jackknife+-after-bootstrap (2020), theorem 1
 */
export function jackknifePlusAfterBootstrap<Row>(
  options: JackknifePlusAfterBootstrapOptions<Row>,
): CrossRegressor<Row> {
  const where = "jackknifePlusAfterBootstrap";
  const { alpha, bootstraps = 50, sampleSize, aggregate = mean, fixedCount = false, seed = 0 } = options;
  checkWhole(where, "bootstraps", bootstraps, 1);
  checkWhole(where, "seed", seed, 0);
  if (sampleSize !== undefined) checkWhole(where, "sampleSize", sampleSize, 1);
  checkFunction(where, "aggregate", aggregate);
  const combine = (predictions: Float64Array): number => {
    const value = aggregate(predictions);
    if (Number.isFinite(value)) return value;
    const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
    throw new ConformalError(code, `${where}: aggregate gives ${value} for finite predictions`);
  };
  return crossRegressor(where, options, (n): CrossMethod => {
    const size = sampleSize ?? n;
    const uniform = uniformStream(seed);
    const count = fixedCount ? bootstraps : drawCount(n, size, bootstraps, uniform);
    const samples = Array.from({ length: count }, () =>
      Int32Array.from({ length: size }, () => Math.floor(uniform() * n)),
    );
    const unseen = unseenModels(samples, n);
    const level = fixedCount ? 0 : plusLevel(n, alpha);
    return {
      sets: samples.map((sample) => () => sample),
      unseenBy: (i) => unseen[i] as Int32Array,
      combine,
      rule: (residuals) => (predictions) => {
        const leftOut = new Float64Array(n);
        const scratch = new Float64Array(predictions.length);
        for (let i = 0; i < n; i++) {
          const models = unseen[i] as Int32Array;
          for (let j = 0; j < models.length; j++) scratch[j] = predictions[models[j] as number] as number;
          // With an infinite residual any prediction does.
          leftOut[i] = models.length === 0 ? 0 : combine(scratch.subarray(0, models.length));
        }
        return plusEnds((i) => leftOut[i] as number, residuals, alpha, level);
      },
      guarantee: fixedCount ? "none" : "marginal",
      level,
    };
  });
}

/** Draws to count, of which most come to nothing when samples are much larger than the data. */
const MOST_SAMPLES = 1e6;

/** A binomial number of models: those of B samples of n + 1 points that happen to lack the test point. */
function drawCount(n: number, size: number, bootstraps: number, uniform: () => number): number {
  let lacking = 1;
  for (let draw = 0; draw < size; draw++) lacking *= n / (n + 1);
  const samples = Math.round(bootstraps / lacking);
  if (samples > MOST_SAMPLES) {
    const hint = `samples of ${size} hardly ever lack one of ${n} points`;
    throw new ConformalError("E_RANGE", `jackknifePlusAfterBootstrap: sampleSize is too large, ${hint}`);
  }
  let count = 0;
  for (let sample = 0; sample < samples; sample++) if (uniform() < lacking) count++;
  return count;
}

/** For each point the samples that lack it. */
function unseenModels(samples: readonly Int32Array[], n: number): Int32Array[] {
  const held = samples.map((sample) => {
    const holds = new Uint8Array(n);
    for (const i of sample) holds[i] = 1;
    return holds;
  });
  const all = Int32Array.from(samples, (_, b) => b);
  return Array.from({ length: n }, (_, i) => all.filter((b) => (held[b] as Uint8Array)[i] === 0));
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
