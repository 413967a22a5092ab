import { checkUniforms, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { type JsonNumber, decodeNumber, encodeNumber } from "../base/json.ts";
import { rowUniform } from "../base/random.ts";
import { checkAscending, encodeNumbers, readKind, readNumbers } from "../base/savedRecord.ts";
import { orderStatistics } from "../quantile/orderStatistics.ts";
import type { Betting } from "./betting/betting.ts";
import { simpleJumperBetting } from "./betting/simpleJumperBetting.ts";

/** Options of `testMartingale`. */
export interface TestMartingaleOptions {
  /** How to bet against uniform p-values. Default `simpleJumperBetting()`. */
  readonly betting?: Betting;
  /** Seed of the numbers that smooth p-values, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/** The evidence after one more score. */
export interface MartingaleStep {
  /** The smoothed p-value of this score among all so far; uniform and independent of the earlier ones. */
  readonly pValue: number;
  /** Natural logarithm of the martingale: the capital of a gambler who began with 1. */
  readonly logMartingale: number;
  /** The largest `logMartingale` so far, 0 at the start. */
  readonly logMaximum: number;
  /** Natural logarithm of the Shiryaev-Roberts statistic `R_n = (R_(n-1) + 1) factor_n`. */
  readonly logShiryaevRoberts: number;
}

/** A test of exchangeability that goes on for as long as scores come. */
export interface TestMartingale {
  readonly guarantee: Extract<Guarantee, "anytime">;
  /** Number of scores so far. */
  readonly size: number;
  readonly logMartingale: number;
  readonly logMaximum: number;
  readonly logShiryaevRoberts: number;
  /** Valid at any time: at most t, ever, with probability at most t. `1 / maximum`. */
  readonly pValue: number;
  /**
   * Takes one score, in about `O(log n)`.
   *
   * @param score larger = stranger; infinite ones are allowed. It may depend on earlier data only in ways that treat
   *   them all alike: by a model that was fixed beforehand, say
   * @param options `u`: a uniform number in (0, 1], in place of the seeded one
   * @throws ConformalError E_NAN, E_RANGE
   */
  step(score: number, options?: { readonly u?: number }): MartingaleStep;
  /** Plain data for `JSON.stringify`, from which `testMartingaleFromJSON` goes on bit for bit. Holds all scores. */
  toJSON(): TestMartingaleJSON;
}

/** A saved test martingale. */
export interface TestMartingaleJSON {
  readonly kind: "parsimony.conformal.test-martingale";
  readonly version: 1;
  readonly seed: number;
  /** Name of the betting, and the state of its process. */
  readonly betting: string;
  readonly state: unknown;
  /** All scores so far, ascending. */
  readonly scores: readonly JsonNumber[];
  readonly logMartingale: JsonNumber;
  readonly logMaximum: JsonNumber;
  readonly logShiryaevRoberts: JsonNumber;
}

interface Progress {
  readonly scores: Float64Array;
  readonly state: unknown;
  readonly logMartingale: number;
  readonly logMaximum: number;
  readonly logShiryaevRoberts: number;
}

const BEGINNING: Progress = {
  scores: new Float64Array(0),
  state: undefined,
  logMartingale: 0,
  logMaximum: 0,
  logShiryaevRoberts: -Infinity,
};

/**
 * A conformal test martingale: evidence, updated with every score, that the scores are not exchangeable (drift, a
 * change, an order). While they are, its expectation is 1 at all times, so that the probability of ever reaching c is
 * at most 1/c (Ville's inequality): raise an alarm at 100, and a false one ever happens with probability at most 1 %.
 *
 * For a change that may come late, `logShiryaevRoberts` reacts faster. While the scores are exchangeable, it takes at
 * least c scores on average until that statistic first reaches c; false alarms are bounded in frequency, not for ever.
 *
 * @throws ConformalError E_RANGE
 * @see Vovk, Nouretdinov, Gammerman, Testing exchangeability on-line (2003); Vovk, Testing randomness online (2021)
 */
export function testMartingale(options: TestMartingaleOptions = {}): TestMartingale {
  const { betting = simpleJumperBetting(), seed = 0 } = options;
  checkWhole("testMartingale", "seed", seed, 0);
  return resume(betting, seed, BEGINNING);
}

/** Options of `testMartingaleFromJSON`. */
export interface TestMartingaleFromJSONOptions {
  /** The betting that it was made with. Default `simpleJumperBetting()`. */
  readonly betting?: Betting;
}

/**
 * The test martingale that `toJSON` described, which goes on as the saved one would, bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved martingale
 * @throws ConformalError E_JSON, E_RANGE
 */
export function testMartingaleFromJSON(json: unknown, options: TestMartingaleFromJSONOptions = {}): TestMartingale {
  const { betting = simpleJumperBetting() } = options;
  const where = "testMartingaleFromJSON";
  const saved = readKind(where, json, "parsimony.conformal.test-martingale");
  if (saved["betting"] !== betting.name) {
    const found = JSON.stringify(saved["betting"]);
    throw new ConformalError("E_JSON", `${where}: saved with betting ${found}, but got ${betting.name}`);
  }
  const seed = decodeNumber(where, "seed", saved["seed"]);
  checkWhole(where, "seed", seed, 0);
  const scores = readNumbers(where, "scores", saved["scores"]);
  checkAscending(where, "scores", scores);
  const logMartingale = decodeNumber(where, "logMartingale", saved["logMartingale"]);
  const logMaximum = decodeNumber(where, "logMaximum", saved["logMaximum"]);
  const logShiryaevRoberts = decodeNumber(where, "logShiryaevRoberts", saved["logShiryaevRoberts"]);
  if (!(logMaximum >= Math.max(0, logMartingale))) {
    throw new ConformalError("E_JSON", `${where}: logMaximum is below logMartingale`);
  }
  const state = saved["state"];
  return resume(betting, seed, { scores, state, logMartingale, logMaximum, logShiryaevRoberts });
}

function resume(betting: Betting, seed: number, progress: Progress): TestMartingale {
  const process = betting.start(progress.state);
  const seen = orderStatistics(progress.scores);
  let { logMartingale, logMaximum, logShiryaevRoberts } = progress;
  return Object.freeze({
    guarantee: "anytime" as const,
    get size(): number {
      return seen.size;
    },
    get logMartingale(): number {
      return logMartingale;
    },
    get logMaximum(): number {
      return logMaximum;
    },
    get logShiryaevRoberts(): number {
      return logShiryaevRoberts;
    },
    get pValue(): number {
      return Math.exp(-logMaximum);
    },

    step(score: number, { u = 1 - rowUniform(seed, [seen.size]) }: { readonly u?: number } = {}): MartingaleStep {
      const where = "step";
      checkUniforms(where, [u]);
      if (u === 0) throw new ConformalError("E_RANGE", `${where}: u must be above 0, where densities may be infinite`);
      seen.insert(score);
      const upTo = seen.countAtMost(score);
      const pValue = (seen.size - upTo + u * (upTo - seen.countBelow(score))) / seen.size;
      const factor = process.step(pValue);
      if (Number.isNaN(factor)) throw new ConformalError("E_NAN", `${where}: betting ${betting.name} gave NaN`);
      logMartingale += factor;
      logMaximum = Math.max(logMaximum, logMartingale);
      logShiryaevRoberts = logOnePlus(logShiryaevRoberts) + factor;
      return { pValue, logMartingale, logMaximum, logShiryaevRoberts };
    },

    toJSON: (): TestMartingaleJSON => ({
      kind: "parsimony.conformal.test-martingale",
      version: 1,
      seed,
      betting: betting.name,
      state: process.state(),
      scores: encodeNumbers(seen.values()),
      logMartingale: encodeNumber(logMartingale),
      logMaximum: encodeNumber(logMaximum),
      logShiryaevRoberts: encodeNumber(logShiryaevRoberts),
    }),
  });
}

/** `log(1 + exp(x))` without overflow. */
function logOnePlus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
