import { checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { ConceptBounds } from "./concepts.ts";
import { gaussianNoise } from "./gaussianNoise.ts";
import { checkSmoothing, shifted, smoothedBounds, smoothedMeanBounds } from "./smoothing.ts";

/**
 * A model of one or more concepts. Gets `count` inputs one after the other in a buffer `[count, dimension]` that is
 * written to again after the call, and gives a value in [0, 1] for each input and concept, `[count, concepts]`, or a
 * Promise of it.
 */
export type ConceptModel = (inputs: Float64Array, count: number) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Options of `certifyConcepts`. */
export interface CertifyConceptsOptions {
  /** Number of noisy copies, such as 1,000 to 100,000. */
  readonly samples: number;
  /** Standard deviation of the noise in each coordinate, > 0. */
  readonly sigma: number;
  /** Largest l2 change of the input that the bounds allow for, >= 0. */
  readonly radius: number;
  /** Allowed probability that any bound on any concept of this input is wrong; concepts share it evenly. */
  readonly failure: number;
  /**
   * `"votes"`: a value of at least 1/2 is a yes, the smoothed concept is the probability of a yes (Clopper-Pearson
   * bounds). `"mean"`, `"mean-bernstein"`: it is the mean value (Hoeffding or empirical Bernstein). Default `"votes"`.
   */
  readonly smoothing?: "votes" | "mean" | "mean-bernstein";
  /** Whole number >= 0; the noise is a function of it and of the input. Keep it from an attacker. Default 0. */
  readonly seed?: number;
  /** Copies per call of a model. Default 250. */
  readonly batch?: number;
  /** Called after each batch with the number of copies done and their total. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops between two batches: the Promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The smoothed concepts of one input, with certified bounds. */
export interface CertifiedConcepts extends ConceptBounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Vote shares or means on the noisy copies: the estimated probabilities of the smoothed concepts. */
  readonly estimate: Float64Array;
  readonly radius: number;
  readonly samples: number;
  /** Probability that any of the bounds is wrong is at most this. */
  readonly failure: number;
  /**
   * Bounds at another radius from the same copies, without new calls: at 0, confidence intervals at the input itself.
   * Bounds at all radii hold together, because they come from the same intervals.
   */
  atRadius(radius: number): { readonly lower: Float64Array; readonly upper: Float64Array };
}

/**
 * Certifies concepts by randomised smoothing: evaluates the models on noisy copies of an input, and bounds the smoothed
 * probability of every concept for all inputs within an l2 radius.
 *
 * @param models in the order of the concepts; a model may give several
 * @param x the input, without NaN
 * @throws ConformalError E_RANGE, E_SIGMA, E_ALPHA, E_NAN; E_LENGTH when a model's answer has no whole number of
 *   concepts or changes it; E_PROBS when an answer is outside [0, 1] (index: the model)
 */
export async function certifyConcepts(
  models: readonly ConceptModel[],
  x: ArrayLike<number>,
  options: CertifyConceptsOptions,
): Promise<CertifiedConcepts> {
  const where = "certifyConcepts";
  const { samples, sigma, radius, failure, smoothing = "votes", seed = 0, batch = 250, onProgress, signal } = options;
  checkSmoothing(where, options);
  checkWhole(where, "batch", batch, 1);
  if (smoothing !== "votes" && smoothing !== "mean" && smoothing !== "mean-bernstein") {
    throw new ConformalError("E_RANGE", `${where}: unknown smoothing ${JSON.stringify(smoothing)}`);
  }
  if (smoothing === "mean-bernstein") checkWhole(where, "samples", samples, 2);
  if (models.length === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one model, got none`);
  const input = Float64Array.from(x);
  const nan = input.findIndex(Number.isNaN);
  if (nan >= 0) throw new ConformalError("E_NAN", `${where}: x[${nan}] is NaN`, nan);
  const noise = gaussianNoise(seed, input);
  const tallies: Tally[][] = [];
  const copies = new Float64Array(Math.min(batch, samples) * input.length);
  for (let done = 0; done < samples; ) {
    signal?.throwIfAborted();
    const count = Math.min(batch, samples - done);
    const inputs = copies.subarray(0, count * input.length);
    for (let i = 0; i < count; i++) {
      const start = i * input.length;
      for (let k = 0; k < input.length; k++) inputs[start + k] = (input[k] as number) + sigma * noise();
    }
    for (const [m, model] of models.entries()) {
      const values = await model(inputs, count);
      tallies[m] ??= newTallies(values.length / count, m);
      addAnswers(tallies[m], values, count, smoothing, m);
    }
    done += count;
    onProgress?.(done, samples);
  }
  const all = tallies.flat();
  const each = { samples, sigma, failure: failure / all.length };
  const intervals = all.map(({ mean, squares, votes }) => {
    if (smoothing === "votes") return smoothedBounds({ ...each, radius: 0, votes });
    const variance = squares / (samples - 1);
    return smoothedMeanBounds({ ...each, radius: 0, mean, ...(smoothing === "mean" ? {} : { variance }) });
  });
  const boundsAt = (at: number): { lower: Float64Array; upper: Float64Array } => {
    checkSmoothing("atRadius", { ...each, radius: at });
    const found = intervals.map((at0) => shifted(at0.lowerAtInput, at0.upperAtInput, { ...each, radius: at }));
    return {
      lower: Float64Array.from(found, (bound) => bound.lower),
      upper: Float64Array.from(found, (bound) => bound.upper),
    };
  };
  return {
    ...boundsAt(radius),
    estimate: Float64Array.from(all, ({ mean, votes }) => (smoothing === "votes" ? votes / samples : mean)),
    radius,
    samples,
    failure,
    atRadius: boundsAt,
  };
}

/** Running mean and sum of squared deviations (Welford), and votes. */
interface Tally {
  count: number;
  mean: number;
  squares: number;
  votes: number;
}

function newTallies(concepts: number, model: number): Tally[] {
  if (!Number.isInteger(concepts) || concepts === 0) {
    const message = `certifyConcepts: model ${model} must give the same number of values for each input`;
    throw new ConformalError("E_LENGTH", message, model);
  }
  return Array.from({ length: concepts }, () => ({ count: 0, mean: 0, squares: 0, votes: 0 }));
}

function addAnswers(
  tallies: readonly Tally[],
  values: ArrayLike<number>,
  count: number,
  smoothing: string,
  model: number,
): void {
  checkLength("certifyConcepts", `the answer of model ${model}`, values.length, count * tallies.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!(value >= 0 && value <= 1)) {
      const code = Number.isNaN(value) ? "E_NAN" : "E_PROBS";
      throw new ConformalError(code, `certifyConcepts: model ${model} must give values in [0, 1], got ${value}`, model);
    }
    const tally = tallies[i % tallies.length] as Tally;
    if (smoothing === "votes") {
      if (value >= 0.5) tally.votes++;
      continue;
    }
    tally.count++;
    const step = value - tally.mean;
    tally.mean += step / tally.count;
    tally.squares += step * (value - tally.mean);
  }
}
