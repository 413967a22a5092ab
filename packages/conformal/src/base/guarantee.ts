/**
 * What a result promises.
 *
 * - `marginal`: coverage of at least `1 - alpha` (at least `level`, where a result has one; for a loss, an expectation of
 *   at most `alpha`), over calibration and test points drawn together.
 * - `label-conditional`, `group-conditional`: the same within each class, or within each group.
 * - `pac`: with probability at least `1 - delta` over the calibration points, a risk of at most `alpha` from then on.
 * - `batch`: a statement about all test points together holds with probability at least `1 - alpha`.
 * - `long-run`: the share of errors over time is near alpha, within a bound that is stated, for any sequence whatever.
 * - `calibrated`: of two probabilities, the one that belongs to the label that comes is perfectly calibrated.
 * - `fdr`: the expected share of false ones among the reported ones is at most q.
 * - `anytime`: the probability of ever raising a false alarm at level c is at most 1/c.
 * - `none`: a heuristic.
 */
export type Guarantee =
  | "marginal"
  | "label-conditional"
  | "group-conditional"
  | "pac"
  | "batch"
  | "long-run"
  | "calibrated"
  | "fdr"
  | "anytime"
  | "none";
