import { clopperPearson, uniformStream } from "@parsimony/conformal";

/**
 * Random splits of a pool into n calibration points and m test points, drawn without replacement, so that they are
 * exchangeable whatever the pool is.
 */
export function* randomSplits<T>(
  pool: readonly T[],
  n: number,
  m: number,
  count: number,
  seed: number,
): Generator<{ readonly calibration: T[]; readonly test: T[] }> {
  const uniform = uniformStream(seed);
  const order = [...pool];
  for (let trial = 0; trial < count; trial++) {
    for (let i = 0; i < n + m; i++) {
      const j = i + Math.floor(uniform() * (order.length - i));
      [order[i], order[j]] = [order[j] as T, order[i] as T];
    }
    yield { calibration: order.slice(0, n), test: order.slice(n, n + m) };
  }
}

/** "valid" unless so many failures would have a probability below 1e-6 for a method that fails with at most alpha. */
export function verdict(failures: number, trials: number, alpha: number): "valid" | "not valid" {
  return clopperPearson(failures, trials, 1e-6).lower <= alpha ? "valid" : "not valid";
}

/** The first `count` of the rows in a fixed random order, to fit on, and the others. */
export function holdOut<T>(
  rows: readonly T[],
  count: number,
  seed: number,
): { readonly training: T[]; readonly pool: T[] } {
  const [{ calibration, test } = { calibration: [], test: [] }] = randomSplits(
    rows,
    count,
    rows.length - count,
    1,
    seed,
  );
  return { training: calibration, pool: test };
}

export const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
