// Is a predictor of your own valid? A threshold that takes the 90 % quantile of the scores, as one might at first,
// against the conformal one.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/ownPredictor.ts
import { lac } from "@parsimony/conformal";
import { type LabelledRow, marginalCoverageLaw, type SetProcedure, splitProcedure } from "@parsimony/conformal/testing";
import { simulate } from "./simulate.ts";

const plainQuantile: SetProcedure<LabelledRow> = (calibration, alpha) => {
  const scores = calibration.map(({ probabilities, label }) => 1 - (probabilities[label] ?? 0)).sort((a, b) => a - b);
  const threshold = scores[Math.ceil(scores.length * (1 - alpha)) - 1] ?? 0;
  return ({ probabilities }) =>
    [...Array.from(probabilities).keys()].filter((k) => 1 - (probabilities[k] ?? 0) <= threshold);
};

const { rows, labels } = simulate(500, 5, 3);
const examples = rows.map((probabilities, i) => ({ probabilities, label: labels[i] ?? 0 }));
for (const [name, procedure] of [
  ["conformal", splitProcedure({ score: lac })],
  ["plain", plainQuantile],
] as const) {
  const { holds, message } = marginalCoverageLaw({ procedure, examples, alpha: 0.1 });
  console.log(`${name}: ${holds ? "valid" : "not valid"}: ${message}`);
}
