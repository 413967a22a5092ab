import { type Tensor, crossEntropy, random, relu } from "@parsimony/core-tensor";
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

/** [batch, 784] -> [batch, 10] */
export function leNet(params: LeNet, x: Tensor): Tensor {
  return dense(params.output, relu(dense(params.hidden2, relu(dense(params.hidden1, x)))));
}

export function leNetLoss(params: LeNet, x: Tensor, labels: Tensor): Tensor {
  return crossEntropy(leNet(params, x), labels);
}
