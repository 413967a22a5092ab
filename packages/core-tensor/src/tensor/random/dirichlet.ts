import { exp } from "../elementary.ts";
import { ArgumentError } from "../errors.ts";
import { checkDraw } from "./bits.ts";
import { logGammaAt } from "./gamma.ts";
import type { Key } from "./key.ts";
import { checkParameter, positive } from "./parameter.ts";

export interface DirichletOptions {
  /** One number > 0 per component. */
  readonly concentration: ArrayLike<number>;
}

/**
 * `count` points of the probability simplex, row-major `[count, components]`: gamma draws divided by their sum
 * (Devroye 1986, section XI.4), through logarithms so that a row of small concentrations does not underflow to 0/0.
 */
export function dirichletValues(key: Key, count: number, options: DirichletOptions): Float64Array {
  const { concentration } = options;
  const components = concentration.length;
  checkDraw("dirichlet", key, count);
  if (components < 1) {
    const expected = "at least one component";
    throw new ArgumentError({ op: "dirichlet", argument: "concentration", expected, found: "none" });
  }
  checkDraw("dirichlet", key, count * components);
  checkParameter("dirichlet", "concentration", concentration, components, positive);
  const values = new Float64Array(count * components);
  for (let start = 0; start < values.length; start += components) {
    let largest = -Infinity;
    for (let i = start; i < start + components; i++) {
      const value = logGammaAt(key, i, concentration[i - start] as number);
      values[i] = value;
      if (value > largest) largest = value;
    }
    let sum = 0;
    for (let i = start; i < start + components; i++) {
      const weight = exp((values[i] as number) - largest);
      values[i] = weight;
      sum += weight;
    }
    for (let i = start; i < start + components; i++) values[i] = (values[i] as number) / sum;
  }
  return values;
}
