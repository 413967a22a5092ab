const SQRT_2PI = Math.sqrt(2 * Math.PI);
/** Beyond this the series loses more digits than the continued fraction needs steps. */
const SERIES_LIMIT = 3;

/** The standard normal density. */
function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / SQRT_2PI;
}

/**
 * The standard normal distribution function, to about 1e-13 relative in both tails: near 0 by the series
 * `1/2 + density(x) (x + x^3/3 + x^5/15 + ...)`, further out by the continued fraction of Mills' ratio.
 *
 * @see Marsaglia, Evaluating the normal distribution (2004); Abramowitz and Stegun, 26.2.11 and 26.2.14
 */
export function normalCdf(x: number): number {
  if (x > SERIES_LIMIT) return 1 - upperTail(x);
  if (x < -SERIES_LIMIT) return upperTail(-x);
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + normalDensity(x) * sum;
}

/** `P(Z > x)` for x > 3, from the inside of the fraction outward: 60 levels are plenty there. */
function upperTail(x: number): number {
  if (x > 40) return 0;
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + k / fraction;
  return normalDensity(x) / fraction;
}

/**
 * The standard normal quantile of a probability in [0, 1]; -Infinity at 0 and Infinity at 1. A rational first guess
 * (Abramowitz and Stegun, 26.2.23) and Halley's steps.
 */
export function normalQuantile(probability: number): number {
  if (probability <= 0) return -Infinity;
  if (probability >= 1) return Infinity;
  if (probability === 0.5) return 0;
  if (probability > 0.5) return -lowerQuantile(1 - probability);
  return lowerQuantile(probability);
}

function lowerQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(probability));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  let x = above / below - t;
  for (let step = 0; step < 4; step++) {
    const newton = (normalCdf(x) - probability) / normalDensity(x);
    x -= newton / (1 + (x * newton) / 2);
  }
  return x;
}
