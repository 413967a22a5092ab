// Which of the next fifty films are rated above 7? A linear model of the critics' score and the number of votes, 460
// films to calibrate on, and 400 random splits to count the duds among the films that each rule selects.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/fewDuds.ts
import { readFileSync } from "node:fs";
import { conformalPValue } from "@parsimony/conformal";
import { selectBatch } from "@parsimony/conformal/batch";
import { leastSquares } from "./batch/leastSquares.ts";
import { holdOut, randomSplits, verdict } from "./batch/trials.ts";

const [n, m, alpha, trials] = [460, 50, 0.1, 400];
const file = new URL("../node_modules/vega-datasets/data/movies.json", import.meta.url);
type Film = { readonly [name in "IMDB Rating" | "IMDB Votes" | "Rotten Tomatoes Rating"]: number | null };
const rated = (JSON.parse(readFileSync(file, "utf8")) as Film[]).flatMap((film) => {
  const { "IMDB Rating": rating, "IMDB Votes": votes, "Rotten Tomatoes Rating": critics } = film;
  return rating === null || votes === null || critics === null ? [] : [{ rating, row: [critics, Math.log(votes)] }];
});
const { training, pool } = holdOut(rated, 300, 1);
const predict = leastSquares(
  training.map((film) => film.row),
  training.map((film) => film.rating),
);
const films = pool.map(({ rating, row }) => ({ isDud: rating <= 7, prediction: predict(row) }));

type Films = typeof films;
const predictions = (of: Films): number[] => of.map((film) => film.prediction);
const batch = (eta: number) => (calibration: Films, test: Films) =>
  selectBatch({
    calibrationPredictions: predictions(calibration),
    calibrationIsNull: calibration.map((film) => film.isDud),
    testPredictions: predictions(test),
    eta,
    alpha,
  }).selected;
/** A conformal p-value of "this film is a dud" for each film alone. */
const alone = (level: number) => (calibration: Films, test: Films) => {
  const scores = calibration.map((film) => (film.isDud ? film.prediction : -Infinity));
  return test.flatMap((film, j) => (conformalPValue(scores, film.prediction) <= level ? [j] : []));
};

const rules: [name: string, eta: number, select: (calibration: Films, test: Films) => readonly number[]][] = [
  ["selectBatch, no dud", 0, batch(0)],
  ["selectBatch, at most 3 duds", 3, batch(3)],
  ["Bonferroni, no dud", 0, alone(alpha / m)],
  ["each film at level 0.1, at most 3 duds", 3, alone(alpha)],
];
const splits = [...randomSplits(films, n, m, trials, 2)];
for (const [name, eta, select] of rules) {
  let exceeded = 0;
  let selected = 0;
  for (const { calibration, test } of splits) {
    const chosen = select(calibration, test);
    selected += chosen.length / trials;
    if (chosen.filter((j) => test[j]?.isDud).length > eta) exceeded++;
  }
  const share = ((100 * exceeded) / trials).toFixed(1);
  console.log(`${name}: selects ${selected.toFixed(1)}, exceeded in ${share} %, ${verdict(exceeded, trials, alpha)}`);
}
