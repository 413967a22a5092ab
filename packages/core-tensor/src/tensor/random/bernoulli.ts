import { checkDraw, unitAt } from "./bits.ts";
import type { Key } from "./key.ts";
import { checkParameter, type Parameter, parameterAt, probability as inUnitInterval } from "./parameter.ts";

export interface BernoulliOptions {
  /** Chance of a 1, in [0, 1]; 1/2 if not given. */
  readonly probability?: Parameter;
}

/** Ones with the given probability (to 2^-53), zeros otherwise. Probabilities 0 and 1 are certain. */
export function bernoulliValues(key: Key, count: number, options: BernoulliOptions = {}): Uint8Array {
  const { probability = 0.5 } = options;
  checkDraw("bernoulli", key, count);
  checkParameter("bernoulli", "probability", probability, count, inUnitInterval);
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = unitAt(key, 0, i) < parameterAt(probability, i) ? 1 : 0;
  return values;
}
