import { checkAtLeast, checkLevel, checkWhole } from "../base/checks.ts";
import { clopperPearson } from "../base/binomial.ts";
import { ConformalError } from "../base/errors.ts";
import { normalCdf, normalQuantile } from "../base/normal.ts";

/** Certified bounds on a smoothed probability. */
export interface SmoothedBounds {
  /** Bounds that hold together, for every input within the radius, with probability at least `1 - failure`. */
  readonly lower: number;
  readonly upper: number;
  /** The same bounds at the input itself: a confidence interval, before the shift by the radius. */
  readonly lowerAtInput: number;
  readonly upperAtInput: number;
  readonly failure: number;
}

/** What both kinds of smoothed bounds need. */
export interface SmoothingOptions {
  /** Number of noisy copies that were evaluated. */
  readonly samples: number;
  /** Standard deviation of the Gaussian noise in every coordinate, > 0. */
  readonly sigma: number;
  /** Largest l2 distance of the inputs that the bounds speak about, >= 0. 0: the input itself. */
  readonly radius: number;
  /** Allowed probability that either bound is wrong, over the noise; each side gets half. In (0, 1). */
  readonly failure: number;
}

/** Options of `smoothedBounds`. */
export interface SmoothedBoundsOptions extends SmoothingOptions {
  /** How many of the copies the model said yes to, 0..samples. */
  readonly votes: number;
}

/** Options of `smoothedMeanBounds`. */
export interface SmoothedMeanBoundsOptions extends SmoothingOptions {
  /** Mean of the model's values on the copies, each of them in [0, 1]. */
  readonly mean: number;
  /** Their sample variance (divided by samples - 1). With it, the bounds are empirical Bernstein ones. */
  readonly variance?: number;
}

/**
 * Randomised smoothing of a model that says yes or no: bounds on the probability that it says yes to a noisy copy of
 * any input within an l2 ball. The vote share gets exact one-sided Clopper-Pearson bounds; the quantile function of the
 * normal law turns a smoothed probability into a function with slope at most `1/sigma`, so they move by `radius/sigma`:
 * `Phi(PhiInverse(bound) -+ radius / sigma)`.
 *
 * The noise must be independent of how the input was chosen: an attacker must not know the seed.
 *
 * @throws ConformalError E_RANGE, E_ALPHA for `failure`, E_SIGMA
 * @see Cohen, Rosenfeld, Kolter, Certified adversarial robustness via randomized smoothing (2019)
 */
export function smoothedBounds(options: SmoothedBoundsOptions): SmoothedBounds {
  const { votes, samples, failure } = options;
  checkSmoothing("smoothedBounds", options);
  const { lower, upper } = clopperPearson(votes, samples, failure / 2);
  return shifted(lower, upper, options);
}

/**
 * Randomised smoothing of a model with values in [0, 1], such as a probability: bounds on the mean over noisy copies of
 * any input within an l2 ball. The mean gets Hoeffding bounds, or with `variance` empirical Bernstein ones (Maurer and
 * Pontil 2009, theorem 4), which are narrower when the values hardly vary and there are many; then the same shift as in
 * `smoothedBounds`. Choose by the kind of model, not by which comes out narrower: taking the better of two bounds
 * costs the failure probability of both.
 *
 * @throws ConformalError E_RANGE, E_NAN, E_ALPHA for `failure`, E_SIGMA
 * @see Salman et al., Provably robust deep learning via adversarially trained smoothed classifiers (2019), lemma 2
 */
export function smoothedMeanBounds(options: SmoothedMeanBoundsOptions): SmoothedBounds {
  const where = "smoothedMeanBounds";
  const { mean, variance, samples, failure } = options;
  checkSmoothing(where, options);
  if (Number.isNaN(mean)) throw new ConformalError("E_NAN", `${where}: mean is NaN`);
  if (!(mean >= 0 && mean <= 1)) throw new ConformalError("E_RANGE", `${where}: mean must be in [0, 1], got ${mean}`);
  let half: number;
  if (variance === undefined) {
    half = Math.sqrt(Math.log(2 / failure) / (2 * samples));
  } else {
    if (!(variance >= 0 && variance < Infinity)) {
      throw new ConformalError("E_RANGE", `${where}: variance must be >= 0, got ${variance}`);
    }
    checkWhole(where, "samples", samples, 2);
    const log = Math.log(4 / failure);
    half = Math.sqrt((2 * variance * log) / samples) + (7 * log) / (3 * (samples - 1));
  }
  return shifted(Math.max(0, mean - half), Math.min(1, mean + half), options);
}

/** The normal law and its inverse are good to a few 1e-13 relative, also composed; bounds give way by more than that. */
const MARGIN = 1e-12;

/** The bounds at a radius that come from a confidence interval at the input. */
export function shifted(
  lower: number,
  upper: number,
  { radius, sigma, failure }: Omit<SmoothingOptions, "samples">,
): SmoothedBounds {
  const shift = (p: number, by: number): number => (by === 0 ? p : normalCdf(normalQuantile(p) + by));
  const by = radius / sigma;
  const low = shift(lower, -by);
  // The upper end is the mirror image of a lower one, so that probabilities near 1 keep their digits.
  const high = 1 - shift(1 - upper, -by) * (1 - MARGIN);
  return {
    lower: low * (1 - MARGIN),
    upper: Math.min(1, high + (high < 1 ? 2 ** -53 : 0)),
    lowerAtInput: lower,
    upperAtInput: upper,
    failure,
  };
}

export function checkSmoothing(where: string, { samples, sigma, radius, failure }: SmoothingOptions): void {
  checkWhole(where, "samples", samples, 1);
  if (!(sigma > 0 && sigma < Infinity)) {
    throw new ConformalError("E_SIGMA", `${where}: sigma must be positive and finite, got ${sigma}`);
  }
  checkAtLeast(where, "radius", radius, 0);
  checkLevel(where, "failure", failure);
}
