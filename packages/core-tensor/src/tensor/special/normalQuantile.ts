/**
 * Quantile of the normal distribution by M. J. Wichura, "Algorithm AS 241: The percentage points of the normal
 * distribution", Applied Statistics 37 (1988), routine PPND16: three rational functions, about 1 part in 10^16.
 */
import { ln } from "../elementary.ts";

/** In 0.180625 - q^2, for |q| = |p - 1/2| <= 0.425. */
export const centreTop: readonly number[] = [
  2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
  1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
];
export const centreBottom: readonly number[] = [
  5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
  5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1,
];

/** In r - 1.6 with r = sqrt(-ln(tail probability)) <= 5. */
export const tailTop: readonly number[] = [
  7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
  3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
];
export const tailBottom: readonly number[] = [
  1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
  6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1,
];

/** In r - 5. */
export const farTop: readonly number[] = [
  2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 2.6532189526576123093e-2,
  2.9656057182850489123e-1, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
];
export const farBottom: readonly number[] = [
  2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
  1.48753612908506148525e-2, 1.3692988092273580531e-1, 5.9983220655588793769e-1, 1,
];

const sqrtHalf = 0.7071067811865476;

function ratio(top: readonly number[], bottom: readonly number[], x: number): number {
  let p = top[0] as number;
  let q = bottom[0] as number;
  for (let i = 1; i < 8; i++) {
    p = p * x + (top[i] as number);
    q = q * x + (bottom[i] as number);
  }
  return p / q;
}

/** The quantile from the distance `q = p - 1/2` and the smaller of `p` and `1 - p`. */
function quantile(q: number, tail: number): number {
  if (Math.abs(q) <= 0.425) return q * ratio(centreTop, centreBottom, 0.180625 - q * q);
  const r = Math.sqrt(-ln(tail));
  const size = r <= 5 ? ratio(tailTop, tailBottom, r - 1.6) : ratio(farTop, farBottom, r - 5);
  return q < 0 ? -size : size;
}

/**
 * The z with P(Z <= z) = p for a standard normal Z; -Infinity at 0, Infinity at 1, NaN outside [0, 1]. The same
 * bits in every engine.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  return quantile(p - 0.5, p < 0.5 ? p : 1 - p);
}

/** Inverse of erf: `erfinv(x) = normalQuantile((1 + x) / 2) / sqrt(2)`, without loss for x near 0. */
export function erfinv(x: number): number {
  const size = Math.abs(x);
  if (!(size < 1)) return size === 1 ? x * Infinity : NaN;
  return quantile(0.5 * x, 0.5 * (1 - size)) * sqrtHalf;
}
