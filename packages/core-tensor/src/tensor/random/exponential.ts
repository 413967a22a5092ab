import { ln } from "../elementary.ts";
import { checkDraw, openUnitAt } from "./bits.ts";
import type { Key } from "./key.ts";
import { checkParameter, type Parameter, parameterAt, positive } from "./parameter.ts";

export interface ExponentialOptions {
  /** Events per unit: the inverse of the mean, > 0; 1 if not given. */
  readonly rate?: Parameter;
}

/** Exponentially distributed numbers, by inversion: `-ln(u) / rate`. */
export function exponentialValues(key: Key, count: number, options: ExponentialOptions = {}): Float64Array {
  const { rate = 1 } = options;
  checkDraw("exponential", key, count);
  checkParameter("exponential", "rate", rate, count, positive);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = -ln(openUnitAt(key, 0, i)) / parameterAt(rate, i);
  return values;
}
