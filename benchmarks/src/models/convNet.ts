import { type Tensor, crossEntropy, maxPool2d, random, relu, reshape } from "@parsimony/core-tensor";
import { type ConvParams, type DenseParams, conv, dense, initConv, initDense } from "@parsimony/core-tensor/nn";

/** Two convolutions of 3x3 with 16 and 32 channels, each with a maximum over 2x2, and a dense layer, for images of 28x28. */
export interface ConvNet {
  readonly conv1: ConvParams;
  readonly conv2: ConvParams;
  readonly output: DenseParams;
}

export function initConvNet(key: random.Key): ConvNet {
  const [a, b, c] = random.split(key, 3) as [random.Key, random.Key, random.Key];
  return { conv1: initConv(a, 1, 16, 3), conv2: initConv(b, 16, 32, 3), output: initDense(c, 32 * 7 * 7, 10) };
}

/** [batch, 1, 28, 28] -> [batch, 10] */
export function convNet(params: ConvNet, x: Tensor): Tensor {
  const h1 = maxPool2d(relu(conv(params.conv1, x, { pads: 1 })), { kernel: 2 });
  const h2 = maxPool2d(relu(conv(params.conv2, h1, { pads: 1 })), { kernel: 2 });
  return dense(params.output, reshape(h2, [-1, 32 * 7 * 7]));
}

export function convNetLoss(params: ConvNet, x: Tensor, labels: Tensor): Tensor {
  return crossEntropy(convNet(params, x), labels);
}
