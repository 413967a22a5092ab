/**
 * Softmax regression by stochastic gradient steps, in the order of the examples, for a few rounds: enough for sets to be
 * made of its probabilities.
 */
export function trainSoftmax(
  inputs: readonly Float64Array[],
  labels: readonly number[],
  classes: number,
): (input: Float64Array) => number[] {
  const width = (inputs[0] as Float64Array).length;
  const weights = Array.from({ length: classes }, () => new Float64Array(width + 1));
  const predict = (input: Float64Array): number[] => {
    const logits = weights.map((own) => {
      let sum = own[width] as number;
      for (let j = 0; j < width; j++) sum += (input[j] as number) * (own[j] as number);
      return sum;
    });
    const largest = Math.max(...logits);
    const odds = logits.map((logit) => Math.exp(logit - largest));
    const total = odds.reduce((sum, value) => sum + value);
    return odds.map((value) => value / total);
  };
  for (let round = 0; round < 10; round++) {
    const rate = 0.3 / (1 + round);
    inputs.forEach((input, i) => {
      predict(input).forEach((p, label) => {
        const step = rate * ((label === labels[i] ? 1 : 0) - p);
        const own = weights[label] as Float64Array;
        for (let j = 0; j < width; j++) own[j] = (own[j] as number) + step * (input[j] as number);
        own[width] = (own[width] as number) + step;
      });
    });
  }
  return predict;
}
