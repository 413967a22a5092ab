// Real JavaScript under a small language model: the model fills in blanks of statements from packages that are installed
// here, is often wrong, and the parts that can't be trusted are taken out. Is what is left as reliable as promised?
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/holes.ts [report.html]
import { writeFileSync } from "node:fs";
import { calibrateTreeSets, covers } from "@parsimony/conformal/tree";
import { makePredictions } from "./holes/predictions.ts";
import { htmlReport, rowText, shownText } from "./holes/report.ts";
import { BUDGETS, study } from "./holes/study.ts";

const packages = ["acorn", "fast-check"];
const predictions = makePredictions({ packages, seed: 1, blank: 0.1 });
const sum = (of: (prediction: (typeof predictions)[number]) => number) => predictions.reduce((s, p) => s + of(p), 0);
const title =
  `${predictions.length} statements of ${packages.join(" and ")}, ${sum(({ blanks }) => blanks)} blanks, ` +
  `${((100 * sum(({ right }) => right)) / sum(({ blanks }) => blanks)).toFixed(1)} % filled in right`;
console.log(title);

const options = { delta: 0.1, calibration: 400, draws: 200, seed: 2 };
const rows = study(predictions, { ...options, maxHoles: [1, 2, 3, 4], alphas: [0.05, 0.1, 0.2] });
for (const row of rows) console.log(rowText(row));
console.log(`kept its promise in ${rows.filter(({ asPromised }) => asPromised).length} of ${rows.length} settings`);

// Allowing as many errors as alpha says, without the margin for chance.
const allowed = (n: number, alpha: number): number => Math.floor(n * alpha);
for (const row of study(predictions, { ...options, maxHoles: [3], alphas: [0.05, 0.1, 0.2], allowed })) {
  console.log(`without a margin: ${rowText(row)}`);
}

const half = predictions.length >> 1;
const calibrator = calibrateTreeSets({
  examples: predictions.filter((_, i) => i % 2 === 0).slice(0, half),
  budgets: BUDGETS,
  maxHoles: 3,
  alpha: 0.1,
  delta: 0.1,
});
const shown = predictions
  .filter((prediction, i) => i % 2 === 1 && prediction.right < prediction.blanks && prediction.truth.length < 110)
  .slice(0, 60)
  .map((prediction) => {
    const set = calibrator.predictSet(prediction.predicted);
    return { prediction, set, right: covers(set.partial, prediction.target) };
  });
console.log(`\nwith at most 3 holes and alpha = 0.1, statements in which the model was wrong somewhere:`);
for (const example of shown.slice(0, 6)) console.log(`\n${shownText(example)}`);

const [, , page] = process.argv;
if (page?.endsWith(".html")) writeFileSync(page, htmlReport(title, rows, shown));
