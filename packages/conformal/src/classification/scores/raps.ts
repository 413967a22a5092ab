import { checkWhole } from "../../base/checks.ts";
import { checkPenalty } from "./penalty.ts";
import { rankedScore } from "./ranked.ts";
import type { ClassificationScore } from "./score.ts";

/** Options of `raps`. */
export interface RapsOptions {
  /** Penalty for each place beyond `kReg`, finite and >= 0; 0 is `aps`. Default 0.01. */
  readonly lambda?: number;
  /** Places of the ranking without penalty, a whole number >= 0. Default 5. */
  readonly kReg?: number;
  /** Subtract `u * p_y`, as in `aps`. Default true. */
  readonly randomized?: boolean;
}

/**
 * Regularised adaptive prediction sets: the score of `aps` plus `lambda * max(0, rank - kReg)`, so that the long tail
 * of improbable labels makes no huge sets. Choose `lambda` and `kReg` on data that calibrate nothing.
 *
 * @throws ConformalError E_RANGE
 * @see Angelopoulos, Bates, Malik, Jordan, Uncertainty sets for image classifiers using conformal prediction (2021)
 */
export function raps(options: RapsOptions = {}): ClassificationScore {
  const { lambda = 0.01, kReg = 5, randomized = true } = options;
  checkPenalty("raps", lambda);
  checkWhole("raps", "kReg", kReg, 0);
  return rankedScore({
    name: randomized ? "raps" : "raps-deterministic",
    randomized,
    options: { lambda, kReg },
    at: (total, p, rank, _top, u) => total - (randomized ? u : 0) * p + lambda * Math.max(0, rank - kReg),
  });
}
