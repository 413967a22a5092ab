import type { SourceToken } from "./corpus.ts";

/** Words after a context: how often each. */
type Counts = Map<number, number>;

/** What is known around a blank. */
export interface Gap {
  /** The two words before. */
  readonly before: readonly [number, number];
  /** The word behind, or -1 when it is blank too. */
  readonly behind: number;
  readonly kind: SourceToken["kind"];
  /** Words of this kind that were used lately: programs repeat their names. */
  readonly recent: readonly number[];
}

/**
 * A word-level model with interpolated Kneser-Ney smoothing (Kneser and Ney 1995, in the interpolated form of Chen and
 * Goodman 1999), discount 0.75: the mean of a model of a word after the two before it and one of a word between its
 * neighbours, each backing off to single neighbours, mixed with the words used lately.
 */
export class LanguageModel {
  readonly words: string[] = [];
  readonly kinds: SourceToken["kind"][] = [];
  readonly #ids = new Map<string, number>();
  readonly #byKind = new Map<string, number[]>();
  readonly #trigrams = new Map<number, Counts>();
  readonly #between = new Map<number, Counts>();
  readonly #bigrams = new Map<number, Counts>();
  readonly #ahead = new Map<number, Counts>();
  readonly #unigrams: number[] = [];
  #pairs = 0;

  id({ text, kind }: Pick<SourceToken, "text" | "kind">): number {
    const key = `${kind} ${text}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.words.length;
      this.#ids.set(key, id);
      this.words.push(text);
      this.kinds.push(kind);
      this.#unigrams.push(0);
      this.#byKind.set(kind, [...(this.#byKind.get(kind) ?? []), id]);
    }
    return id;
  }

  /** Counts the tokens of one text; lower orders count different contexts, as Kneser and Ney do. */
  learn(tokens: readonly SourceToken[]): void {
    const ids = tokens.map((token) => this.id(token));
    for (let t = 2; t < ids.length; t++) {
      const [u, v, w] = [ids[t - 2] as number, ids[t - 1] as number, ids[t] as number];
      const next = ids[t + 1];
      if (next !== undefined) {
        add(this.#between, context(v, next), w);
        add(this.#ahead, next, w);
      }
      if (add(this.#trigrams, context(u, v), w) > 1) continue;
      if (add(this.#bigrams, v, w) > 1) continue;
      this.#unigrams[w] = (this.#unigrams[w] as number) + 1;
      this.#pairs += 1;
    }
  }

  /** The most probable word for a gap, with its log-probability among the words of that kind. */
  guess({ before: [u, v], behind, kind, recent }: Gap): { word: number; logprob: number } {
    const scores = new Map<number, number>();
    const two = this.#bigrams.get(v);
    const left = this.#trigrams.get(context(u, v));
    const both = behind < 0 ? undefined : this.#between.get(context(v, behind));
    const ahead = behind < 0 ? undefined : this.#ahead.get(behind);
    const rest = { two: backoff(two), ahead: backoff(ahead), left: backoff(left), both: backoff(both) };
    let total = 0;
    for (const w of this.#byKind.get(kind) ?? []) {
      const p1 = ((this.#unigrams[w] as number) + 0.1) / (this.#pairs + 0.1 * this.words.length);
      const p2 = discounted(two, w) + rest.two * p1;
      const near = behind < 0 ? p2 : Math.sqrt(p2 * (discounted(ahead, w) + rest.ahead * p1));
      const p = (discounted(left, w) + rest.left * p2 + discounted(both, w) + rest.both * near) / 2;
      scores.set(w, p);
      total += p;
    }
    const share = recent.length === 0 ? 0 : 0.2;
    for (const [w, p] of scores) scores.set(w, ((1 - share) * p) / total);
    for (const w of recent) scores.set(w, (scores.get(w) ?? 0) + share / recent.length);
    let best = { word: -1, p: 0 };
    for (const [word, p] of scores) if (p > best.p) best = { word, p };
    return { word: best.word, logprob: Math.min(0, Math.log(best.p)) };
  }
}

const DISCOUNT = 0.75;
const totals = new WeakMap<Counts, number>();

function context(u: number, v: number): number {
  return u * 2 ** 20 + v;
}

function add(table: Map<number, Counts>, key: number, word: number): number {
  const counts: Counts = table.get(key) ?? new Map<number, number>();
  if (counts.size === 0) table.set(key, counts);
  const count = (counts.get(word) ?? 0) + 1;
  counts.set(word, count);
  totals.set(counts, (totals.get(counts) ?? 0) + 1);
  return count;
}

function discounted(counts: Counts | undefined, word: number): number {
  const count = counts?.get(word);
  return counts === undefined || count === undefined ? 0 : (count - DISCOUNT) / (totals.get(counts) as number);
}

function backoff(counts: Counts | undefined): number {
  return counts === undefined ? 1 : (DISCOUNT * counts.size) / (totals.get(counts) as number);
}
