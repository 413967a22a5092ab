import { ConformalError } from "../../base/errors.ts";
import { encodeNumbers, readNumbers } from "../../base/savedRecord.ts";
import type { Betting, BettingProcess } from "./betting.ts";

const SLOPES = [-1, 0, 1];

/** Options of `simpleJumperBetting`. */
export interface SimpleJumperBettingOptions {
  /** Share of the capital that is spread again over the three bets before every step, in (0, 1]. Default 0.01. */
  readonly jump?: number;
}

/**
 * Bets on small and on large p-values, and moves the capital to whichever has won lately: three accounts with the
 * densities `1 + slope (p - 1/2)`, slope -1, 0 and 1, of which a share `jump` is pooled and split evenly at every step.
 *
 * @throws ConformalError E_RANGE
 * @see Vovk, Petej, Nouretdinov, Ahlberg, Carlsson, Gammerman, Retrain or not retrain: conformal test martingales for
 *   change-point detection (2021)
 */
export function simpleJumperBetting({ jump = 0.01 }: SimpleJumperBettingOptions = {}): Betting {
  if (!(jump > 0 && jump <= 1)) {
    throw new ConformalError("E_RANGE", `simpleJumperBetting: jump must be in (0, 1], got ${jump}`);
  }
  const name = `simple-jumper(${jump})`;
  return Object.freeze({
    name,
    start(state?: unknown): BettingProcess {
      // Shares of the capital, with sum 1: the capital itself is kept by the caller, in logarithms.
      const shares = state === undefined ? Float64Array.of(1 / 3, 1 / 3, 1 / 3) : readNumbers(name, "shares", state);
      if (shares.length !== 3 || !shares.every((share) => share >= 0 && share <= 1)) {
        throw new ConformalError("E_JSON", `${name}: the state must be three shares`);
      }
      return Object.freeze({
        step(p: number): number {
          let capital = 0;
          for (let k = 0; k < 3; k++) {
            const share = (1 - jump) * (shares[k] as number) + jump / 3;
            shares[k] = share * (1 + (SLOPES[k] as number) * (p - 0.5));
            capital += shares[k] as number;
          }
          for (let k = 0; k < 3; k++) shares[k] = (shares[k] as number) / capital;
          return Math.log(capital);
        },
        state: () => encodeNumbers(shares),
      });
    },
  });
}
