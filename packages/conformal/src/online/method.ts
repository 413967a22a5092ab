import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { type JsonNumber, encodeNumber } from "../base/json.ts";

/**
 * Why an online threshold is infinite.
 *
 * - `too-few-calibration`: no calibration score is large enough for the working level.
 * - `level-at-most-0`, `level-at-least-1`: the working level left (0, 1): everything is covered, or nothing.
 * - `saturated`: the integrator of `conformalPid` has run into its limit.
 */
export type OnlineReason = "too-few-calibration" | "level-at-most-0" | "level-at-least-1" | "saturated";

/** What an online method says before the next outcome is seen. */
export interface OnlineThreshold {
  /** The outcome is covered when its score is <= `threshold`. Infinity covers everything. */
  readonly threshold: number;
  /** Is `threshold` a finite number? */
  readonly finite: boolean;
  /** The working miscoverage level, of methods that move a level; it may leave (0, 1). */
  readonly alpha?: number;
  /** Why the threshold is infinite. With a reason and `threshold` -Infinity the set is empty. */
  readonly reason?: OnlineReason;
}

/** What was said, and whether it held. */
export interface OnlineStep extends OnlineThreshold {
  /** Was the score covered? */
  readonly covered: boolean;
}

/** Plain numbers and lists of numbers by name. */
export type OnlineState = Readonly<Record<string, number | readonly number[]>>;

/** What `toJSON` of an online method writes and `onlineFromJSON` reads. */
export interface OnlineMethodJSON {
  readonly kind: "parsimony.conformal.online-method";
  readonly version: 1;
  readonly method: string;
  readonly options: Readonly<Record<string, JsonNumber | readonly JsonNumber[]>>;
  readonly state: Readonly<Record<string, JsonNumber | readonly JsonNumber[]>>;
}

/**
 * A method that turns a stream of nonconformity scores into thresholds, each said before its score is seen. It changes
 * with every `step`; everything else leaves it as it is.
 */
export interface OnlineMethod {
  /** The name of the method, as in `toJSON`. */
  readonly method: string;
  /** The target share of uncovered scores. */
  readonly alpha: number;
  /** `long-run` where a bound for every sequence is exported beside the method, else `none`. */
  readonly guarantee: Extract<Guarantee, "long-run" | "none">;
  /** The threshold for the next score. */
  threshold(): OnlineThreshold;
  /** Learns the next score, and says how the threshold before it did. @throws ConformalError E_NAN, E_RANGE */
  step(score: number): OnlineStep;
  /** All that the method has learned, as plain numbers. */
  state(): OnlineState;
  /** Options and state; `onlineFromJSON` goes on from there with the same bits. */
  toJSON(): OnlineMethodJSON;
}

/** What a method adds to the common interface. */
export interface OnlineParts {
  readonly method: string;
  readonly alpha: number;
  readonly guarantee: Extract<Guarantee, "long-run" | "none">;
  readonly threshold: () => OnlineThreshold;
  /** Learns a checked score; `said` is what `threshold` gave before. */
  readonly learn: (score: number, covered: boolean, said: OnlineThreshold) => void;
  readonly options: () => OnlineState;
  readonly state: () => OnlineState;
}

/** The common interface around the parts of a method. */
export function onlineMethod({
  method,
  alpha,
  guarantee,
  threshold,
  learn,
  options,
  state,
}: OnlineParts): OnlineMethod {
  return Object.freeze({
    method,
    alpha,
    guarantee,
    threshold,
    state,
    step(score: number): OnlineStep {
      if (typeof score !== "number" || Number.isNaN(score)) {
        throw new ConformalError("E_NAN", `${method}: the score is not a number, got ${score}`);
      }
      const said = threshold();
      const covered = covers(said, score);
      learn(score, covered, said);
      return Object.freeze({ ...said, covered });
    },
    toJSON: (): OnlineMethodJSON => ({
      kind: "parsimony.conformal.online-method",
      version: 1,
      method,
      options: encode(options()),
      state: encode(state()),
    }),
  });
}

/** Is a score covered? An empty set covers nothing, not even a score of -Infinity. */
export function covers({ threshold, reason }: OnlineThreshold, score: number): boolean {
  return score <= threshold && !(threshold === -Infinity && reason !== undefined);
}

/** A threshold with its derived fields. */
export function thresholdOf(threshold: number, more: { alpha?: number; reason?: OnlineReason } = {}): OnlineThreshold {
  return Object.freeze({ threshold, finite: Number.isFinite(threshold), ...more });
}

function encode(values: OnlineState): Record<string, JsonNumber | JsonNumber[]> {
  const encoded = Object.entries(values).map(([name, value]): [string, JsonNumber | JsonNumber[]] => [
    name,
    typeof value === "number" ? encodeNumber(value) : Array.from(value, encodeNumber),
  ]);
  return Object.fromEntries(encoded);
}
