import { favourite, labelsWithin, type ClassificationScore } from "./scores/score.ts";

/** Why a set holds labels that nothing speaks for. */
export type SetReason = "too-few-calibration" | "unseen-group";

/** The labels that a predictor cannot rule out for one row. */
export interface PredictionSet {
  /** Class indices in ascending order. */
  readonly labels: readonly number[];
  /** Was the set empty and the most probable label put in, as `allowEmpty: false` asks? */
  readonly forced: boolean;
  /**
   * Set when some label, perhaps every one, is in only because there was too little calibration data to rule it out:
   * too few points for the level, or none of the row's group.
   */
  readonly reason?: SetReason;
}

/** What a set is made with, beside the thresholds. */
export interface SetOptions {
  readonly score: ClassificationScore;
  readonly allowEmpty: boolean;
}

/** The labels of a row whose score is at most one threshold. */
export function setWithin(
  row: Float64Array,
  u: number,
  threshold: number,
  reason: SetReason | undefined,
  options: SetOptions,
): PredictionSet {
  return finish(labelsWithin(options.score, row, u, threshold), row, reason, options);
}

/** The labels of a row whose score is at most a threshold of their own; `buffer` `[classes]` is for the scores. */
export function setWithinEach(
  row: Float64Array,
  u: number,
  thresholds: Float64Array,
  buffer: Float64Array,
  reason: SetReason | undefined,
  options: SetOptions,
): PredictionSet {
  const { score } = options;
  const scores = score.rowScores(row, u, buffer);
  const labels: number[] = [];
  for (let label = 0; label < scores.length; label++) {
    if ((scores[label] as number) <= (thresholds[label] as number)) labels.push(label);
  }
  return finish(score.contiguous === true ? withoutGaps(labels) : labels, row, reason, options);
}

/** The set of all labels. */
export function fullSet(classes: number, reason: SetReason): PredictionSet {
  return { labels: Array.from({ length: classes }, (_, label) => label), forced: false, reason };
}

function finish(
  labels: number[],
  row: Float64Array,
  reason: SetReason | undefined,
  { allowEmpty }: SetOptions,
): PredictionSet {
  const forced = labels.length === 0 && !allowEmpty;
  const kept = forced ? [favourite(row)] : labels;
  return reason === undefined ? { labels: kept, forced } : { labels: kept, forced, reason };
}

/** The interval from the first label to the last: larger sets keep what is promised. */
export function withoutGaps(labels: readonly number[]): number[] {
  const [first] = labels;
  const last = labels.at(-1);
  if (first === undefined || last === undefined) return [];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
