/**
 * Trains a model: examples and their labels in, a function from an example to its class probabilities `[classes]` out.
 * Must be deterministic and must not depend on the order of the examples; everything that is proved rests on it.
 */
export type FitClassifier<Example> = (
  examples: readonly Example[],
  labels: readonly number[],
) => (example: Example) => ArrayLike<number>;
