export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Bounds on `pi r / (pi r + 1 - pi)` for pi in [from, to] and the ratio r = A(1)/A(0) in [lowest, highest], moved
 * outward by a relative `margin` of the odds and their rounding. undefined where no such pi and r have an answer.
 */
export function oddsInterval(
  from: number,
  to: number,
  lowest: number,
  highest: number,
  margin: number,
): Interval | undefined {
  // Off and certain (pi = 0) while the rules leave only "on" (r = Infinity), or the reverse: no assignment is left.
  if ((to === 0 && lowest === Infinity) || (from === 1 && highest === 0)) return undefined;
  const lower = corrected(from === 0 && lowest === Infinity ? 1 : from, lowest);
  const upper = corrected(to === 1 && highest === 0 ? 0 : to, highest);
  const outward = margin + 2 ** -50;
  return { lower: lower * (1 - outward), upper: Math.min(1, upper * (1 + outward)) };
}

function corrected(pi: number, ratio: number): number {
  if (pi === 0 || ratio === 0) return 0;
  if (pi === 1 || ratio === Infinity) return 1;
  return 1 / (1 + (1 - pi) / (pi * ratio));
}
