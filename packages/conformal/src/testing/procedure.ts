import { type SplitClassifierOptions, splitClassifier } from "../classification/splitClassifier.ts";

/** An example as the laws see it: whatever the procedure needs, with its true class. */
export interface LabelledExample {
  readonly label: number;
}

/** A row of class probabilities with its true class. */
export interface LabelledRow extends LabelledExample {
  readonly probabilities: ArrayLike<number>;
}

/**
 * A conformal procedure under test: calibrates on examples for an allowed miscoverage alpha, and then gives the set of
 * labels of any other example, without looking at that example's label. Wrap a predictor of your own in one.
 */
export type SetProcedure<Example extends LabelledExample> = (
  calibration: readonly Example[],
  alpha: number,
) => (test: Example) => readonly number[];

/** `splitClassifier` as a procedure for the laws. */
export function splitProcedure(options: Omit<SplitClassifierOptions, "alpha">): SetProcedure<LabelledRow> {
  return (calibration, alpha) => {
    const rows = calibration.map((example) => example.probabilities);
    const labels = calibration.map((example) => example.label);
    const predictor = splitClassifier({ ...options, alpha }).calibrate(rows, labels);
    return (test) => predictor.predictSet(test.probabilities).labels;
  };
}
