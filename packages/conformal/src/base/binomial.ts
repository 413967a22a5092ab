import { checkAlpha, checkWhole } from "./checks.ts";
import { ConformalError } from "./errors.ts";

/** `log(k!) - log(sqrt(2 pi k) (k/e)^k)` for small k, where Stirling's series is not good enough. */
const STIRLING_ERRORS = [
  0, 0.0810614667953272582, 0.0413406959554092941, 0.0276779256849983391, 0.020790672103765093, 0.0166446911898211922,
  0.013876128823070748, 0.0118967099458917701, 0.0104112652619720965, 0.00925546218271273292, 0.00833056343336287126,
  0.00757367548795184079, 0.00694284010720952987, 0.00640899418800420707, 0.00595137011275884774,
  0.00555473355196280137,
];

function stirlingError(k: number): number {
  const exact = STIRLING_ERRORS[k];
  if (exact !== undefined) return exact;
  const s = 1 / (k * k);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / k;
}

/** `x log(x/m) + m - x`, without cancellation where x is near m. */
function deviance(x: number, m: number): number {
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let term = 2 * x * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = sum + term / j;
    if (next === sum) return sum;
    sum = next;
  }
}

/**
 * `P(X = k)` for X binomial, to a few rounding errors also for large n.
 *
 * @see Loader, Fast and accurate computation of binomial probabilities (2000): the saddle-point form
 */
export function binomialProbability(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p === 0) return k === 0 ? 1 : 0;
  if (p === 1) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const corrections = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  const exponent = corrections - deviance(k, n * p) - deviance(n - k, n * (1 - p));
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

/** `P(X <= k)` for X binomial. The tail that does not hold the mean is summed, from its largest term outward. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return k < n * p ? lowerTail(k, n, p) : 1 - lowerTail(n - k - 1, n, 1 - p);
}

/** `P(X >= k)` for X binomial. */
export function binomialUpperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return k > n * p ? upperTail(k, n, p) : 1 - lowerTail(k - 1, n, p);
}

function lowerTail(k: number, n: number, p: number): number {
  let term = binomialProbability(k, n, p);
  let sum = term;
  const odds = (1 - p) / p;
  for (let i = k; i > 0 && term > 1e-18 * sum; i--) {
    term *= (i / (n - i + 1)) * odds;
    sum += term;
  }
  return Math.min(1, sum);
}

/** `P(X >= k)` for k above the mean, from p itself: `1 - p` has lost the digits of a tiny p. */
function upperTail(k: number, n: number, p: number): number {
  let term = binomialProbability(k, n, p);
  let sum = term;
  const odds = p / (1 - p);
  for (let i = k; i < n && term > 1e-18 * sum; i++) {
    term *= ((n - i) / (i + 1)) * odds;
    sum += term;
  }
  return Math.min(1, sum);
}

/**
 * The exact one-sided confidence bounds for a success probability (Clopper and Pearson 1934): the true probability is
 * below `lower` with probability at most `alpha`, and above `upper` with probability at most `alpha`.
 *
 * @param successes whole number in 0..trials
 * @param trials whole number >= 1
 * @param alpha error of each side, strictly between 0 and 1
 * @throws ConformalError E_ALPHA, E_RANGE
 */
export function clopperPearson(successes: number, trials: number, alpha: number): { lower: number; upper: number } {
  checkWhole("clopperPearson", "trials", trials, 1);
  checkWhole("clopperPearson", "successes", successes, 0);
  checkAlpha("clopperPearson", alpha);
  if (successes > trials) {
    throw new ConformalError("E_RANGE", `clopperPearson: successes must be at most ${trials}, got ${successes}`);
  }
  return {
    lower: successes === 0 ? 0 : solve((p) => binomialUpperTail(successes, trials, p) > alpha, "last-false"),
    upper: successes === trials ? 1 : solve((p) => binomialCdf(successes, trials, p) < alpha, "first-true"),
  };
}

/** Bisection in [0, 1] down to neighbouring doubles, rounded to the side that keeps a bound valid. */
function solve(above: (p: number) => boolean, side: "last-false" | "first-true"): number {
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return side === "last-false" ? low : high;
    if (above(middle)) high = middle;
    else low = middle;
  }
}
