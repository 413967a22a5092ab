/** All ways to spread `n` independent points over cells, with their multinomial probabilities. */
export function compositions(n: number, law: readonly number[]): { counts: number[]; probability: number }[] {
  const found: { counts: number[]; probability: number }[] = [];
  const walk = (counts: number[], left: number, probability: number): void => {
    const cell = counts.length;
    const p = law[cell] as number;
    if (cell === law.length - 1) {
      found.push({ counts: [...counts, left], probability: probability * p ** left });
      return;
    }
    let ways = 1;
    for (let k = 0; k <= left; k++) {
      walk([...counts, k], left - k, probability * ways * p ** k);
      ways = (ways * (left - k)) / (k + 1);
    }
  };
  walk([], n, 1);
  return found;
}
