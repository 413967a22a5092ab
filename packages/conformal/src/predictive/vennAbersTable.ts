/** Distinct calibration scores, ascending, with the number of points and of positive labels at each. */
export interface LabelledScores {
  readonly scores: Float64Array;
  readonly counts: Float64Array;
  readonly positives: Float64Array;
}

/** The isotonic fits `[k]` at each distinct score after one more point with that score and a given label is added. */
export interface AddedFits {
  /** Fits with an added label 0. */
  readonly p0: Float64Array;
  /** Fits with an added label 1. */
  readonly p1: Float64Array;
}

/** Both tables, each value a correctly rounded quotient of whole numbers. */
export function addedFits({ counts, positives }: LabelledScores): AddedFits {
  const one = fitsWithPositive(counts, positives);
  const p1 = one.rise.map((rise, i) => rise / (one.run[i] as number));
  // An added 0 is an added 1 once labels and the order of the scores are turned round.
  const negatives = counts.map((count, i) => count - (positives[i] as number));
  const zero = fitsWithPositive(counts.toReversed(), negatives.reverse());
  const p0 = zero.rise.map((rise, i) => ((zero.run[i] as number) - rise) / (zero.run[i] as number)).reverse();
  return { p0, p1 };
}

/**
 * For each distinct score, rise and run of the isotonic fit there after one more point with that score and label 1.
 *
 * The fit is a slope of the greatest convex minorant of the cumulative counts: of the segment that goes from the points
 * before the score to the points from it on, which the added label has moved by (1, 1). Going through the scores, the
 * stack holds that segment (top and next) and the rest of the minorant to its right; each score pushes one point at
 * most, so that all fits together take `O(k)`. Coordinates are whole numbers, and every comparison is exact.
 *
 * @see Vovk, Petej, Fedorova, Large-scale probabilistic predictors with and without guarantees of validity (2015),
 *   section 3
 */
function fitsWithPositive(
  counts: Float64Array,
  positives: Float64Array,
): { readonly rise: Float64Array; readonly run: Float64Array } {
  const k = counts.length;
  const x = new Float64Array(k + 1);
  const y = new Float64Array(k + 1);
  for (let i = 0; i < k; i++) {
    x[i + 1] = (x[i] as number) + (counts[i] as number);
    y[i + 1] = (y[i] as number) + (positives[i] as number);
  }
  const stackX = new Float64Array(k + 1);
  const stackY = new Float64Array(k + 1);
  let size = 0;
  const push = (px: number, py: number): void => {
    while (size > 1) {
      const dx1 = (stackX[size - 1] as number) - px;
      const dy1 = (stackY[size - 1] as number) - py;
      const dx2 = (stackX[size - 2] as number) - px;
      const dy2 = (stackY[size - 2] as number) - py;
      // Is the slope to the top below the slope to the one under it? Then the top is a corner.
      if (dy1 * dx2 < dy2 * dx1) break;
      size--;
    }
    stackX[size] = px;
    stackY[size] = py;
    size++;
  };
  for (let i = k; i > 0; i--) push(x[i] as number, y[i] as number);
  push(-1, -1);
  const rise = new Float64Array(k);
  const run = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    const dx = (stackX[size - 2] as number) - (stackX[size - 1] as number);
    const dy = (stackY[size - 2] as number) - (stackY[size - 1] as number);
    rise[i] = dy;
    run[i] = dx;
    if (i === k - 1) break;
    // The points of score i now lie before the added one. Their corner matters only when it is below the segment.
    const px = (x[i + 1] as number) - 1;
    const py = (y[i + 1] as number) - 1;
    const above = (py - (stackY[size - 1] as number)) * dx >= dy * (px - (stackX[size - 1] as number));
    if (above) continue;
    size--;
    push(px, py);
  }
  return { rise, run };
}
