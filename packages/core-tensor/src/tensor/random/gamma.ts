import { exp, ln } from "../elementary.ts";
import { checkDraw, openUnitAt } from "./bits.ts";
import type { Key } from "./key.ts";
import { normalAt } from "./normal.ts";
import { checkParameter, type Parameter, parameterAt, positive } from "./parameter.ts";

export interface GammaOptions {
  /** Shape parameter (often alpha or k), > 0: the mean at rate 1. */
  readonly concentration: Parameter;
  /** Inverse scale, > 0; 1 if not given. */
  readonly rate?: Parameter;
}

/** Streams of an element's block: 0 holds the number that carries shapes below 1, each attempt takes the next two. */
const boostStream = 0;
const firstAttemptStream = 1;

/** One draw for shape a >= 1 at rate 1 (Marsaglia and Tsang, figure 1). */
function gammaFromOne(key: Key, index: number, a: number): number {
  const d = a - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let stream = firstAttemptStream; ; stream += 2) {
    const x = normalAt(key, stream, index);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const u = openUnitAt(key, stream + 1, index);
    const square = x * x;
    // The cheap first test accepts most of what the exact second one would.
    if (u < 1 - 0.0331 * square * square || ln(u) < 0.5 * square + d * (1 - v + ln(v))) return d * v;
  }
}

/** Logarithm of one draw with shape `a` at rate 1, finite also where the draw itself would underflow to 0. */
export function logGammaAt(key: Key, index: number, a: number): number {
  if (a >= 1) return ln(gammaFromOne(key, index, a));
  return ln(gammaFromOne(key, index, a + 1)) + ln(openUnitAt(key, boostStream, index)) / a;
}

/**
 * Gamma distributed numbers: G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS
 * 26 (2000); for shapes below 1 a draw with shape a + 1 times `u^(1/a)` (section 6). With a shape below about
 * 0.05 draws can be smaller than any double and come out as 0; `logGammaValues` keeps them apart.
 */
export function gammaValues(key: Key, count: number, options: GammaOptions): Float64Array {
  const { concentration, rate = 1 } = options;
  checkDraw("gamma", key, count);
  checkParameter("gamma", "concentration", concentration, count, positive);
  checkParameter("gamma", "rate", rate, count, positive);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const a = parameterAt(concentration, i);
    const draw = a >= 1 ? gammaFromOne(key, i, a) : exp(logGammaAt(key, i, a));
    values[i] = draw / parameterAt(rate, i);
  }
  return values;
}

/** Logarithms of gamma distributed numbers: `ln` of what `gammaValues` draws, without underflow. */
export function logGammaValues(key: Key, count: number, options: GammaOptions): Float64Array {
  const { concentration, rate = 1 } = options;
  checkDraw("logGamma", key, count);
  checkParameter("logGamma", "concentration", concentration, count, positive);
  checkParameter("logGamma", "rate", rate, count, positive);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++)
    values[i] = logGammaAt(key, i, parameterAt(concentration, i)) - ln(parameterAt(rate, i));
  return values;
}
