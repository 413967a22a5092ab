// Nine ways to put intervals around predictions, on three tables: how often they are right, and how wide they are.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/intervals.ts
import {
  absolute,
  type ConformalRegressor,
  coverage,
  coverageInterval,
  cqr,
  cvPlus,
  fullConformalRidge,
  type IntervalBounds,
  jackknifeMinmax,
  jackknifePlus,
  jackknifePlusAfterBootstrap,
  meanWidth,
  normalized,
  signed,
  splitRegressor,
} from "@parsimony/conformal";
import { leastSquares, nearest, shuffled } from "./intervals/models.ts";
import { type Row, tables } from "./intervals/tables.ts";

const alpha = 0.1;

for (const [name, table] of Object.entries(tables)) {
  const rows = shuffled(table, 1);
  const [train, calibration, test] = [0, 0.5, 0.75].map((from, i) =>
    rows.slice(Math.floor(from * rows.length), Math.floor(([0.5, 0.75, 1][i] as number) * rows.length)),
  ) as [Row[], Row[], Row[]];
  const truths = test.map(({ y }) => y);
  console.log(`${name}: ${train.length} rows to fit, ${calibration.length} to calibrate, ${test.length} to test`);

  // Split methods: a line and neighbours fitted to the first half.
  const x = train.map((row) => row.x);
  const line = leastSquares(
    x,
    train.map(({ y }) => y),
  );
  const around = nearest(
    x,
    train.map(({ y }) => y),
    40,
  );
  const errorsAround = nearest(
    x,
    train.map((row) => Math.abs(row.y - line(row.x))),
    40,
  );
  const scaled = ({ x: row }: Row) => {
    const errors = errorsAround(row);
    return { mean: line(row), scale: errors.reduce((sum, error) => sum + error, 0) / errors.length };
  };
  const quantiles = ({ x: row }: Row) => {
    const targets = around(row);
    return { lower: targets[2] as number, upper: targets[37] as number };
  };

  const reportSplit = <P>(label: string, predictor: ConformalRegressor<P>, predict: (row: Row) => P): void => {
    const intervals = predictor.predictIntervals(test.map(predict));
    const { lower, upper } = coverageInterval(predictor.quantile, test.length, { confidence: 1 - 1e-6 });
    print(label, intervals, `, exact bounds [${lower.toFixed(3)}, ${upper.toFixed(3)}]`);
  };
  const print = (label: string, intervals: readonly IntervalBounds[], more: string): void => {
    const observed = coverage(intervals, truths).toFixed(3);
    console.log(`  ${label}: coverage ${observed}, mean width ${meanWidth(intervals).toFixed(2)}${more}`);
  };
  const targets = calibration.map(({ y }) => y);
  const mean = (row: Row) => line(row.x);
  const means = calibration.map(mean);
  reportSplit("absolute", splitRegressor({ score: absolute, alpha }).calibrate(means, targets), mean);
  reportSplit(
    "normalized",
    splitRegressor({ score: normalized(), alpha }).calibrate(calibration.map(scaled), targets),
    scaled,
  );
  reportSplit("CQR", splitRegressor({ score: cqr(), alpha }).calibrate(calibration.map(quantiles), targets), quantiles);
  print(
    "signed",
    splitRegressor({ score: signed, alpha }).calibrate(means, targets).predictIntervals(test.map(mean)),
    "",
  );

  // Methods that need no calibration rows of their own.
  const all = [...train, ...calibration];
  const features = all.map((row) => row.x);
  const values = all.map(({ y }) => y);
  const testRows = test.map((row) => row.x);
  const options = { fit: leastSquares, alpha };
  const refits = {
    "jackknife+": jackknifePlus(options),
    "jackknife-minmax": jackknifeMinmax(options),
    "CV+": cvPlus(options),
    "jackknife+ after bootstrap": jackknifePlusAfterBootstrap({ ...options, bootstraps: 30 }),
  };
  for (const [label, method] of Object.entries(refits)) {
    const predictor = method.calibrate(features, values);
    print(
      label,
      predictor.predictIntervals(testRows),
      `, guaranteed ${predictor.level.toFixed(3)}, ${predictor.fits} fits`,
    );
  }
  const ridge = fullConformalRidge({ alpha, lambda: 1e-6 }).calibrate(features, values);
  const regions = ridge.predictRegions(testRows);
  print("full ridge", regions, `, guaranteed ${(regions[0]?.level ?? 0).toFixed(3)}`);
}

// One test set says little about a guarantee. Many small samples, each with one new row, are independent trials.
const trials = 250;
const [[tableName, table]] = Object.entries(tables).slice(1) as [[string, readonly Row[]]];
const options = { fit: leastSquares, alpha };
const split = (fit: readonly Row[], rest: readonly Row[]) => {
  const line = leastSquares(
    fit.map((row) => row.x),
    fit.map(({ y }) => y),
  );
  const predictor = splitRegressor({ score: absolute, alpha }).calibrate(
    rest.map((row) => line(row.x)),
    rest.map(({ y }) => y),
  );
  return (x: readonly number[]) => predictor.predictInterval(line(x));
};
const methods: Record<
  string,
  { level: number; interval(rows: readonly Row[]): (x: readonly number[]) => IntervalBounds }
> = {
  "split, absolute": { level: 28 / 31, interval: (rows) => split(rows.slice(30), rows.slice(0, 30)) },
};
const refitted = {
  "jackknife+": jackknifePlus(options),
  "jackknife-minmax": jackknifeMinmax(options),
  "CV+": cvPlus(options),
};
for (const [label, method] of Object.entries(refitted)) {
  const fitTo = (rows: readonly Row[]) =>
    method.calibrate(
      rows.map((row) => row.x),
      rows.map(({ y }) => y),
    );
  methods[label] = { level: fitTo(table.slice(0, 60)).level, interval: (rows) => fitTo(rows).predictInterval };
}
methods["full ridge"] = {
  level: 55 / 61,
  interval: (rows) =>
    fullConformalRidge({ alpha, lambda: 1e-6 }).calibrate(
      rows.map((row) => row.x),
      rows.map(({ y }) => y),
    ).predictRegion,
};
console.log(`${tableName}: ${trials} samples of 60 rows, each with one new row`);
const samples = Array.from({ length: trials }, (_, seed) => shuffled(table, seed).slice(0, 61));
for (const [label, { level, interval }] of Object.entries(methods)) {
  let covered = 0;
  let width = 0;
  for (const [last, ...rows] of samples as [Row, ...Row[]][]) {
    const { lower, upper } = interval(rows)(last.x);
    if (lower <= last.y && last.y <= upper) covered++;
    width += (upper - lower) / trials;
  }
  console.log(
    `  ${label}: covered ${covered} of ${trials}, guaranteed ${level.toFixed(3)}, mean width ${width.toFixed(2)}`,
  );
}
