// Three ways to make sets from the same probabilities: what they promise, what they keep, and how large they are.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/sets.ts
import { aps, coverage, coverageInterval, lac, meanSetSize, setSizes, splitClassifier } from "@parsimony/conformal";
import { simulate } from "./simulate.ts";

const classes = 10;
const calibration = simulate(1000, classes, 1);
const test = simulate(5000, classes, 2);
const methods = { lac, aps: aps(), "aps without u": aps({ randomized: false }) };

for (const [name, score] of Object.entries(methods)) {
  const predictor = splitClassifier({ score, alpha: 0.1 }).calibrate(calibration.rows, calibration.labels);
  const sets = predictor.predictSets(test.rows);
  const observed = coverage(sets, test.labels);
  const { lower, upper } = coverageInterval(predictor.quantile, sets.length);
  console.log(
    `${name}: coverage ${observed.toFixed(4)}, expected within [${lower.toFixed(4)}, ${upper.toFixed(4)}], ` +
      `mean size ${meanSetSize(sets).toFixed(2)}, sizes 0 to ${classes}: ${setSizes(sets, classes).join(" ")}`,
  );
}
