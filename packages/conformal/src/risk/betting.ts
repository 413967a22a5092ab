/**
 * A bettor against "the mean of the losses is at least `mean`", who chooses each bet from the earlier losses: gives the
 * logarithm of the largest capital on the way, starting from 1. If the mean is at least `mean`, the capital is a
 * nonnegative supermartingale, so that it ever reaches 1/delta with probability at most delta (Ville's inequality). It
 * grows with `mean`.
 *
 * @param losses in [0, 1], in an order that was not chosen by looking at them
 * @param tunedFor the delta that the bets aim at
 * @see Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024), the predictable plug-in
 *   bets for a fixed number of losses; Bates et al. (2021), appendix B, for bets that stay below 1 for every mean
 */
export function bettor(losses: Float64Array, tunedFor: number): (mean: number) => number {
  const n = losses.length;
  const target = (2 * Math.log(1 / tunedFor)) / n;
  const bets = new Float64Array(n);
  let total = 0.5;
  let squares = 0.25;
  let variance = 0.25;
  for (let i = 0; i < n; i++) {
    const loss = losses[i] as number;
    bets[i] = Math.min(1, Math.sqrt(target / variance));
    total += loss;
    squares += (loss - total / (i + 2)) ** 2;
    variance = squares / (i + 2);
  }
  return (mean) => {
    // A product beside the logarithm of what was divided out of it before it could leave the range of doubles.
    let capital = 1;
    let divided = 0;
    let high = 1;
    let largest = 0;
    for (let i = 0; i < n; i++) {
      capital *= 1 + (bets[i] as number) * (mean - (losses[i] as number));
      if (capital > high) high = capital;
      if (capital > 1e200 || capital < 1e-200) {
        largest = Math.max(largest, divided + Math.log(high));
        // What is lost altogether, with a logarithm of -Infinity, cannot be won back.
        divided += Math.log(capital);
        capital = high = 1;
      }
    }
    return Math.max(largest, divided + Math.log(high));
  };
}
