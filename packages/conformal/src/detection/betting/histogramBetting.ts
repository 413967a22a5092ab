import { checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { encodeNumbers, readNumbers } from "../../base/savedRecord.ts";
import type { Betting, BettingProcess } from "./betting.ts";

/** Options of `histogramBetting`. */
export interface HistogramBettingOptions {
  /** Number of equal bins of (0, 1], a whole number >= 1. Default 10. */
  readonly bins?: number;
  /** p-values that every bin is taken to have had before the first, > 0: more of them bet more slowly. Default 1. */
  readonly prior?: number;
}

/**
 * Plug-in betting: the density is the histogram of the p-values so far, so that it learns whatever shape they have.
 *
 * @throws ConformalError E_RANGE
 * @see Fedorova, Gammerman, Nouretdinov, Vovk, Plug-in martingales for testing exchangeability on-line (2012), who
 *   take a kernel estimate in place of the histogram
 */
export function histogramBetting({ bins = 10, prior = 1 }: HistogramBettingOptions = {}): Betting {
  checkWhole("histogramBetting", "bins", bins, 1);
  if (!(prior > 0 && prior < Infinity)) {
    throw new ConformalError("E_RANGE", `histogramBetting: prior must be positive and finite, got ${prior}`);
  }
  const name = `histogram(${bins},${prior})`;
  return Object.freeze({
    name,
    start(state?: unknown): BettingProcess {
      const counts = state === undefined ? new Float64Array(bins) : readNumbers(name, "counts", state);
      if (counts.length !== bins || !counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
        throw new ConformalError("E_JSON", `${name}: the state must be ${bins} counts`);
      }
      let total = counts.reduce((sum, count) => sum + count, 0);
      return Object.freeze({
        step(p: number): number {
          const bin = Math.min(bins - 1, Math.floor(p * bins));
          const density = (bins * ((counts[bin] as number) + prior)) / (total + bins * prior);
          counts[bin] = (counts[bin] as number) + 1;
          total++;
          return Math.log(density);
        },
        state: () => encodeNumbers(counts),
      });
    },
  });
}
