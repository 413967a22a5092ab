import { checkAlpha, checkWhole } from "../base/checks.ts";
import { uniformStream } from "../base/random.ts";
import type { LawVerdict } from "./verdict.ts";

/** A predictor that learns as it goes: given the next score, was it covered by the region announced before? */
export type OnlineProcedure = (score: number) => boolean;

/** The score at time t (from 0), which may answer to what happened before: null at the start. */
export type ScoreSequence = (t: number, lastCovered: boolean | null) => number;

/** Options of `longRunLaw`. */
export interface LongRunLawOptions {
  /** A fresh predictor for an allowed miscoverage. */
  readonly start: (alpha: number) => OnlineProcedure;
  /** What is promised after T steps: `|errors / T - alpha|` is at most this, for every sequence. */
  readonly bound: (steps: number) => number;
  /** Allowed miscoverage. Default 0.1. */
  readonly alpha?: number;
  /** Length of each sequence. Default 2000. */
  readonly steps?: number;
  /** Sequences of scores, by name. Default: `scoreSequences(0)`. */
  readonly sequences?: Readonly<Record<string, ScoreSequence>>;
}

/**
 * Does the share of errors stay within its bound of alpha at every time, whatever the scores are? No probability is
 * involved: one sequence that breaks the bound refutes the promise. Among the sequences are two that react to the
 * predictor.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 */
export function longRunLaw(options: LongRunLawOptions): LawVerdict {
  const law = "longRunLaw";
  const { start, bound, alpha = 0.1, steps = 2000, sequences = scoreSequences(0) } = options;
  checkAlpha(law, alpha);
  checkWhole(law, "steps", steps, 1);
  for (const [name, sequence] of Object.entries(sequences)) {
    const step = start(alpha);
    let last: boolean | null = null;
    let errors = 0;
    for (let t = 0; t < steps; t++) {
      last = step(sequence(t, last));
      if (!last) errors++;
      const away = Math.abs(errors / (t + 1) - alpha);
      if (!(away <= bound(t + 1) + 1e-9)) {
        const message = `"${name}": ${errors} errors in ${t + 1} steps, allowed distance ${bound(t + 1)} from ${alpha}`;
        return { law, holds: false, message };
      }
    }
  }
  const count = Object.keys(sequences).length;
  return { law, holds: true, message: `${count} sequences of ${steps} steps stay within the bound` };
}

/** Sequences of scores in [0, 1] that are hard for online predictors, by name. */
export function scoreSequences(seed: number): Record<string, ScoreSequence> {
  const uniform = uniformStream(seed);
  let level = 0.5;
  return {
    uniform: () => uniform(),
    "all 0": () => 0,
    "all 1": () => 1,
    alternating: (t) => t % 2,
    "long blocks": (t) => (Math.floor(t / 250) % 2 === 0 ? 0.2 : 0.9),
    rising: (t) => t / (t + 200),
    "hard after success": (_t, lastCovered) => (lastCovered === false ? 0 : 1),
    "climbs while covered": (t, lastCovered) => {
      if (t === 0) level = 0.5;
      level = Math.min(1, Math.max(0, level + (lastCovered ? 0.05 : -0.2)));
      return level;
    },
  };
}
