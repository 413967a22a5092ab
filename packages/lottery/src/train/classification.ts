import { type Tensor, argMax, cast, crossEntropy, equal } from "@parsimony/core-tensor";

/** Examples of a classifier. */
export interface LabelledBatch {
  /** `[batch, ...]` */
  readonly inputs: Tensor;
  /** `[batch]`, whole numbers from 0. */
  readonly labels: Tensor;
}

/** What `jitTrainer` needs to know of a model. */
export interface Objective<P, B> {
  /** What is minimised: the mean over a batch, a scalar. */
  loss(params: P, batch: B): Tensor;
  /** What is reported of every example: `loss` and whatever else, each `[batch]`. */
  metrics(params: P, batch: B): Readonly<Record<string, Tensor>> & { readonly loss: Tensor };
}

/**
 * Cross-entropy as the loss, with `accuracy` as the second metric (1 for an example whose largest logit is the label's).
 *
 * @param logits `[batch, classes]` from parameters and inputs
 */
export function classification<P>(logits: (params: P, inputs: Tensor) => Tensor): Objective<P, LabelledBatch> {
  return {
    loss: (params, { inputs, labels }) => crossEntropy(logits(params, inputs), labels),
    metrics(params, { inputs, labels }) {
      const scores = logits(params, inputs);
      return {
        loss: crossEntropy(scores, labels, { reduction: "none" }),
        accuracy: cast(equal(argMax(scores, -1), cast(labels, "int32")), "float32"),
      };
    },
  };
}
