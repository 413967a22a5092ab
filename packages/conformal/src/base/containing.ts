/**
 * The score to use for a point: `score`, or the next number above it whose interval holds the point. In doubles
 * `mu + (y - mu)` can fall just below `y`, and a new value that ties with the threshold would be lost. In data with ties
 * (counts, prices) that is no rare event but a share of all values. Scores that their own intervals hold make coverage
 * exact again, and leave the ends of intervals the plain numbers `mu + q`.
 */
export function containing(score: number, holds: (threshold: number) => boolean): number {
  // No step leads away from -Infinity.
  let threshold = score === -Infinity && !holds(score) ? -Number.MAX_VALUE : score;
  // Up by a rounding error, by two, by four; at Infinity every interval holds everything.
  for (let step = Math.max(Math.abs(threshold) * 2 ** -52, Number.MIN_VALUE); !holds(threshold); step *= 2) {
    if (!(threshold < Infinity)) return threshold;
    threshold += step;
  }
  return threshold;
}
