import { type Tensor, cast, div, random, relu } from "@parsimony/core-tensor";
import { type DenseParams, dense, glorotNormal, initDense } from "@parsimony/core-tensor/nn";

/** LeNet-300-100 (LeCun et al. 1998): fully connected, two hidden layers of 300 and 100 units. */
export interface LeNet {
  readonly hidden1: DenseParams;
  readonly hidden2: DenseParams;
  readonly output: DenseParams;
}

/** Gaussian Glorot weights, biases 0 (Frankle and Carbin 2019, section 2). */
export function initLeNet(key: random.Key, pixels: number): LeNet {
  const [a, b, c] = random.split(key, 3) as [random.Key, random.Key, random.Key];
  const weight = { weight: glorotNormal };
  return {
    hidden1: initDense(a, pixels, 300, weight),
    hidden2: initDense(b, 300, 100, weight),
    output: initDense(c, 100, 10, weight),
  };
}

/** Grey values `[batch, pixels]` in 0 to `white` -> logits `[batch, 10]`. */
export function lenetLogits(params: LeNet, images: Tensor, white: number): Tensor {
  const x = div(cast(images, "float32"), white);
  return dense(params.output, relu(dense(params.hidden2, relu(dense(params.hidden1, x)))));
}
