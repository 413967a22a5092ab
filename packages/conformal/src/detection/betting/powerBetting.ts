import { ConformalError } from "../../base/errors.ts";
import type { Betting } from "./betting.ts";

/**
 * Bets that p-values are small (new scores are strange): the density `epsilon p^(epsilon - 1)`.
 *
 * @param epsilon in (0, 1]; 1 bets nothing. Default 0.5
 * @throws ConformalError E_RANGE
 * @see Vovk, Nouretdinov, Gammerman, Testing exchangeability on-line (2003)
 */
export function powerBetting(epsilon = 0.5): Betting {
  if (!(epsilon > 0 && epsilon <= 1)) {
    throw new ConformalError("E_RANGE", `powerBetting: epsilon must be in (0, 1], got ${epsilon}`);
  }
  const process = Object.freeze({
    step: (p: number): number => Math.log(epsilon) + (epsilon - 1) * Math.log(p),
    state: (): null => null,
  });
  return Object.freeze({ name: `power(${epsilon})`, start: () => process });
}
