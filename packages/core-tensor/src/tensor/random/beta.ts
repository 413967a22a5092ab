import { exp } from "../elementary.ts";
import { checkDraw } from "./bits.ts";
import { logGammaAt } from "./gamma.ts";
import { type Key, split } from "./key.ts";
import { checkParameter, type Parameter, parameterAt, positive } from "./parameter.ts";

export interface BetaOptions {
  /** First shape parameter, > 0: pulls towards 1. */
  readonly a: Parameter;
  /** Second shape parameter, > 0: pulls towards 0. */
  readonly b: Parameter;
}

/**
 * Beta distributed numbers in [0, 1]: `x / (x + y)` of two gamma draws (Devroye, "Non-uniform random variate
 * generation", 1986, section IX.4), taken through their logarithms so that small shapes do not end in 0/0.
 */
export function betaValues(key: Key, count: number, options: BetaOptions): Float64Array {
  const { a, b } = options;
  checkDraw("beta", key, count);
  checkParameter("beta", "a", a, count, positive);
  checkParameter("beta", "b", b, count, positive);
  const [keyX, keyY] = split(key) as [Key, Key];
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const difference = logGammaAt(keyY, i, parameterAt(b, i)) - logGammaAt(keyX, i, parameterAt(a, i));
    values[i] = 1 / (1 + exp(difference));
  }
  return values;
}
