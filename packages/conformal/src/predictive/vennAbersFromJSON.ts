import { ConformalError } from "../base/errors.ts";
import { checkAscending, readKind, readNumbers } from "../base/savedRecord.ts";
import { type VennAbersPredictor, vennAbersFrom } from "./vennAbers.ts";

const WHERE = "vennAbersFromJSON";

/**
 * The Venn-Abers predictor that `toJSON` described, with the same probabilities bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @throws ConformalError E_JSON
 */
export function vennAbersFromJSON(json: unknown): VennAbersPredictor {
  const saved = readKind(WHERE, json, "parsimony.conformal.venn-abers");
  const scores = readNumbers(WHERE, "scores", saved["scores"]);
  const counts = readNumbers(WHERE, "counts", saved["counts"]);
  const positives = readNumbers(WHERE, "positives", saved["positives"]);
  checkAscending(WHERE, "scores", scores);
  if (scores.length === 0 || counts.length !== scores.length || positives.length !== scores.length) {
    throw new ConformalError("E_JSON", `${WHERE}: scores, counts and positives must be lists of the same length >= 1`);
  }
  counts.forEach((count, i) => {
    const positive = positives[i] as number;
    const distinct = i === 0 || scores[i] !== scores[i - 1];
    if (distinct && Number.isSafeInteger(count) && Number.isInteger(positive) && 0 <= positive && positive <= count) {
      if (count > 0) return;
    }
    throw new ConformalError("E_JSON", `${WHERE}: the counts at scores[${i}] are no counts of a new score`, i);
  });
  return vennAbersFrom({ scores, counts, positives });
}
