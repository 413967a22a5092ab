/**
 * Probabilities `p(0..size)` of a unimodal law on whole numbers that is given by the ratios of neighbours, each exact
 * to a few rounding errors: starting at the mode, every other probability is a product of ratios below 1, so nothing
 * overflows, and what underflows is below 1e-308 of the largest.
 *
 * @param ratio `p(j + 1) / p(j)` for j in 0..size-1, >= 1 below the mode and <= 1 above it
 */
export function lawFromRatios(size: number, mode: number, ratio: (j: number) => number): Float64Array {
  const law = new Float64Array(size + 1);
  law[mode] = 1;
  for (let j = mode; j < size; j++) law[j + 1] = (law[j] as number) * ratio(j);
  for (let j = mode; j > 0; j--) law[j - 1] = (law[j] as number) / ratio(j - 1);
  let total = 0;
  for (const p of law) total += p;
  return law.map((p) => p / total);
}

/** The beta-binomial law `[trials + 1]` with whole parameters a, b >= 1: a binomial whose probability is Beta(a, b). */
export function betaBinomialLaw(trials: number, a: number, b: number): Float64Array {
  const ratio = (j: number): number => ((trials - j) / (j + 1)) * ((a + j) / (b + trials - j - 1));
  // Unimodal, because the ratio falls with j when a, b >= 1: the mode is the first j whose ratio is at most 1.
  let low = 0;
  let high = trials;
  while (low < high) {
    const j = (low + high) >>> 1;
    if (ratio(j) > 1) low = j + 1;
    else high = j;
  }
  return lawFromRatios(trials, low, ratio);
}

/**
 * The ends of the central interval: the least `lower` and largest `upper` that leave at most `tail` of the probability
 * strictly outside on either side. Summed from the outside in, where the small terms are.
 */
export function centralInterval(law: Float64Array, tail: number): { lower: number; upper: number } {
  let lower = 0;
  for (let below = law[0] as number; below <= tail && lower < law.length - 1; below += law[lower] as number) lower++;
  let upper = law.length - 1;
  for (let above = law[upper] as number; above <= tail && upper > 0; above += law[upper] as number) upper--;
  return { lower, upper };
}
