import { type SplitClassifierOptions, splitClassifier } from "../classification/splitClassifier.ts";
import type { Region } from "../metrics/region.ts";

/** An example for classification: whatever the procedure needs, with its true class. */
export interface LabelledExample {
  readonly label: number;
}

/** A row of class probabilities with its true class. */
export interface LabelledRow extends LabelledExample {
  readonly probabilities: ArrayLike<number>;
}

/** An example for regression: whatever the procedure needs, with its true value. */
export interface RegressionExample {
  readonly target: number;
}

/** A prediction with its true value. */
export interface PredictedValue extends RegressionExample {
  readonly prediction: number;
}

/** What a predictor says about one example: a set of labels, an interval, or only whether the example is covered. */
export type Outcome = Region | readonly number[] | boolean;

/**
 * A conformal procedure under test: calibrates on examples for an allowed miscoverage alpha, and then answers for any
 * other example, without looking at that example's true value. Wrap a predictor of your own in one: it may give sets of
 * labels, `{ lower, upper }`, or (where a region is awkward to write down) say whether it covers the example.
 */
export type Procedure<Example> = (calibration: readonly Example[], alpha: number) => (test: Example) => Outcome;

/** A procedure that gives sets of labels. */
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
