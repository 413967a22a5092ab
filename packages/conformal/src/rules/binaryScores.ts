/**
 * A nonconformity score of "the concept holds", given its probability. That of "it does not hold" is the score at one
 * minus the probability. A plain record, so that a score of your own is an object with the same members.
 */
export interface BinaryScore {
  /** Name in the field. Saved with a calibrated predictor. */
  readonly name: string;
  score(probability: number): number;
  /** The largest score for probabilities in [lower, upper]: what an attacker can do to a calibration point. */
  highest(lower: number, upper: number): number;
  /** The smallest one. */
  lowest(lower: number, upper: number): number;
}

/** `1 - p`: a concept is in the set when its probability reaches a threshold. */
export const binaryLac: BinaryScore = Object.freeze({
  name: "binary-lac",
  score: (p: number): number => 1 - p,
  highest: (lower: number): number => 1 - lower,
  lowest: (_lower: number, upper: number): number => 1 - upper,
});

/**
 * Adaptive prediction sets on the two labels of a concept, without randomisation: p when the concept is the likelier
 * label (p >= 1/2), 1 otherwise. Not monotone in p, so an interval of probabilities costs more than with `binaryLac`.
 *
 * @see Romano, Sesia, Candes, Classification with valid and adaptive coverage (2020)
 */
export const binaryAps: BinaryScore = Object.freeze({
  name: "binary-aps",
  score: (p: number): number => (p >= 0.5 ? p : 1),
  highest: (lower: number, upper: number): number => (lower < 0.5 ? 1 : upper),
  lowest: (lower: number, upper: number): number => (upper < 0.5 ? 1 : Math.max(lower, 0.5)),
});
