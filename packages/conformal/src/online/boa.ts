/** One expert of a Bernstein online aggregation. */
export interface BoaExpert {
  /** Sum of the corrected regrets. */
  regret: number;
  /** Sum of the squared regrets. */
  squares: number;
  /** The largest absolute regret. */
  largest: number;
}

/** An expert that has met no losses yet. */
export function boaExpert(): BoaExpert {
  return { regret: 0, squares: 0, largest: 0 };
}

/**
 * Shares of the experts that are awake, summing to 1: `eta exp(eta regret)`, each with its own rate. Multiplying all
 * losses by a constant changes nothing. Until an expert has met a loss, all have the same share.
 *
 * @param count number of all experts, awake or not
 */
export function boaWeights(experts: readonly BoaExpert[], count: number): number[] {
  if (experts.some(({ largest }) => largest === 0)) return experts.map(() => 1 / experts.length);
  const rates = experts.map((expert) => rateOf(expert, count));
  const exponents = experts.map(({ regret }, i) => (rates[i] as number) * regret + Math.log(rates[i] as number));
  const top = exponents.reduce((a, b) => Math.max(a, b));
  const weights = exponents.map((exponent) => Math.exp(exponent - top));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** Learns the regret of the mixture with respect to an expert, positive where the expert did better. */
export function boaLearn(expert: BoaExpert, regret: number, count: number): void {
  expert.largest = Math.max(expert.largest, Math.abs(regret));
  expert.squares += regret * regret;
  if (expert.largest === 0) return;
  const eta = rateOf(expert, count);
  expert.regret += (regret - eta * regret * regret + (eta * regret > 0.5 ? expert.largest : 0)) / 2;
}

function rateOf({ largest, squares }: BoaExpert, count: number): number {
  return Math.min(1 / largest, Math.sqrt(Math.log(Math.max(2, count)) / squares));
}
