// A whole distribution for the value of a home, against the usual bell curve around the prediction: are its
// probabilities right, and how good is it in CRPS? Homes in Boston; the scale of the errors is learnt too.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/distribution.ts
import { predictiveSystem } from "@parsimony/conformal";
import { houses, leastSquares, split } from "./tabular.ts";

/** The standard normal distribution function. */
function normalCdf(z: number): number {
  // Simpson's rule from 0: exact to 1e-10 for |z| < 8, which is all that is needed.
  const steps = 400;
  const h = Math.min(8, Math.abs(z)) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++)
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2) / 2);
  const area = (sum * h) / 3 / Math.sqrt(2 * Math.PI);
  return z < 0 ? 0.5 - area : 0.5 + area;
}
/** CRPS of the standard normal distribution for an outcome z, in closed form. */
const gaussianCrps = (z: number) =>
  z * (2 * normalCdf(z) - 1) + 2 * (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) - 1 / Math.sqrt(Math.PI);

const splits = 20;
const names = ["bell curve", "predictive system", "normalised predictive system"];
const results = names.map(() => ({ crps: 0, half: 0, covered: 0, width: 0 }));
let tests = 0;

for (let seed = 0; seed < splits; seed++) {
  const [train = [], calibration = [], test = []] = split(houses, [200, 199], seed);
  const model = leastSquares(train);
  // A second model for the size of the errors, fitted to what the first one left.
  const size = leastSquares(train.map(({ x, y }) => ({ x, y: Math.log(Math.abs(y - model(x)) + 0.5) })));
  const sigma = ({ x }: { readonly x: readonly number[] }) => Math.exp(size(x));
  const mu = calibration.map(({ x }) => model(x));
  const y = calibration.map((row) => row.y);
  const plain = predictiveSystem().calibrate(mu, y);
  const normalised = predictiveSystem().calibrate(mu, y, { scales: calibration.map(sigma) });
  const sd = Math.sqrt(train.reduce((sum, row) => sum + (row.y - model(row.x)) ** 2, 0) / train.length);
  for (const row of test) {
    const prediction = model(row.x);
    tests++;
    const z = (row.y - prediction) / sd;
    const bell = results[0]!;
    bell.crps += sd * gaussianCrps(z);
    if (Math.abs(z) <= 0.67448975) bell.half++;
    if (Math.abs(z) <= 1.6448536) bell.covered++;
    bell.width += 2 * 1.6448536 * sd;
    for (const [k, distribution] of [
      [1, plain.predictDistribution(prediction)],
      [2, normalised.predictDistribution(prediction, { scale: sigma(row) })],
    ] as const) {
      const result = results[k]!;
      const { lower, upper } = distribution.interval(0.1);
      result.crps += distribution.crps(row.y);
      const middle = distribution.interval(0.5);
      if (middle.lower <= row.y && row.y <= middle.upper) result.half++;
      if (lower <= row.y && row.y <= upper) result.covered++;
      result.width += upper - lower;
    }
  }
}

for (const [k, name] of names.entries()) {
  const { crps, half, covered, width } = results[k]!;
  console.log(
    `${name}: CRPS ${(crps / tests).toFixed(3)}, 50 % interval covers ${(half / tests).toFixed(3)}, ` +
      `90 % interval ${(covered / tests).toFixed(3)}, its width ${(width / tests).toFixed(2)}`,
  );
}
