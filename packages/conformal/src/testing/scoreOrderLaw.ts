import type { LawVerdict } from "./verdict.ts";

/** A procedure on bare scores: calibrates, then says whether a new score is covered. */
export type ScoreProcedure = (calibration: readonly number[], alpha: number) => (score: number) => boolean;

/** Options of `scoreOrderLaw`. */
export interface ScoreOrderLawOptions {
  readonly procedure: ScoreProcedure;
  /** Finite calibration scores. */
  readonly calibration: readonly number[];
  /** Finite scores to ask for. */
  readonly tests: readonly number[];
  /** Levels to try. Default 0.05, 0.1, 0.3. */
  readonly alphas?: readonly number[];
}

/**
 * Does only the order of scores count? A covered score makes every smaller one covered, and strictly increasing
 * transforms of all scores (to their ranks, squares of ranks, negative reciprocals) change no answer. Conformal
 * thresholds on order statistics have both properties; a threshold from a mean and a deviation doesn't, and weighted or
 * interpolated ones lose the second.
 */
export function scoreOrderLaw(options: ScoreOrderLawOptions): LawVerdict {
  const { procedure, calibration, tests, alphas = [0.05, 0.1, 0.3] } = options;
  const law = "scoreOrderLaw";
  const distinct = [...new Set([...calibration, ...tests])].sort((a, b) => a - b);
  const rankOf = new Map(distinct.map((score, i) => [score, i + 1]));
  const rank = (score: number): number => rankOf.get(score) as number;
  const transforms = {
    "their ranks": rank,
    "squares of their ranks": (score: number): number => rank(score) ** 2,
    "negative reciprocals of their ranks": (score: number): number => -1 / rank(score),
  };
  for (const alpha of alphas) {
    const covers = procedure(calibration, alpha);
    const answers = tests.map((score) => covers(score));
    const most = Math.max(...tests.filter((_, i) => answers[i]));
    const missed = tests.findIndex((score, i) => score < most && !answers[i]);
    if (missed >= 0) {
      const message = `score ${tests[missed]} is not covered at alpha = ${alpha}, though ${most} is`;
      return { law, holds: false, message };
    }
    for (const [name, transform] of Object.entries(transforms)) {
      const transformed = procedure(calibration.map(transform), alpha);
      const changed = tests.findIndex((score, i) => transformed(transform(score)) !== answers[i]);
      if (changed >= 0) {
        const message = `score ${tests[changed]} has another answer at alpha = ${alpha} when scores become ${name}`;
        return { law, holds: false, message };
      }
    }
  }
  return { law, holds: true, message: `${tests.length} scores have the same answers after increasing transforms` };
}
