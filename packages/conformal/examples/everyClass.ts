// One class is rare and hard: a marginal guarantee can neglect it, a label-conditional one cannot.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/everyClass.ts
import { coverage, coverageByClass, lac, meanSetSize, splitClassifier } from "@parsimony/conformal";
import { simulate } from "./simulate.ts";

const classes = 4;
/** A classifier that halves the probability of class 0 and gives the rest to the others in proportion. */
function neglect(row: readonly number[]): number[] {
  const [first = 0] = row;
  return row.map((p, label) => (label === 0 ? first / 2 : first === 1 ? 1 / 6 : (p * (1 - first / 2)) / (1 - first)));
}
const calibration = simulate(2000, classes, 1);
const test = simulate(5000, classes, 2);

for (const mondrian of ["none", "label"] as const) {
  const predictor = splitClassifier({ score: lac, alpha: 0.1, mondrian }).calibrate(
    calibration.rows.map(neglect),
    calibration.labels,
  );
  const sets = predictor.predictSets(test.rows.map(neglect));
  const byClass = coverageByClass(sets, test.labels, classes).map((group) => group.coverage.toFixed(3));
  console.log(
    `${predictor.guarantee}: coverage ${coverage(sets, test.labels).toFixed(3)}, by class ${byClass.join(" ")}, ` +
      `mean size ${meanSetSize(sets).toFixed(2)}`,
  );
}
