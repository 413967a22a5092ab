import { LotteryError } from "../base/errors.ts";
import { checkOpenShare, checkWhole } from "../base/checks.ts";

/**
 * P(-t <= T <= t) for Student's t with a whole number of degrees of freedom, at t = sqrt(freedom) tan(angle): the finite
 * series of Abramowitz and Stegun 26.7.3 and 26.7.4, exact but for rounding.
 */
function centralProbability(angle: number, freedom: number): number {
  const sine = Math.sin(angle);
  const cosine = Math.cos(angle);
  const even = freedom % 2 === 0;
  let term = even ? 1 : cosine;
  let sum = freedom === 1 ? 0 : term;
  for (let k = even ? 2 : 3; k < freedom; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return even ? sine * sum : (2 / Math.PI) * (angle + sine * sum);
}

/**
 * The t for which Student's t with `freedom` degrees of freedom lies in [-t, t] with probability `confidence`.
 *
 * @throws LotteryError E_OPTION unless freedom is a whole number >= 1, E_RATE unless confidence is in (0, 1).
 */
export function studentT(confidence: number, freedom: number): number {
  checkOpenShare("studentT", "confidence", confidence);
  checkWhole("studentT", "freedom", freedom, 1);
  let low = 0;
  let high = Math.PI / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (centralProbability(middle, freedom) < confidence) low = middle;
    else high = middle;
  }
  const t = Math.sqrt(freedom) * Math.tan(high);
  if (Number.isFinite(t)) return t;
  throw new LotteryError("E_RATE", `studentT: confidence ${confidence} is too near to 1`);
}
