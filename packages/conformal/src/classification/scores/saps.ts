import { checkPenalty } from "./penalty.ts";
import { rankedScore } from "./ranked.ts";
import type { ClassificationScore } from "./score.ts";

/** Options of `saps`. */
export interface SapsOptions {
  /** What one place of the ranking costs, finite and >= 0. Default 0.1. */
  readonly lambda?: number;
}

/**
 * Sorted adaptive prediction sets: of the probabilities only the largest is used. The score of the favourite is
 * `u * p_max`, that of the label at place r > 1 is `p_max + lambda * (r - 2 + u)`. For models whose small
 * probabilities carry more noise than order. Choose `lambda` on data that calibrate nothing.
 *
 * @throws ConformalError E_RANGE, E_NAN
 * @see Huang, Xi, Zhang, Yao, Qiu, Wei, Conformal prediction for deep classifier via label ranking (2024)
 */
export function saps(options: SapsOptions = {}): ClassificationScore {
  const { lambda = 0.1 } = options;
  checkPenalty("saps", lambda);
  return rankedScore({
    name: "saps",
    randomized: true,
    options: { lambda },
    at: (_total, _p, rank, top, u) => (rank === 1 ? u * top : top + lambda * (rank - 2 + u)),
  });
}
