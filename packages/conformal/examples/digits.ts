// Handwritten digits: which score makes the best sets? Real MNIST pictures, and a softmax regression on 7 x 7 pixels that
// is trained here. Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/digits.ts
import {
  aps,
  coverage,
  coverageByClass,
  coverageInterval,
  lac,
  margin,
  meanSetSize,
  raps,
  saps,
  sizeStratifiedCoverage,
  splitClassifier,
  topK,
} from "@parsimony/conformal";
import { readDigits } from "./digits/readDigits.ts";
import { trainSoftmax } from "./digits/trainSoftmax.ts";

const { pictures, labels } = readDigits(1);
const model = trainSoftmax(pictures.slice(0, 2000), labels.slice(0, 2000), 10);
const calibration = pictures.slice(2000, 4000).map(model);
const calibrationLabels = labels.slice(2000, 4000);
const test = pictures.slice(4000).map(model);
const testLabels = labels.slice(4000);

const accuracy = test.filter((row, i) => row.indexOf(Math.max(...row)) === testLabels[i]).length / test.length;
console.log(`accuracy ${accuracy.toFixed(4)} on ${test.length} digits, sets at alpha = 0.05`);

const methods = {
  lac: { score: lac },
  margin: { score: margin },
  aps: { score: aps() },
  raps: { score: raps({ lambda: 0.02, kReg: 1 }) },
  saps: { score: saps({ lambda: 0.2 }) },
  topK: { score: topK() },
  "lac for each class": { score: lac, mondrian: "label" },
  "aps for each class": { score: aps(), mondrian: "label" },
} as const;

for (const [name, method] of Object.entries(methods)) {
  const predictor = splitClassifier({ ...method, alpha: 0.05 }).calibrate(calibration, calibrationLabels);
  const sets = predictor.predictSets(test);
  const { lower, upper } = coverageInterval(predictor.quantile, sets.length, { confidence: 1 - 1e-6 });
  const range = predictor.guarantee === "marginal" ? `, expected in [${lower.toFixed(4)}, ${upper.toFixed(4)}]` : "";
  const worst = coverageByClass(sets, testLabels, 10).reduce((a, b) => (b.coverage < a.coverage ? b : a));
  const bySize = sizeStratifiedCoverage(sets, testLabels)
    .map(({ count, coverage: share }, size) => (count < 50 ? "" : `${size}: ${share.toFixed(2)}`))
    .filter((text) => text !== "");
  console.log(
    `${name}: coverage ${coverage(sets, testLabels).toFixed(4)}${range}, mean size ${meanSetSize(sets).toFixed(3)}, ` +
      `worst class ${worst.coverage.toFixed(3)}, by size ${bySize.join(", ")}`,
  );
}
