import { uniformStream } from "@parsimony/conformal";
import { type CostTree, type ESTreeNode, type TreeExample, estreeAdapter, tokenCosts } from "@parsimony/conformal/tree";
import { parseProgram, parseTokens, readCorpus, statementsOf } from "./corpus.ts";
import { LanguageModel } from "./languageModel.ts";

/** A statement in which the model filled in the tokens that were blanked out. */
export interface Prediction extends TreeExample<ESTreeNode> {
  readonly predicted: CostTree<ESTreeNode>;
  /** The statement as it is in the package. */
  readonly truth: string;
  /** The statement with the model's tokens. */
  readonly guess: string;
  readonly blanks: number;
  readonly right: number;
}

export interface PredictionsOptions {
  /** Installed packages: acorn, fast-check. */
  readonly packages: readonly string[];
  readonly seed: number;
  /** Share of names, numbers, strings and operators that are blanked out. */
  readonly blank: number;
}

/**
 * Trains a language model on half of the top-level statements of real packages, blanks out tokens of statements in the
 * other half, and lets the model fill them in from left to right. As in an editor, it then learns from the statement
 * before it goes to the next. Tokens that were given are certain. Statements with no blank, and the few whose completion
 * is no program, are left out.
 */
export function makePredictions({ packages, seed, blank }: PredictionsOptions): Prediction[] {
  const u = uniformStream(seed);
  const parts = readCorpus(packages).map((part) => ({ part, held: u() < 0.5 }));
  const model = new LanguageModel();
  for (const { part, held } of parts) if (!held) model.learn(parseTokens(part) ?? []);

  const statements = parts.flatMap(({ part, held }) => (held ? [statementsOf(part, 6, 45)] : []));
  const order = statements.map((list) => ({ list, at: u() })).sort((a, b) => a.at - b.at);
  const predictions: Prediction[] = [];
  for (const { list } of order) {
    const seen: number[] = [];
    for (const truth of list) {
      const prediction = fillIn(model, truth, seen, () => u() < blank);
      if (prediction !== undefined) predictions.push(prediction);
    }
  }
  return predictions;
}

/** Words of the part that was read so far count as recent. */
function fillIn(model: LanguageModel, truth: string, seen: number[], blanked: () => boolean): Prediction | undefined {
  const tokens = parseTokens(truth) ?? [];
  let guess = "";
  let from = 0;
  let blanks = 0;
  let right = 0;
  const before = [model.id({ text: "", kind: "fixed" }), model.id({ text: "", kind: "fixed" })];
  const priced: { start: number; end: number; logprob: number }[] = [];
  const blank = tokens.map(({ kind }) => kind !== "fixed" && blanked());
  for (const [t, token] of tokens.entries()) {
    let text = token.text;
    let logprob = 0;
    let word = model.id(token);
    if (blank[t] === true) {
      const next = tokens[t + 1];
      const behind = next === undefined || blank[t + 1] === true ? -1 : model.id(next);
      const recent = seen.filter((id) => model.kinds[id] === token.kind).slice(-60);
      const gap = { before: before.slice(-2) as [number, number], behind, kind: token.kind, recent };
      ({ word, logprob } = model.guess(gap));
      text = model.words[word] as string;
      blanks += 1;
      if (text === token.text) right += 1;
    }
    before.push(word);
    guess += truth.slice(from, token.start);
    priced.push({ start: guess.length, end: guess.length + text.length, logprob });
    guess += text;
    from = token.end;
  }
  for (const token of tokens) seen.push(model.id(token));
  model.learn(tokens);
  guess += truth.slice(from);
  const target = parseProgram(truth);
  const tree = parseProgram(guess);
  if (blanks === 0 || target === undefined || tree === undefined) return undefined;
  const predicted = tokenCosts<ESTreeNode>(tree, priced, estreeAdapter, { source: guess });
  return { predicted, target, truth, guess, blanks, right };
}
