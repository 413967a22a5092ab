/**
 * The largest logarithm of the capital that a bettor against "the mean of the losses is at least `mean`" reaches: the
 * bet at each loss is chosen from the earlier ones. If the mean is at least `mean`, the capital is a nonnegative
 * supermartingale from 1, so that it ever reaches 1/delta with probability at most delta (Ville's inequality). It grows
 * with `mean`.
 *
 * @param losses in [0, 1], in an order that was not chosen by looking at them
 * @param tunedFor the delta that the bets aim at
 * @see Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024), the predictable plug-in
 *   bets for a fixed number of losses; Bates et al. (2021), appendix B, for bets that stay below 1 for every mean
 */
export function bettingLogCapital(losses: Float64Array, mean: number, tunedFor: number): number {
  const n = losses.length;
  const target = (2 * Math.log(1 / tunedFor)) / n;
  let total = 0.5;
  let squares = 0.25;
  let variance = 0.25;
  let capital = 0;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const loss = losses[i] as number;
    const bet = Math.min(1, Math.sqrt(target / variance));
    capital += Math.log1p(bet * (mean - loss));
    if (capital > largest) largest = capital;
    // Lost all: log(0) cannot be won back.
    if (capital === -Infinity) break;
    total += loss;
    const average = total / (i + 2);
    squares += (loss - average) ** 2;
    variance = squares / (i + 2);
  }
  return largest;
}
