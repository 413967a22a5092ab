// Which candidates to take, when at most 30 % of those taken may disappoint? Workers of 1985, to be picked for a wage
// above 12 dollars an hour from everything but the wage; by conformal selection, and by prediction > 12.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/candidates.ts
import { conformalSelection } from "@parsimony/conformal";
import { leastSquares, split, wages } from "./tabular.ts";

const threshold = 12;
const q = 0.3;
const splits = 100;
const methods = {
  "conformal selection": { false: 0, taken: 0, found: 0 },
  "prediction > 12": { false: 0, taken: 0, found: 0 },
};

for (let seed = 0; seed < splits; seed++) {
  const [train = [], calibration = [], test = []] = split(wages, [180, 200], seed);
  const model = leastSquares(train);
  const predict = (rows: typeof test) => rows.map(({ x }) => model(x));
  const { selected } = conformalSelection(
    predict(calibration),
    calibration.map(({ y }) => y),
    predict(test),
    { threshold, q },
  );
  const predictions = predict(test);
  const plain = [...test.keys()].filter((j) => (predictions[j] ?? 0) > threshold);
  const good = test.filter(({ y }) => y > threshold).length;
  for (const [name, taken] of [
    ["conformal selection", selected],
    ["prediction > 12", plain],
  ] as const) {
    const right = taken.filter((j) => (test[j]?.y ?? 0) > threshold).length;
    methods[name].false += (taken.length - right) / Math.max(1, taken.length) / splits;
    methods[name].taken += taken.length / splits;
    methods[name].found += right / good / splits;
  }
}

for (const [name, { false: wrong, taken, found }] of Object.entries(methods)) {
  console.log(
    `${name}: ${taken.toFixed(1)} of 154 taken, false among them ${wrong.toFixed(3)} (allowed: ${q.toFixed(3)}), ` +
      `found of the good ones ${found.toFixed(3)}`,
  );
}
