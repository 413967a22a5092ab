/**
 * The p-value of a score among `n` calibration scores, of which `below` are smaller and `equal` the same:
 * `(#{S_i >= s} + 1) / (n + 1)`, or with ties broken by a uniform number `(#{S_i > s} + t (#{S_i = s} + 1)) / (n + 1)`.
 */
export function pValueOfCounts(n: number, below: number, equal: number, tieBreak: number | undefined): number {
  const count = tieBreak === undefined ? n - below + 1 : n - below - equal + tieBreak * (equal + 1);
  return count / (n + 1);
}
