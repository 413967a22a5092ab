/**
 * Slack in a level: alpha is a double, so that `0.1` or `1 - 0.9` is only within about 2^-54 of the number that was
 * meant, and levels such as exactly 9/10 have to pass for it. Far below anything that data could show.
 */
const SLACK = 2 ** -50;
const SCALE = 2 ** 60;
const WITHIN_DOUBLES = 1n << 1000n;

/** The probability that may be lost for an allowed miscoverage: alpha, and the slack of writing alpha as a double. */
export function allowedLoss(alpha: number): number {
  return alpha + SLACK;
}

/** How many of `total` equally likely cases may be lost for an allowed miscoverage, exactly. */
export function allowedCount(total: bigint, alpha: number): bigint {
  return (BigInt(Math.floor(allowedLoss(alpha) * SCALE)) * total) / BigInt(SCALE);
}

/** `part / whole` of two counts, correct to a rounding error or two also where both are beyond the range of doubles. */
export function ratio(part: bigint, whole: bigint): number {
  if (whole < WITHIN_DOUBLES) return Number(part) / Number(whole);
  if (part === 0n) return 0;
  const shift = bits(whole) - bits(part) + 64;
  const quotient = shift >= 0 ? (part << BigInt(shift)) / whole : part / (whole << BigInt(-shift));
  return Number(quotient) * 2 ** -shift;
}

function bits(value: bigint): number {
  return 4 * value.toString(16).length;
}

/** The binomial coefficient C(n, k), exactly. */
export function binomialCoefficient(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  const least = Math.min(k, n - k);
  let result = 1n;
  for (let i = 1; i <= least; i++) result = (result * BigInt(n - least + i)) / BigInt(i);
  return result;
}
