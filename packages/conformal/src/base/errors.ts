/**
 * What was wrong with an argument.
 *
 * - `E_ALPHA`: alpha (or another level: delta, q, a confidence) is not strictly between 0 and 1.
 * - `E_EMPTY_CALIBRATION`: there is no calibration point at all.
 * - `E_NAN`: a NaN among scores, probabilities, weights or uniforms.
 * - `E_LENGTH`: two arguments that belong together differ in length.
 * - `E_PROBS`: a row is no probability vector, or the values are no matrix of rows.
 * - `E_RANGE`: any other value outside its domain, such as a label outside 0..K-1.
 * - `E_WEIGHTS`: weights that are negative, infinite or all zero.
 * - `E_SIGMA`: a scale (difficulty estimate) that is not positive.
 * - `E_MONOTONE`: values that must not rise (or fall) along a grid do.
 * - `E_RULES`: logical rules that name unknown concepts or form no implication.
 * - `E_INCONSISTENT_RULES`: hard rules that no assignment satisfies.
 * - `E_TREEWIDTH`: rules too entangled for exact inference.
 * - `E_TREE`: a value that is no tree: a node met twice, costs that are negative, tokens outside the source.
 * - `E_JSON`: a value that `toJSON` of this package did not write.
 */
export type ConformalErrorCode =
  | "E_ALPHA"
  | "E_EMPTY_CALIBRATION"
  | "E_NAN"
  | "E_LENGTH"
  | "E_PROBS"
  | "E_RANGE"
  | "E_WEIGHTS"
  | "E_SIGMA"
  | "E_MONOTONE"
  | "E_RULES"
  | "E_INCONSISTENT_RULES"
  | "E_TREEWIDTH"
  | "E_TREE"
  | "E_JSON";

/**
 * Bad input to a function of this package. Legal but useless answers (an infinite threshold, the full label set) are
 * results and never errors.
 */
export class ConformalError extends Error {
  override readonly name = "ConformalError";
  /** What was wrong, for programs. */
  readonly code: ConformalErrorCode;
  /** Position of the first offending element or row, where the fault has a position. */
  readonly index: number | undefined;

  constructor(code: ConformalErrorCode, message: string, index?: number) {
    super(message);
    this.code = code;
    this.index = index;
  }
}
