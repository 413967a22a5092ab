/**
 * A running sum with Neumaier's correction: each call adds a term and gives the sum so far, correct to a rounding error
 * or so, so that many equal terms still count as whole numbers of them.
 */
export function compensatedSum(): (term: number) => number {
  let sum = 0;
  let lost = 0;
  return (term) => {
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
    return sum + lost;
  };
}
