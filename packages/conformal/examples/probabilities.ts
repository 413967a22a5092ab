// Probabilities that mean what they say: naive Bayes, which is too sure of itself when its inputs repeat each other
// (age, education and experience do), before and after Venn-Abers calibration. Does a worker of 1985 earn more than
// the median wage?
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/probabilities.ts
import { crossVennAbers, vennAbers } from "@parsimony/conformal";
import { type Row, split, wages } from "./tabular.ts";

const median = 7.78;
const label = ({ y }: Row) => (y > median ? 1 : 0);

/** Gaussian naive Bayes: the log odds of label 1. */
function naiveBayes(rows: readonly Row[]): (x: readonly number[]) => number {
  const classes = [0, 1].map((k) => {
    const own = rows.filter((row) => label(row) === k);
    const moments = (own[0]?.x ?? []).map((_, j) => {
      const values = own.map(({ x }) => x[j] ?? 0);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length + 0.01 };
    });
    return { share: own.length / rows.length, moments };
  });
  const logs = (x: readonly number[]) =>
    classes.map(({ share, moments }) =>
      moments.reduce(
        (sum, { mean, variance }, j) => sum - ((x[j] ?? 0) - mean) ** 2 / (2 * variance) - Math.log(variance) / 2,
        Math.log(share),
      ),
    );
  return (x) => {
    const [zero = 0, one = 0] = logs(x);
    return one - zero;
  };
}

const probability = (odds: number) => Math.min(1 - 1e-6, Math.max(1e-6, 1 / (1 + Math.exp(-odds))));
const names = ["naive Bayes", "Venn-Abers", "cross Venn-Abers"];
const predictions: { p: number; y: number }[][] = names.map(() => []);
const splits = 20;

for (let seed = 0; seed < splits; seed++) {
  const [known = [], test = []] = split(wages, [400], seed);
  const half = naiveBayes(known.slice(0, 200));
  const held = known.slice(200);
  const inductive = vennAbers(
    held.map(({ x }) => half(x)),
    held.map(label),
  );
  // Five folds: each is scored by the model of the other four.
  const folds = Array.from({ length: 5 }, (_, k) => known.filter((_row, i) => i % 5 === k));
  const models = folds.map((fold) => naiveBayes(known.filter((row) => !fold.includes(row))));
  const cross = crossVennAbers(
    folds.map((fold, k) => ({ scores: fold.map(({ x }) => models[k]!(x)), labels: fold.map(label) })),
  );
  const full = naiveBayes(known);
  for (const row of test) {
    const p = [
      probability(full(row.x)),
      inductive.predictProbability(half(row.x)).p,
      cross.predictProbability(models.map((model) => model(row.x))).p,
    ];
    predictions.forEach((list, k) => list.push({ p: p[k]!, y: label(row) }));
  }
}

for (const [k, name] of names.entries()) {
  const list = predictions[k]!;
  const mean = (of: (entry: { p: number; y: number }) => number) =>
    list.reduce((sum, entry) => sum + of(entry), 0) / list.length;
  const loss = mean(({ p, y }) => -Math.log(y === 1 ? p : 1 - p));
  const brier = mean(({ p, y }) => (p - y) ** 2);
  // Expected calibration error in ten bins: mean distance of what was said from what came.
  const bins = Array.from({ length: 10 }, (_, b) => list.filter(({ p }) => Math.min(9, Math.floor(10 * p)) === b));
  const error =
    bins.reduce((sum, bin) => sum + Math.abs(bin.reduce((gap, { p, y }) => gap + p - y, 0)), 0) / list.length;
  console.log(
    `${name}: log loss ${loss.toFixed(3)}, Brier score ${brier.toFixed(3)}, calibration error ${error.toFixed(3)}`,
  );
}
