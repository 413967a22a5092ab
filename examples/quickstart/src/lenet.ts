import { type Tensor, cast, crossEntropy, div, random, relu } from "@parsimony/core-tensor";
import { type DenseParams, dense, initDense } from "@parsimony/core-tensor/nn";

/** LeNet-300-100 (LeCun et al. 1998): 784 - 300 - 100 - 10, fully connected. */
export interface LeNet {
  readonly hidden1: DenseParams;
  readonly hidden2: DenseParams;
  readonly output: DenseParams;
}

export function initLeNet(key: random.Key): LeNet {
  const [a, b, c] = random.split(key, 3) as [random.Key, random.Key, random.Key];
  return { hidden1: initDense(a, 784, 300), hidden2: initDense(b, 300, 100), output: initDense(c, 100, 10) };
}

/** Grey values [batch, 784] in 0..255 -> logits [batch, 10]. */
export function logits(params: LeNet, images: Tensor): Tensor {
  const x = div(cast(images, "float32"), 255);
  const h1 = relu(dense(params.hidden1, x));
  const h2 = relu(dense(params.hidden2, h1));
  return dense(params.output, h2);
}

/** Mean cross-entropy of a batch. */
export function loss(params: LeNet, images: Tensor, labels: Tensor): Tensor {
  return crossEntropy(logits(params, images), labels);
}
