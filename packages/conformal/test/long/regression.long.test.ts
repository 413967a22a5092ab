import { afterAll, test } from "vitest";
import {
  absolute,
  asymmetric,
  bonferroniBox,
  conformalRank,
  cqr,
  cqrM,
  cqrR,
  type CrossRegressor,
  cvPlus,
  ellipsoid,
  fullConformalNeighbours,
  fullConformalRidge,
  jackknifeMinmax,
  jackknifePlus,
  jackknifePlusAfterBootstrap,
  maxBox,
  normalized,
  oneSided,
  type RegressionScore,
  relative,
  splitOutputs,
  splitRegressor,
} from "../../src/index.ts";
import { type Draw, many, simulations, uncorrected } from "./simulation.ts";

const { holds, fails, save } = simulations("regression");
afterAll(save);

const n = 9;
const alpha = 0.25;
const exact = conformalRank(n, alpha) / (n + 1);

/** A Cauchy error that grows with x, to the right more than to the left; the model takes the line for a parabola. */
function point(draw: Draw, tied: boolean) {
  const x = tied ? Math.ceil(4 * draw()) : 4 * draw();
  const error = Math.tan(Math.PI * (draw() - 0.5)) * (1 + x);
  const y = 5 * x + (error > 0 ? 3 * error : error);
  return { x, y: tied ? Math.round(y) : y };
}

/** What any of the scores may read. */
const predict = (x: number) => ({
  mean: x * x,
  scale: 1 + Math.abs(2 - x),
  lower: x * x - 3,
  median: x * x,
  upper: x * x + 1 + x,
});
type Everything = ReturnType<typeof predict>;
const onMean = (score: RegressionScore): RegressionScore<Everything> => ({
  ...score,
  check: (prediction, where, index) => score.check(prediction.mean + 1, where, index),
  below: ({ mean }, y) => score.below(mean + 1, y),
  above: ({ mean }, y) => score.above(mean + 1, y),
  lower: ({ mean }, threshold) => score.lower(mean + 1, threshold),
  upper: ({ mean }, threshold) => score.upper(mean + 1, threshold),
});
// A threshold for each side misses (n + 1 - k) / (n + 1) on each; at most one side is missed at a time.
const sides = 1 - 2 * (1 - conformalRank(n, alpha / 2) / (n + 1));

const scores: readonly (readonly [RegressionScore<Everything>, number, number])[] = [
  [onMean(absolute), exact, exact],
  [onMean(relative), exact, exact],
  [normalized(), exact, exact],
  [cqr(), exact, exact],
  [cqrR(), exact, exact],
  [cqrM(), exact, exact],
  [oneSided(normalized(), "upper"), exact, exact],
  [oneSided(normalized(), "lower"), exact, exact],
  [asymmetric(normalized()), sides, sides],
  [asymmetric(cqr()), sides, 1],
].map(([score, least, most]) => [score, least, most] as [RegressionScore<Everything>, number, number]);

test.each(scores)("split, score %#", (score, least, most) => {
  const trial = (level: number, tied: boolean) => (draw: Draw) => {
    const data = many(n, () => point(draw, tied));
    const last = point(draw, tied);
    const predictor = splitRegressor({ score, alpha: level }).calibrate(
      data.map(({ x }) => predict(x)),
      data.map(({ y }) => y),
    );
    const { lower, upper } = predictor.predictInterval(predict(last.x));
    return lower <= last.y && last.y <= upper;
  };
  holds(`split ${score.name}, ties`, { atLeast: least }, trial(alpha, true));
  holds(`split ${score.name}`, { atLeast: least, atMost: most }, trial(alpha, false));
  if (score.tails === "joint") {
    fails(`split ${score.name} without the test point`, { atLeast: 1 - alpha }, trial(uncorrected(n, alpha), false));
  }
});

test("weights and groups", () => {
  const shifted = (weighted: boolean) => (draw: Draw) => {
    const error = (x: number) => x ** 4 * (draw() - 0.5) ** 3;
    const xs = many(n, draw);
    const y = xs.map(error);
    const x = Math.max(draw(), draw(), draw());
    const own = error(x);
    const calibration = weighted ? { weights: xs.map((value) => 3 * value * value) } : {};
    const { lower, upper } = splitRegressor({ score: absolute, alpha })
      .calibrate(new Float64Array(n), y, calibration)
      .predictInterval(0, weighted ? { weight: 3 * x * x } : {});
    return lower <= own && own <= upper;
  };
  holds("weighted absolute", { atLeast: 1 - alpha }, shifted(true));
  fails("absolute without weights under shift", { atLeast: 1 - alpha }, shifted(false));

  const grouped = (own: boolean) => (draw: Draw) => {
    const groups = many(16, () => (draw() < 0.5 ? "wild" : "tame"));
    groups[0] = "wild";
    const y = groups.map((group) => (draw() - 0.5) * (group === "wild" ? 100 : 1));
    const last = (draw() - 0.5) * 100;
    const { lower, upper } = splitRegressor({ score: absolute, alpha })
      .calibrate(new Float64Array(16), y, own ? { groups } : {})
      .predictInterval(0, own ? { group: "wild" } : {});
    return lower <= last && last <= upper;
  };
  holds("Mondrian groups, the wilder one", { atLeast: 1 - alpha }, grouped(true));
  fails("one threshold for all groups", { atLeast: 1 - alpha }, grouped(false));
});

type Fit = (rows: readonly number[], targets: Float64Array) => (row: number) => number;

/** The target of the nearest row, or the mean of several as near: as unstable as a model can be. */
const nearestFit: Fit = (rows, targets) => (row) => {
  let [least, sum, count] = [Infinity, 0, 0];
  for (let i = 0; i < rows.length; i++) {
    const distance = Math.abs((rows[i] as number) - row);
    if (distance < least) [least, sum, count] = [distance, 0, 0];
    if (distance === least) [sum, count] = [sum + (targets[i] as number), count + 1];
  }
  return count === 0 ? 0 : sum / count;
};

const m = 7;
const crosses: readonly (readonly [string, (seed: number) => CrossRegressor<number>, boolean])[] = [
  ["jackknife+", () => jackknifePlus({ fit: nearestFit, alpha }), false],
  ["jackknife-minmax", () => jackknifeMinmax({ fit: nearestFit, alpha }), true],
  ["CV+ with 3 folds", (seed) => cvPlus({ fit: nearestFit, alpha, folds: 3, seed }), false],
  [
    "jackknife+ after bootstrap",
    (seed) => jackknifePlusAfterBootstrap({ fit: nearestFit, alpha, bootstraps: 8, seed }),
    false,
  ],
];

test.each(crosses)("%s", (name, method, isFull) => {
  const { level } = method(0).calibrate([...Array(m).keys()], new Float64Array(m));
  const trial = (tied: boolean) => (draw: Draw, seed: number) => {
    const data = many(m, () => point(draw, tied));
    const last = point(draw, tied);
    const { lower, upper } = method(seed)
      .calibrate(
        data.map(({ x }) => x),
        data.map(({ y }) => y),
      )
      .predictInterval(last.x);
    return lower <= last.y && last.y <= upper;
  };
  holds(`${name}, ties`, { atLeast: isFull ? 1 - alpha : level }, trial(true));
  holds(name, { atLeast: isFull ? 1 - alpha : level }, trial(false));
});

test("residuals of the training data, which these methods avoid, fall short of even 1 - 2 alpha", () => {
  fails("intervals from training residuals", { atLeast: 1 - 2 * alpha }, (draw) => {
    const data = many(m, () => point(draw, false));
    const last = point(draw, false);
    const xs = data.map(({ x }) => x);
    const model = nearestFit(
      xs,
      Float64Array.from(data, ({ y }) => y),
    );
    const { lower, upper } = splitRegressor({ score: absolute, alpha })
      .calibrate(
        xs.map(model),
        data.map(({ y }) => y),
      )
      .predictInterval(model(last.x));
    return lower <= last.y && last.y <= upper;
  });
});

test("full conformal", () => {
  const full = (
    name: string,
    calibrate: (
      rows: number[][],
      y: number[],
      level: number,
    ) => {
      predictRegion(row: number[]): { contains(y: number): boolean };
    },
  ) => {
    const trial = (tied: boolean, level: number) => (draw: Draw) => {
      const data = many(m, () => point(draw, tied));
      const last = point(draw, tied);
      const predictor = calibrate(
        data.map(({ x }) => [x]),
        data.map(({ y }) => y),
        level,
      );
      return predictor.predictRegion([last.x]).contains(last.y);
    };
    const k = conformalRank(m, alpha) / (m + 1);
    holds(`${name}, ties`, { atLeast: 1 - alpha }, trial(true, alpha));
    holds(name, { atLeast: k, atMost: k }, trial(false, alpha));
    fails(`${name} a rank too low`, { atLeast: 1 - alpha }, trial(false, alpha + 1 / (m + 1)));
  };
  full("full ridge", (rows, y, level) => fullConformalRidge({ alpha: level, lambda: 0.5 }).calibrate(rows, y));
  full("full ridge, leave one out", (rows, y, level) =>
    fullConformalRidge({ alpha: level, lambda: 0.5, leaveOneOut: true }).calibrate(rows, y),
  );
  full("full kNN", (rows, y, level) => fullConformalNeighbours({ alpha: level, k: 2 }).calibrate(rows, y));
});

test("several outputs", () => {
  const covariance = [
    [2, 1],
    [1, 3],
  ];
  for (const score of [maxBox([1, 2]), ellipsoid(covariance), bonferroniBox(2)]) {
    const trial = (level: number, tied: boolean) => (draw: Draw) => {
      const two = () => {
        const { x, y } = point(draw, tied);
        return { prediction: [x, x * x], target: [y, y + point(draw, tied).y] };
      };
      const data = many(n, two);
      const last = two();
      return splitOutputs({ score, alpha: level })
        .calibrate(
          data.map(({ prediction }) => prediction),
          data.map(({ target }) => target),
        )
        .predictRegion(last.prediction)
        .contains(last.target);
    };
    const most = score.thresholds === 1 ? { atMost: exact } : {};
    holds(`outputs, ${score.name}, ties`, { atLeast: 1 - alpha }, trial(alpha, true));
    holds(`outputs, ${score.name}`, { atLeast: 1 - alpha, ...most }, trial(alpha, false));
    if (score.thresholds > 1) continue;
    fails(`outputs, ${score.name} without the test point`, { atLeast: 1 - alpha }, trial(uncorrected(n, alpha), false));
  }
});
